"""Is one language model's output better than another's, and can the judge that says so be trusted?"""

from __future__ import annotations

from importlib import import_module
from typing import TYPE_CHECKING, Any

if TYPE_CHECKING:
    from judge.api import (
        agree,
        analyze,
        audit_judge,
        audit_judge_async,
        audit_recorded,
        audit_rubric,
        audit_rubric_async,
        check_items,
        check_labels,
        compare,
        compare_async,
        diagnose,
        diff_runs,
        draw_labels,
        draw_spotcheck,
        export_run,
        import_labels,
        plan_labels,
        rank,
        rank_async,
        read_spotcheck,
        report_run,
        resume_run,
        resume_run_async,
        score,
        score_async,
    )
    from judge.errors import InputError, JudgeError, ProviderError, StoreError
    from judge.types import Capabilities, Estimate, Item, JudgeModel, Response, Rubric
    from judge.workflow.reporting import Result

_PLACES = {
    "Capabilities": "judge.types",
    "Estimate": "judge.types",
    "InputError": "judge.errors",
    "Item": "judge.types",
    "JudgeError": "judge.errors",
    "JudgeModel": "judge.types",
    "ProviderError": "judge.errors",
    "Response": "judge.types",
    "Result": "judge.workflow.reporting",
    "Rubric": "judge.types",
    "StoreError": "judge.errors",
    "agree": "judge.api",
    "analyze": "judge.api",
    "audit_judge": "judge.api",
    "audit_judge_async": "judge.api",
    "audit_recorded": "judge.api",
    "audit_rubric": "judge.api",
    "audit_rubric_async": "judge.api",
    "check_items": "judge.api",
    "check_labels": "judge.api",
    "compare": "judge.api",
    "compare_async": "judge.api",
    "diagnose": "judge.api",
    "diff_runs": "judge.api",
    "draw_labels": "judge.api",
    "draw_spotcheck": "judge.api",
    "export_run": "judge.api",
    "import_labels": "judge.api",
    "plan_labels": "judge.api",
    "rank": "judge.api",
    "rank_async": "judge.api",
    "read_spotcheck": "judge.api",
    "report_run": "judge.api",
    "resume_run": "judge.api",
    "resume_run_async": "judge.api",
    "score": "judge.api",
    "score_async": "judge.api",
}

__all__ = [
    "Capabilities",
    "Estimate",
    "InputError",
    "Item",
    "JudgeError",
    "JudgeModel",
    "ProviderError",
    "Response",
    "Result",
    "Rubric",
    "StoreError",
    "agree",
    "analyze",
    "audit_judge",
    "audit_judge_async",
    "audit_recorded",
    "audit_rubric",
    "audit_rubric_async",
    "check_items",
    "check_labels",
    "compare",
    "compare_async",
    "diagnose",
    "diff_runs",
    "draw_labels",
    "draw_spotcheck",
    "export_run",
    "import_labels",
    "plan_labels",
    "rank",
    "rank_async",
    "read_spotcheck",
    "report_run",
    "resume_run",
    "resume_run_async",
    "score",
    "score_async",
]


def __getattr__(name: str) -> Any:
    """The public name, loaded on first use."""
    if name not in _PLACES:
        raise AttributeError(f"module 'judge' has no attribute {name!r}")
    return getattr(import_module(_PLACES[name]), name)
