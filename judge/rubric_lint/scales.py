"""Rules about labels: what they mean, and that the words and the scale speak of the same ones."""

from __future__ import annotations

import re
from collections.abc import Iterator, Sequence

from judge.rubric_lint.seen import Fault, Seen, Told, first, holds, quoted
from judge.types import Criterion, Rubric, Scale
from judge.wording_forms import LABELS_MIRRORED

FEW = 3  # so many labels need no description: the ends and the middle
_MEANS = r"means?|is|are|stands? for|if|when|where|for|indicates?|denotes?"


# -- what labels mean ----------------------------------------------------------------------------


def unanchored(seen: Seen) -> Iterator[Fault]:
    """Without a description of its levels every judge and every day has a scale of its own."""
    if seen.rubric.mode == "pairwise":
        return
    for key, scale, criteria in _scales(seen.rubric):
        if len(scale.labels) <= FEW or not _are_bare(scale.labels):
            continue
        if any(criterion.anchors for criterion in criteria):
            continue
        known = described(seen.own.lines, scale.labels)
        inner = [label for label in scale.labels[1:-1] if label in known]
        if inner and len(known) * 2 >= len(scale.labels):
            continue
        yield Fault(key, _unsaid(scale.labels, known, inner))


def _unsaid(labels: Sequence[str], known: set[str], inner: list[str]) -> str:
    if known and not inner:
        return f"only the ends of {len(labels)} labels are described"
    if known:
        return f"{len(known)} of {len(labels)} labels are described"
    return f"none of {len(labels)} labels ({labels[0]} to {labels[-1]}) is described"


def _scales(rubric: Rubric) -> Iterator[tuple[str, Scale, list[Criterion]]]:
    """Each scale with its key and the criteria that are rated on it."""
    on_it = [c for c in rubric.criteria if c.scale is None or c.scale == rubric.scale]
    yield "scale.labels", rubric.scale, on_it
    for n, criterion in enumerate(rubric.criteria):
        if criterion.scale is not None and criterion.scale != rubric.scale:
            yield f"criteria[{n}].scale.labels", criterion.scale, [criterion]


def _are_bare(labels: Sequence[str]) -> bool:
    """Whether the labels say nothing by themselves: numbers, or letters."""
    return all(re.fullmatch(r"[+-]?\d+(?:\.\d+)?|[A-Za-z]", label) for label in labels)


def described(lines: str, labels: Sequence[str]) -> set[str]:
    """The labels that the text says something about."""
    found = {label for label in labels if re.search(_said_of(label), lines)}
    for low, high in re.findall(r"(\d+)\s*(?:-|–|to)\s*(\d+)\s*(?:=|:|\(|means|is|are)", lines):
        if low in labels and high in labels:
            found |= set(labels[labels.index(low) : labels.index(high) + 1])
    listed = set(re.findall(r"^[ \t>*-]*(\w+)[.)]\s+[A-Za-z]", lines, re.MULTILINE))
    return found | set(labels) if set(labels) == listed else found


def _said_of(label: str) -> str:
    """A pattern of a label with something said of it: `1 = bad`, `"A" if`, `5 (best)`, `Score 2: so-so`."""
    return (
        rf"(?<![\w.-])[\"'“(\[]*{re.escape(label)}[\"'”)\]]*"
        rf"(?:\s*(?:=|:|–|—|\()\s*|\s+-+\s+|,?\s+(?:{_MEANS})\s+)[\"'“(]*[A-Za-z]"
    )


def hidden_labels(seen: Seen) -> Iterator[Fault]:
    """Labels that nobody names cannot be given."""
    scales = [scale for _, scale, _ in _scales(seen.rubric)]
    for told in seen.wordings:
        if not told.has_format:
            lost = [one for one in seen.rubric.scale.labels if not holds(told.text, one)]
            if lost:
                yield Fault(told.whole, f"names neither the form of the answer nor {_listed(lost)}")
        for key, scale in zip([k for k, _, _ in _scales(seen.rubric)][1:], scales[1:], strict=True):
            lost = [one for one in scale.labels if not holds(told.text, one)]
            if lost:
                yield Fault(told.whole, f"does not show {_listed(lost)} of {key}")


def _listed(labels: Sequence[str]) -> str:
    return f"the label{'s' if len(labels) > 1 else ''} {', '.join(labels)}"


# -- words against the scale ---------------------------------------------------------------------

_RANGE = r"(\d+(?:\.\d+)?)\s*(?:-|–|—|to|through|and)\s*(\d+(?:\.\d+)?)\b(?!\s*(?:%|per ?cent))"
_UNITS = (
    r"(?!\s*(?:short |brief |full )?(?:sentence|word|paragraph|step|character|line|example|item|minute|"
    r"turn|criteri|reason|bullet|point[s]?\b|token|page|question|second|hour|day|week|month|year))"
)
_ON_SCALE = re.compile(
    rf"\b(?:scale|range)\s+(?:of|from|between|is|goes from|runs from)?\s*{_RANGE}{_UNITS}"
    rf"|\b{_RANGE}\s+(?:\w+\s+)?scale\b",
    re.IGNORECASE,
)
_RATED = re.compile(
    r"\b(?:scores?|rate|rating|ratings|grade|mark|points?|stars?|label|level)\b"
    rf"[^.;:\n\d]{{0,40}}?\b(?:from|between|of|in|as|is)\s+{_RANGE}{_UNITS}",
    re.IGNORECASE,
)
_OUT_OF = re.compile(
    r"\b(?:scores?|rate|rating|grade|mark|points?|stars?)\b[^.;\n]{0,40}?"
    r"(?:\bout of|\d\s*/)\s*(\d+)\b|\b\d+\s+out of\s+(\d+)\s+(?:points?|stars?)\b",
    re.IGNORECASE,
)
_POINTS = re.compile(r"\b(\d+|[a-z]+)[- ]point\s+(?:\w+\s+)?scale\b", re.IGNORECASE)
_WORDS = {"two": 2, "three": 3, "four": 4, "five": 5, "six": 6, "seven": 7, "nine": 9, "ten": 10}
_BRACKETS = re.compile(r"\[\[\s*[^\]\n]{1,20}\s*\]\]")
_ONLY = re.compile(
    r"\b(?:output|respond|reply|answer|return|write)\b(?: with)?,? (?:only|just|nothing but|a single|"
    r"exactly one|one)(?: (?:with|a|the|one|single|your))* (?:\w+ )?(?:letter|number|digit|word|integer|"
    r"character)\b",
    re.IGNORECASE,
)
_SAY = (
    r"(?i:\b(?:answers?|say|label|output|return|write|respond with|reply with|verdict|choose|give|pick|"
    r"select|or)\b|,)"
)
_OTHER = re.compile(
    rf"{_SAY}\s*:?\s*[\"“'](?P<said>[A-Z]|[Tt]ie|TIE|[Dd]raw|[Ee]qual|[Ss]ame|[Bb]oth|[Nn]either)[\"”']"
    r"|(?i:\b(?:answer|say|output|choose|pick|select))\s+(?P<bare>[C-E])\b"
)
_TIED = re.compile(
    r"\b(?:say|answer|declare|call|choose|output|give|pick)\s+(?:it\s+|this\s+)?(?:a\s+)?(?:tie|draw)\b",
    re.IGNORECASE,
)
_YES_NO = re.compile(
    r"\b(?:answer(?! (?:is|was)\b)|respond|reply|output|say|label)\b(?: with)?[^.;\n]{0,20}?[\"“']?\b"
    r"(?P<one>yes|no|pass|fail|true|false|correct|incorrect|good|bad)\b[\"”']?\s*(?:or|/|,)\s*[\"“']?"
    r"(?P<other>yes|no|pass|fail|true|false|correct|incorrect|good|bad)\b",
    re.IGNORECASE,
)
_NOT = re.compile(r"\b(?:not|never|no|cannot|without)\b[^.;\n]{0,25}$|n['’]t\b[^.;\n]{0,25}$", re.I)


def out_of_step(seen: Seen) -> Iterator[Fault]:
    """A judge that is told of other labels than it may give has to guess what is meant."""
    scales = [scale for _, scale, _ in _scales(seen.rubric)]
    labels = list(dict.fromkeys(label for scale in scales for label in scale.labels))
    for told in seen.wordings:
        for phrase in (*_strange_ranges(told.text, scales), *_strange_labels(seen.rubric, told)):
            yield Fault(
                told.at(phrase),
                f"speaks of {quoted(phrase)}, and the labels are {_short(labels)}",
            )
        if told.has_format and (phrase := first(_ONLY, told.text)):
            yield Fault(told.at(phrase), f"{quoted(phrase)}, and the answer is to be JSON")


def _short(labels: Sequence[str]) -> str:
    return f"{labels[0]} to {labels[-1]}" if len(labels) > 4 else ", ".join(labels)


def _strange_ranges(text: str, scales: Sequence[Scale]) -> Iterator[str]:
    """Phrases about numbers that no scale has."""
    ends = {(_number(s.labels[0]), _number(s.labels[-1])) for s in scales}
    known = {_number(label) for scale in scales for label in scale.labels} - {None}
    for match in _ON_SCALE.finditer(text):
        low, high = [float(n) for n in match.groups() if n]
        if (low, high) not in ends and (high, low) not in ends:
            yield match[0]
    for match in _RATED.finditer(text):
        if not {float(n) for n in match.groups()} <= known and not _ON_SCALE.search(match[0]):
            yield match[0]
    for match in _OUT_OF.finditer(text):
        if float(match[1] or match[2]) not in known:
            yield match[0]
    for match in _POINTS.finditer(text):
        number = int(match[1]) if match[1].isdecimal() else _WORDS.get(match[1].casefold())
        if number is not None and number not in {len(scale.labels) for scale in scales}:
            yield match[0]


def _number(label: str) -> float | None:
    return float(label) if re.fullmatch(r"[+-]?\d+(?:\.\d+)?", label) else None


def _strange_labels(rubric: Rubric, told: Told) -> Iterator[str]:
    """Phrases that ask for a label which the rubric has not."""
    labels = {label.casefold() for label in _every_label(rubric)}
    if phrase := first(_BRACKETS, told.text):
        yield phrase
    if rubric.mode == "pairwise":
        for match in _OTHER.finditer(told.text):
            if (match["said"] or match["bare"]).casefold() not in labels:
                yield match[0]
        for match in _TIED.finditer(told.text) if rubric.scale.tie_label is None else ():
            if not _NOT.search(told.text[: match.start()]):
                yield match[0]
        return
    for match in _YES_NO.finditer(told.text):
        if not {match["one"].casefold(), match["other"].casefold()} <= labels:
            yield match[0]
    yield from _strange_levels(told.lines, labels)


def _strange_levels(lines: str, labels: set[str]) -> Iterator[str]:
    """Lines such as `6 = excellent` beside others of the same kind that are labels."""
    found = re.findall(
        r"^[ \t>*-]*((?:(?:score|level|rating|label)\s+)?(\d+)\s*[=:]\s*[A-Za-z(][^\n]{0,30})",
        lines,
        re.MULTILINE | re.IGNORECASE,
    )
    if len(labels & {number for _, number in found}) >= 2:
        yield from (line for line, number in found if number not in labels)


def _every_label(rubric: Rubric) -> list[str]:
    return [label for _, scale, _ in _scales(rubric) for label in scale.labels]


# -- which way it runs ---------------------------------------------------------------------------

_UP = r"(?:best|excellent|perfect|outstanding|flawless|ideal|superb)"
_DOWN = r"(?:worst|terrible|awful|very bad|very poor|poor|useless|unacceptable|horrible|abysmal)"
_WORSE = re.compile(
    r"\b(?:which (?:one |response |answer |summary |text |output |of (?:the )?(?:two|them) )?(?:\w+ )?is "
    r"(?:the )?(?:worse|worst|weaker)|(?:pick|choose|name|select|label|decide on) the "
    r"(?:worse|worst|weaker) (?:one|response|answer|summary|text|output|of))\b",
    re.IGNORECASE,
)


def polarity(seen: Seen) -> Iterator[Fault]:
    """Where the words run against the scale, good answers get the bad labels."""
    for told in seen.wordings:
        if LABELS_MIRRORED in told.wording.forms:
            continue
        found = (
            _turned_pair(told.text, seen.rubric.scale)
            if seen.rubric.mode == "pairwise"
            else _turned_scale(told.text, seen.rubric)
        )
        for phrase in found:
            yield Fault(told.at(phrase), f"{quoted(phrase)} runs against the scale")


def _turned_pair(text: str, scale: Scale) -> Iterator[str]:
    ends = scale.labels[0], scale.labels[-1]
    for label, other in (ends, ends[::-1]):
        own, not_own = re.escape(label), re.escape(other)
        thing = r"(?:the )?(?:response|answer|assistant|summary|model|output|text|candidate)"
        yield from re.findall(
            rf"[\"“'(\[]*(?<!\w){own}[\"”')\]]*\s*(?:if|when|where|means|=|:)\s+(?:that )?{thing}\s+"
            rf"[\"“'(\[]*(?:{own}[\"”')\]]*\s+is\s+(?:the\s+)?(?:worse|worst|weaker)"
            rf"|{not_own}[\"”')\]]*\s+is\s+(?:the\s+)?(?:better|best|stronger))\b",
            text,
            re.IGNORECASE,
        )
    if phrase := first(_WORSE, text):
        yield phrase


def _turned_scale(text: str, rubric: Rubric) -> Iterator[str]:
    scale = rubric.scale
    if scale.level == "nominal" or not _are_bare(scale.labels):
        return
    for label, words in ((scale.labels[0], _UP), (scale.labels[-1], _DOWN)):
        match = re.search(
            rf"(?<![\w.,-]){re.escape(label)}\s*(?:=|:|-|–|\(|is|means|being|for)\s*"
            rf"(?:the |an? )?{words}\b",
            text,
            re.IGNORECASE,
        )
        if match:
            yield match[0]
