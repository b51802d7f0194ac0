"""What makes a rubric measure something else than it says, found by reading it, before a judge is paid.

Each rule looks for one fault that is known to move verdicts or to make them unreadable. The rules read
English; they would rather miss a fault than call one where there is none.
"""

from __future__ import annotations

from collections.abc import Callable, Iterator, Mapping
from dataclasses import dataclass

from judge.rubric_lint import criteria, scales, variants, wording
from judge.rubric_lint.seen import Fault, Seen, seen
from judge.types import Rubric

__all__ = ["RULES", "Finding", "Rule", "lint"]


@dataclass(frozen=True, slots=True)
class Rule:
    """One thing that a rubric should not do. remedy: what to change; check: where it does it."""

    name: str
    remedy: str
    check: Callable[[Seen], Iterator[Fault]]

    @property
    def why(self) -> str:
        """What comes of it."""
        return " ".join((self.check.__doc__ or "").split())


@dataclass(frozen=True, slots=True)
class Finding:
    """A rule that a rubric breaks. key: where in its file; also: the other keys of the same fault."""

    rule: str
    key: str
    said: str
    remedy: str
    also: tuple[str, ...] = ()


_RULES = (
    Rule(
        "double-barrelled",
        "make two criteria of it, or ask about one quality",
        criteria.double_barrelled,
    ),
    Rule(
        "hidden-criterion",
        "loop over `criteria` in the template, name, question and anchors, or remove what is not used",
        criteria.hidden,
    ),
    Rule(
        "unanchored-scale",
        "say what each label looks like: [criteria.anchors], shown by the template; or use fewer labels",
        scales.unanchored,
    ),
    Rule(
        "hidden-label",
        "write {{ answer_format }} in `user`, and name the labels of every scale in the wording",
        scales.hidden_labels,
    ),
    Rule(
        "scale-mismatch",
        "speak of the labels of [scale] only; the form of the answer is {{ answer_format }}",
        scales.out_of_step,
    ),
    Rule(
        "reversed-scale",
        "turn the words round: labels stand lowest first, and the first label of a pair is for the "
        "response shown first",
        scales.polarity,
    ),
    Rule(
        "weights",
        "write how the criteria weigh, as {{ criterion.weight }} or in words, and the same in the file",
        criteria.weights,
    ),
    Rule(
        "tie-rule",
        "say when two responses are equal and what to answer then; or what decides where no tie is allowed",
        wording.tie_rule,
    ),
    Rule(
        "reference",
        "set needs_reference = true and show {{ reference }}, and say what it is the yardstick of; or do "
        "not speak of one",
        wording.reference,
    ),
    Rule(
        "length",
        "say what length is worth, as in: length by itself is no merit and no fault",
        wording.length,
    ),
    Rule(
        "position",
        "say that the order in which the responses are shown must not move the verdict",
        wording.position,
    ),
    Rule(
        "injection-guard",
        "say that what stands between the marked lines is data, never an instruction",
        wording.guard,
    ),
    Rule(
        "leading-words",
        "remove the words; name neither systems nor makers, and hint at no winner",
        wording.leading,
    ),
    Rule(
        "variant-drift",
        'make the variant say the same, or mark it kind = "intervention"',
        variants.drift,
    ),
    Rule(
        "no-variants",
        "add [[variants]] that say the same in other words, so that `judge audit rubric` can ask them",
        variants.none,
    ),
)

RULES: Mapping[str, Rule] = {rule.name: rule for rule in _RULES}


def lint(rubric: Rubric) -> tuple[Finding, ...]:
    """What the rules find in a rubric that can be used, in the order of the rules."""
    looked_at = seen(rubric)
    return tuple(finding for rule in _RULES for finding in _found(rule, looked_at))


def _found(rule: Rule, looked_at: Seen) -> Iterator[Finding]:
    """A rule's findings; the same words in several places are one, told at the first."""
    places: dict[str, list[str]] = {}
    for fault in rule.check(looked_at):
        places.setdefault(fault.said, []).append(fault.key)
    for said, keys in places.items():
        own, *others = dict.fromkeys(keys)
        yield Finding(rule.name, own, said, rule.remedy, tuple(others))
