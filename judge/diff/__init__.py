"""What moved between runs: what they share, how their numbers differ, and which verdicts flipped."""
