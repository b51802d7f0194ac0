"""Sets of people's labels: their files, rules, splits, keys, checks and plans."""
