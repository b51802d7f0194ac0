"""Does an audit find what was planted, and nothing where nothing was, and with how many items?

    python -m benchmarks.audit

writes docs/audit-power.md. Simulated judges, in process and without the store, whose verdicts are drawn
from a known truth and go through `judge.audit.measured`, the callable that a report uses.
"""
