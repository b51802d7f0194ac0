"""One item of a run for people: its texts, and what every judge said of it in every order."""

from __future__ import annotations

from collections.abc import Iterable, Iterator, Mapping, Sequence
from textwrap import indent

from judge.logprobs import mass
from judge.report.words import clean
from judge.types import Item, Judgment, Response, Status, Verdict

# How a verdict is mostly read; nobody needs to be told.
_PLAIN_METHODS = ("", "structured", "text")


def text(item: Item, judgments: Sequence[Judgment]) -> str:
    """The item and its judgments as plain text, control characters made harmless."""
    return "\n\n".join([*_texts(item), *(_judgment(judgment) for judgment in judgments)])


def _texts(item: Item) -> Iterator[str]:
    facts = [item.item_id, *([item.category] if item.category else [])]
    yield f"item {clean(', '.join(facts))}"
    yield _block("prompt", item.prompt)
    if item.reference:
        yield _block("reference", [item.reference])
    for response in item.responses:
        yield _block(_title(response), response.turns)


def _title(response: Response) -> str:
    return f"{response.system} ({response.length:,} characters)"


def _block(title: str, turns: Iterable[str]) -> str:
    lines = "\n\n".join("\n".join(clean(line) for line in turn.split("\n")) for turn in turns)
    return f"{clean(title)}\n{indent(lines, '    ')}"


def _judgment(judgment: Judgment) -> str:
    trial, verdict = judgment.trial, judgment.verdict
    shown = trial.system_a
    if trial.system_b is not None:
        shown = " then ".join(trial.shown((trial.system_a, trial.system_b)))
    repeat = f", repeat {trial.repeat}" if trial.repeat > 1 else ""
    head = f"{trial.judge}, {trial.rubric}, shown {shown}{repeat}: {_said(judgment, verdict)}"
    return _block(head, [verdict.explanation or verdict.reason or "(no explanation)"])


def _said(judgment: Judgment, verdict: Verdict) -> str:
    if verdict.status is not Status.OK:
        return str(verdict.status).replace("_", " ")
    trial = judgment.trial
    is_pair = trial.system_b is not None
    names = {"a": trial.system_a, "b": str(trial.system_b), "tie": "tie"} if is_pair else {}
    said = f"{verdict.score:.4g}" if verdict.label is None else verdict.label
    facts = [f"{name} {label}" for name, label in verdict.criteria.items()]
    if verdict.p_a is not None:
        facts.append(f"P({trial.system_a} better) + P(tie) / 2 = {verdict.p_a:.3f}")
    if verdict.p_dist is not None:
        facts.append(_weighed(verdict.p_dist, names))
    if verdict.method not in _PLAIN_METHODS:
        facts.append(f"by {verdict.method}")
    told = names.get(said, said)
    return f"{told} ({', '.join(facts)})" if facts else told


def _weighed(dist: Mapping[str, float], names: Mapping[str, str]) -> str:
    """The probabilities of the labels, and how much of it all they are."""
    shares = " ".join(f"{names.get(label, label)} {p:.3f}" for label, p in dist.items())
    return f"{mass(dist):.3f} on the scale: {shares or 'none'}"
