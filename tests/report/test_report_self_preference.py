"""The section on self-preference: what was found first, one quiet line for the rest, a plot."""

from __future__ import annotations

from typing import Any

from report_samples import e, judge, report

from judge.report.blocks import Bullets, Disclosure, Forest, Paragraph, Table
from judge.report.schema import JudgeSelfPreference, KinNoSkill, Report, SelfPreference
from judge.report.sections import self_preference

COINS = (("fair coin", -0.1), ("always first", 0.02))


def terms(value: float, p: float, **changes: Any) -> JudgeSelfPreference:
    own = e(value, value - 0.05, value + 0.05, unit="difference", se=0.025)
    none = e(unit="difference", note="no other model of its family")
    coins = [KinNoSkill.model_validate({"judge": j, "self": v, "family": None}) for j, v in COINS]
    known: dict[str, Any] = {
        "measured": True,
        "self": own,
        "family": none,
        "p_self": p,
        "n_own": 40,
        "no_skill": coins,
        "note": "",
    }
    return JudgeSelfPreference.model_validate(known | changes)


def made(*found: tuple[str, float, float]) -> Report:
    whole = terms(0.1, 0.2).model_dump(by_alias=True)
    panel = SelfPreference.model_validate(whole | {"rubric": "", "margin": None, "left_out": []})
    judges = [judge(name, self_preference=terms(value, p)) for name, value, p in found]
    return report(judges=judges, self_preference=[panel])


def test_what_was_found_comes_first_the_largest_before_the_rest() -> None:
    blocks = self_preference.blocks(made(("a", 0.1, 0.01), ("b", 0.3, 0.001), ("c", 0.0, 0.9)))
    warned, quiet = (b for b in blocks[1:3] if isinstance(b, Bullets))
    assert [item.split(" favours")[0] for item in warned.items] == ["b", "a"]
    assert warned.tone == "warning"
    assert quiet.items[0].startswith(
        "c on its own answers: checked, nothing found; an effect above"
    )


def test_judges_for_whom_nothing_was_found_are_one_line() -> None:
    blocks = self_preference.blocks(made(("a", 0.01, 0.8), ("b", 0.02, 0.7)))
    (line,) = (item for b in blocks if isinstance(b, Bullets) for item in b.items)
    assert line.startswith("a on its own answers and b on its own answers: checked, nothing found")
    assert isinstance(blocks[-1], Disclosure)


def test_the_plot_is_in_points_about_none_and_the_table_has_no_empty_columns() -> None:
    blocks = self_preference.blocks(made(("a", 0.1, 0.01)))
    (plot,) = (b for b in blocks if isinstance(b, Forest))
    assert next((mark.label, mark.value) for mark in plot.marks) == ("a: own", 10.0)
    assert plot.axis.middle == 0.0
    assert plot.caption.endswith("in points")
    (table,) = (b for b in blocks if isinstance(b, Table) and b.columns[0].title == "judge")
    assert "its family" not in [column.title for column in table.columns]


def test_judges_without_skill_stand_beside_it_in_one_line() -> None:
    blocks = self_preference.blocks(made(("a", 0.1, 0.01)))
    lines = [item for b in blocks if isinstance(b, Bullets) for item in b.items]
    assert (
        "Without any skill, in the place of one of these: a fair coin -10.0 points; always the first "
        "+2.0 points."
    ) in lines


def test_what_was_not_measured_is_one_short_line() -> None:
    bare = SelfPreference.model_validate(
        {"rubric": "", "margin": None, "left_out": [], "note": "no family is declared for base"}
    )
    _, line = self_preference.blocks(report(self_preference=[bare]))
    assert isinstance(line, Paragraph)
    assert line.text == "Not measured: no family is declared for base."
