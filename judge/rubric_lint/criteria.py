"""Rules about criteria: one quality each, none that the judge is not told, and weights that it is told."""

from __future__ import annotations

import re
from collections.abc import Iterator, Sequence
from itertools import pairwise

from judge.rubric_lint.seen import Fault, Seen, Told, first, flat, holds, quoted
from judge.types import Criterion

# Words for one quality and its lack, a line each: two of one line ask one thing, of two lines two things.
_QUALITIES = (
    "clear unclear clarity clearly understandable readable readability comprehensible lucid",
    "concise concisely concision conciseness brief brevity succinct terse wordy verbose",
    "correct incorrect correctly correctness accurate inaccurate accuracy accurately true false untrue "
    "wrong factual factually factuality truthful truthfulness",
    "complete incomplete completeness completely thorough thoroughly thoroughness comprehensive "
    "exhaustive detailed depth in-depth",
    "helpful unhelpful helpfulness useful useless usefulness actionable",
    "relevant irrelevant relevance relevancy pertinent on-topic off-topic",
    "coherent coherence coherently incoherent logical illogical consistent inconsistent consistency "
    "organised organized well-organised well-organized structured well-structured",
    "polite politely impolite politeness rude respectful courteous friendly friendliness empathetic empathy",
    "safe unsafe safety harmless harmful harmlessness harm rude hateful toxic offensive abusive",
    "honest dishonest honesty truthful truthfulness sincere candid",
    "creative creativity original originality imaginative inventive",
    "engaging interesting entertaining boring captivating",
    "grammatical ungrammatical grammar spelling fluent fluency fluently well-written",
    "professional professionally professionalism",
    "unbiased biased impartial",
)
_KINDS = {
    word: frozenset(n for n, line in enumerate(_QUALITIES) if word in line.split())
    for line in _QUALITIES
    for word in line.split()
}

_JOINS = {"and", "or", "and/or", "&", "/", "plus", "but"}
_REACH = 3  # words on either side of one that joins
_TOKEN = re.compile(r"and/or|[A-Za-z]+(?:-[A-Za-z]+)*|[&/,]")
_QUOTES = re.compile(r'"[^"]*"|“[^”]*”')
_CLAUSE = re.compile(
    r"\b(?:and|or),? (?:is|are|does|do|did|has|have|can|could|would|will|was|were) "
    r"(?:it|they|its|their|the|there|this|every|all)\b",
    re.IGNORECASE,
)


def double_barrelled(seen: Seen) -> Iterator[Fault]:
    """A criterion that asks about two qualities gets one label for both, and nobody knows of which."""
    for n, criterion in enumerate(seen.rubric.criteria):
        if said := _two_things(criterion, labelled=seen.rubric.mode == "single"):
            yield Fault(f"criteria[{n}].question", said)


def _two_things(criterion: Criterion, *, labelled: bool) -> str:
    """What a criterion asks beside the first thing, "" where it asks one. labelled: it has its own label."""
    question = _QUOTES.sub(" ", criterion.question)
    pair = _joined(question) or _joined(re.sub(r"[_-]", " ", criterion.name))
    if pair:
        return f"asks about two qualities at once: {pair[0]} and {pair[1]}"
    if question.count("?") > 1:
        return f"has {question.count('?')} questions, and one answer"
    # Anchors say how the parts make one label.
    if labelled and not criterion.anchors and (clause := _CLAUSE.search(question)):
        return f"asks two questions at once ({quoted(clause[0])})"
    return ""


def _joined(text: str) -> tuple[str, str] | None:
    """Two words for different qualities with a joining word between them."""
    tokens = [token.casefold() for token in _TOKEN.findall(text)]
    for place, token in enumerate(tokens):
        reach = _REACH if token in _JOINS else 1 if token == "," else 0
        before, after = tokens[max(0, place - reach) : place], tokens[place + 1 : place + 1 + reach]
        for one in before:
            for other in after:
                kinds = _KINDS.get(one), _KINDS.get(other)
                if kinds[0] and kinds[1] and not kinds[0] & kinds[1]:
                    return one, other
    return None


def hidden(seen: Seen) -> Iterator[Fault]:
    """A criterion whose question no judge reads, or whose anchors none reads, decides nothing."""
    for told in seen.wordings:
        for n, criterion in enumerate(seen.rubric.criteria):
            # A template may say a single criterion in its own words.
            if len(seen.rubric.criteria) > 1 and not _is_told(criterion, told.text):
                yield Fault(told.whole, f"does not show criterion {criterion.name} (criteria[{n}])")
            elif (lost := _lost_anchors(criterion, told.text)) and told.key == "":
                yield Fault(f"criteria[{n}].anchors", f"{_labels(lost)} not shown by the wording")


def _is_told(criterion: Criterion, text: str) -> bool:
    return flat(criterion.question) in text or holds(text.casefold(), criterion.name.casefold())


def _lost_anchors(criterion: Criterion, text: str) -> list[str]:
    return [label for label, said in criterion.anchors.items() if flat(said) not in text]


def _labels(labels: list[str]) -> str:
    names = ", ".join(labels)
    return f"the meaning of {names} is" if len(labels) == 1 else f"the meanings of {names} are"


# -- weights -------------------------------------------------------------------------------------

_WEIGHED = re.compile(
    r"\bweigh|\bimportan|\bfirst\b|\bpriorit|matters? most|\bmainly\b|\d\s*%|\btwice\b|\bcount(?:s|ing)? "
    r"(?:most|more|double|for more)|\bthan\b[^.]{0,30}\bany other|\bmost\b",
    re.IGNORECASE,
)
_ALIKE = re.compile(
    r"\b(?:equal(?:ly)? (?:weight|weights|weighted|important|importance)|weigh(?:s|ed)? (?:all )?(?:the same|"
    r"equally)|count(?:s)? (?:the same|equally|alike)|of equal (?:weight|importance)|same weight)\b",
    re.IGNORECASE,
)


def weights(seen: Seen) -> Iterator[Fault]:
    """A weight acts through the words only: what the judge is not told, or told otherwise, is not weighed."""
    criteria = seen.rubric.criteria
    differ = any(a.weight != b.weight for a, b in pairwise(criteria))
    for told in seen.wordings:
        if differ and (phrase := first(_ALIKE, told.text)):
            yield Fault(told.at(phrase), f"{quoted(phrase)}, and the weights differ")
        elif differ and not _WEIGHED.search(told.text) and not _numbers_told(criteria, told.text):
            yield Fault(told.whole, "says nothing of the weights, which differ")
        yield from _other_shares(criteria, told)


def _numbers_told(criteria: Sequence[Criterion], text: str) -> bool:
    return all(
        re.search(rf"{re.escape(flat(c.name))}[^.\n]{{0,40}}?{c.weight:g}", text, re.I)
        for c in criteria
    )


def _other_shares(criteria: Sequence[Criterion], told: Told) -> Iterator[Fault]:
    """Percentages behind the criteria's names that are not the shares of their weights."""
    total = sum(criterion.weight for criterion in criteria)
    for criterion in criteria if len(criteria) > 1 else ():
        name = re.escape(flat(criterion.name))
        match = re.search(rf"\b{name}\b\s*(?:\(|:|=|-|–)?\s*(\d+(?:\.\d+)?)\s*%", told.text, re.I)
        if match and abs(float(match[1]) - 100 * criterion.weight / total) > 1:
            share = f"{100 * criterion.weight / total:.0f} %"
            yield Fault(told.at(match[0]), f"{quoted(match[0])}, and by its weight it has {share}")
