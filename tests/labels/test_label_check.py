"""What is wrong with labels is found, and what is right with them is not."""

from __future__ import annotations

from collections.abc import Callable
from dataclasses import replace

import numpy as np
import pytest

from judge.labels.check import Finding, Known, LabelsReport, checked
from judge.labels.sets import read_items, read_label_set
from judge.report.labels_check import text
from judge.table import from_rows
from judge.types import HumanLabel, Item, Response, Scale


def labels(n: int = 24, raters: int = 3, seed: int = 1) -> list[HumanLabel]:
    """Raters who mostly agree, on pairs shown in either order, drawn with probability 0.5."""
    rng = np.random.default_rng(seed)
    truth = rng.choice(["a", "b"], n)
    return [
        HumanLabel(
            f"i{k}",
            f"r{r}",
            system_a="x",
            system_b="y",
            label=str(truth[k] if rng.random() < 0.9 else "tie"),
            order_shown=("AB", "BA")[(k + r) % 2],
            inclusion_prob=0.5,
            split=("dev", "calib", "test")[k % 3],
        )
        for k in range(n)
        for r in range(raters)
    ]


def items(n: int = 24) -> tuple[Item, ...]:
    words = [
        "red",
        "blue",
        "green",
        "gold",
        "pink",
        "grey",
        "teal",
        "lime",
        "plum",
        "rust",
        "navy",
        "mint",
    ]
    prompts = [" ".join(np.random.default_rng(k).choice(words, 40)) for k in range(n)]
    pair = (Response("x", ("one",)), Response("y", ("two",)))
    return tuple(Item(f"i{k}", (prompt,), pair) for k, prompt in enumerate(prompts))


def changed(which: Callable[[HumanLabel], bool], **fields: object) -> list[HumanLabel]:
    return [replace(one, **fields) if which(one) else one for one in labels()]  # type: ignore[arg-type]


def found(report: LabelsReport) -> dict[str, Finding]:
    return {one.name: one for one in report.findings if one.count}


KNOWN = Known("mine@1", origin="human", items=items(), all_items=True)


def test_a_sound_set_has_nothing_to_mend_or_know() -> None:
    report = checked(labels(), KNOWN)
    assert found(report) == {}
    assert report.holds
    assert report.splits == {"calib": 8, "dev": 8, "test": 8}


def test_the_packaged_set_is_sound() -> None:
    one = read_label_set("support-synthetic")
    report = checked(one.labels, Known(one.id, items=read_items(one), all_items=True))
    assert report.holds
    assert (report.labels, report.raters, report.units) == (72, 3, 24)


def first_of(name: str, rows: list[HumanLabel], known: Known = KNOWN) -> str:
    """The first case of a finding that must be there."""
    return found(checked(rows, known))[name].first[0]


def test_each_fault_is_found_with_its_case() -> None:
    r0: Callable[[HumanLabel], bool] = lambda one: one.rater == "r0"  # noqa: E731
    assert first_of("one_label", changed(r0, label="a")) == "r0 (a, 24 times)"
    assert first_of("one_order", changed(r0, order_shown="AB")) == "r0 (AB)"
    i3: Callable[[HumanLabel], bool] = lambda one: one.item_id == "i3"  # noqa: E731
    both: Callable[[HumanLabel], bool] = lambda one: i3(one) and r0(one)  # noqa: E731
    assert first_of("several_splits", changed(both, split="test")) == "i3 (dev, test)"
    assert first_of("several_probs", changed(both, inclusion_prob=0.1)) == "i3 (x, y)"
    assert first_of("unknown_splits", changed(i3, split="train")) == "train"
    assert first_of("no_split", changed(i3, split=None)) == "i3"
    lacking = found(checked(changed(i3, inclusion_prob=None), KNOWN))["no_inclusion_prob"]
    assert (lacking.count, lacking.out_of, lacking.first) == (3, 72, ("i3",))
    assert first_of("no_order", changed(i3, order_shown=None)) == "i3"
    assert first_of("unlabelled", [one for one in labels() if not i3(one)]) == "i3"
    alone = [one for one in labels() if not i3(one) or r0(one)]
    assert first_of("one_rater", alone) == "i3 (x, y)"


def test_a_rater_who_uses_labels_the_other_way_round_agrees_with_nobody() -> None:
    other = {"a": "b", "b": "a", "tie": "tie"}
    rows = [
        replace(one, label=other[one.label or "tie"]) if one.rater == "r1" else one
        for one in labels()
    ]
    assert first_of("against_all", rows).startswith("r1 (kappa -")
    assert found(checked(rows, KNOWN))["against_all"].count == 1


def test_a_rater_who_names_the_first_shown_leans_to_it() -> None:
    rows = [
        replace(one, label="a" if one.order_shown == "AB" else "b") if one.rater == "r2" else one
        for one in labels()
    ]
    assert first_of("leaning", rows) == "r2 (the first in 24 of 24)"


def test_a_rater_who_says_two_things_of_one_pair_is_named() -> None:
    one = labels()[0]
    again = replace(
        one,
        order_shown="BA" if one.order_shown == "AB" else "AB",
        label="tie" if one.label != "tie" else "a",
    )
    assert first_of("contradicting", [*labels(), again]) == "i0 (x, y) by r0"


def test_a_cluster_or_prompt_in_two_splits_is_a_leak() -> None:
    own = [replace(item, cluster="c") if item.item_id in ("i0", "i1") else item for item in items()]
    assert first_of("leaks", labels(), replace(KNOWN, items=own)) == "i1 (calib) = i0 (dev)"
    prompt = items()[0].prompt[0]
    near = [
        replace(item, prompt=(f"{prompt} please",)) if item.item_id == "i4" else item
        for item in items()
    ]
    assert first_of("near_leaks", labels(), replace(KNOWN, items=near)).startswith(
        "i0 (dev) ~ i4 (calib)"
    )
    same = [replace(item, prompt=(prompt,)) if item.item_id == "i3" else item for item in items()]
    assert first_of("duplicates", labels(), replace(KNOWN, items=same)) == "i3 = i0"


def test_labels_off_the_scale_are_errors() -> None:
    rows = [HumanLabel(f"i{k}", "r", system="x", score=float(k)) for k in range(4)]
    scale = Scale("ordinal", ("1", "2", "3"), (1.0, 2.0, 3.0))
    assert first_of("impossible_labels", rows, Known("f", scale=scale)) == "i0 by r: 0.0"


def test_verdicts_under_another_rubric_or_on_other_pairs_are_told() -> None:
    rows = [
        {
            "item_id": f"i{k}",
            "system_a": "y",
            "system_b": "x",
            "judge": "j",
            "label": "a",
            "rubric": "safety@1",
        }
        for k in range(20)
    ]
    known = replace(KNOWN, table=from_rows("pairwise", rows), rubric="helpfulness")
    named = found(checked(labels(), known))
    assert named["other_rubric"].first == ("safety@1 (20 verdicts)",)
    assert (named["not_judged"].count, named["not_judged"].first[0]) == (4, "i20 (x, y)")
    assert "other_rubric" not in found(checked(labels(), replace(known, rubric="safety")))


def test_a_criterion_without_verdicts_is_an_error() -> None:
    rows = [{"item_id": "i0", "system": "x", "judge": "j", "score": 1, "criterion": "tone"}]
    said = [HumanLabel("i0", "r", system="x", score=1.0)]
    known = Known("f", table=from_rows("single", rows))
    assert first_of("other_criterion", said, known) == "(overall)"


def test_contradictions_of_the_files_are_errors() -> None:
    known = replace(KNOWN, against=[("raters of set.toml without a label: remove them", ["cy"])])
    report = checked(labels(), known)
    assert not report.holds
    assert found(report)["files"].first == ("raters of set.toml without a label (cy)",)


@pytest.mark.parametrize("width", [40, 80, 100])
def test_the_text_keeps_to_the_width_and_names_what_was_looked_for(width: int) -> None:
    rows = changed(lambda one: one.item_id == "i3", split=None, inclusion_prob=None)
    said = text(checked(rows, KNOWN), width=width)
    assert all(len(line) <= width for line in said.splitlines())
    assert "To know" in said
    assert "Looked for and not found" in said
    assert "To mend" not in said
