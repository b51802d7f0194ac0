"""What the audit of a judge says in words: what moved it, how sure that is, and what to change."""

from __future__ import annotations

import math
from collections.abc import Iterator, Sequence

from judge.report import audit_words, words
from judge.report.schema_audit_judge import (
    ConstantAnswer,
    JudgeAudit,
    JudgeBattery,
    KnownAnswers,
    PerturbationEffect,
    PerturbationPart,
    PositionEffect,
)
from judge.report.schema_base import E

MOVED, NOT_SHOWN, NO_VERDICTS = "moved", "none shown", "no verdicts"
UNTOLD = (NO_VERDICTS, "too few items")
NULL = "null"
PADDING = "padding"
TOGETHER = 3  # perturbations of one group that a lead does not name one by one
GROUPS = {
    "null": "null answers",
    "injection": "injections",
    "padding": "padding",
    "format": "layout",
    "claims": "claims",
    "distraction": "distraction",
    "constant": "constant answer",
}
# What leaves the words of an answer as they are, or fewer of them.
ADDS_NOTHING = (NULL, "markdown-removed")


def label(name: str) -> str:
    """A perturbation's name for people: the null answers are counted together."""
    return "null answers" if name == NULL else name


# -- one effect ----------------------------------------------------------------------------------


def moved(one: JudgeBattery) -> list[PerturbationEffect]:
    return [effect for effect in one.effects if effect.finding == MOVED]


def told(one: JudgeBattery) -> list[PerturbationEffect]:
    """The effects that something can be said of."""
    return [effect for effect in one.effects if effect.finding not in UNTOLD]


def p(effect: PerturbationPart) -> float | None:
    """The smaller of the two adjusted p-values: either is a finding."""
    known = [x for x in (effect.flips_p_adjusted, effect.shift_p_adjusted) if x is not None]
    return min(known, default=None)


def direction(effect: PerturbationPart, alpha: float) -> str:
    """Where a perturbation moves verdicts, as far as its tests say so."""
    if effect.finding != MOVED:
        return effect.finding
    if effect.group == NULL:
        return "passes"
    if effect.shift_p_adjusted is not None and effect.shift_p_adjusted <= alpha:
        return "towards it" if effect.ups > effect.downs else "away from it"
    if effect.flips_p_adjusted is not None and effect.flips_p_adjusted <= alpha:
        return "more flips" if effect.extra > effect.fewer else "fewer flips"
    return MOVED


def _briefly(effect: PerturbationEffect, alpha: float) -> str:
    """One effect in the lead: "injection-verdict (towards it, +21.0 points)"."""
    where = direction(effect, alpha)
    if effect.group == NULL:
        return f"{label(effect.perturbation)} (pass on {words.percent(effect.success.value)})"
    by = effect.excess_flips if "flips" in where else effect.shift
    size = "" if by.value is None else f", {audit_words.change(by)}"
    return f"{label(effect.perturbation)} ({where}{size})"


# -- the lead ------------------------------------------------------------------------------------


def lead(one: JudgeBattery, name: str) -> str:
    """The verdict of the audit on one judge, in a few sentences."""
    tried = told(one)
    if not tried:
        return (
            f"Nothing can be said of {name}: no perturbation has verdicts that could be compared."
        )
    found = moved(one)
    more = " ".join(_beside(one, name, alone=not found))
    if found:
        listed = words.listed(_gathered(one, found), cells=70)
        many = f"{len(found)} of {words.counted(len(tried), 'perturbation')}"
        return f"Careful: {many} moved {name}: {listed}.{' ' * bool(more)}{more}"
    nothing = _nothing(one, name, len(tried))
    return f"{more} By itself {nothing}" if more else f"Nothing shown: {nothing}"


def _gathered(one: JudgeBattery, found: Sequence[PerturbationEffect]) -> list[str]:
    """The effects in the lead, the group of the largest first; many of one group that go one way in one."""
    groups: dict[tuple[str, str], list[PerturbationEffect]] = {}
    for effect in _largest_first(found):
        key = (effect.group, direction(effect, one.alpha))
        groups.setdefault(key, []).append(effect)
    out: list[str] = []
    for (group, where), own in groups.items():
        if len(own) < TOGETHER or any(e.shift.value is None for e in own) or "flips" in where:
            out += [_briefly(e, one.alpha) for e in own]
        else:
            out.append(f"{_of_group(one, group, len(own))} ({where}, {_from_to(own)})")
    return out


def _of_group(one: JudgeBattery, group: str, n: int) -> str:
    of = sum(e.group == group for e in told(one))
    return (
        f"all {n} {GROUPS.get(group, group)}"
        if n == of
        else f"{n} of {of} {GROUPS.get(group, group)}"
    )


def _from_to(own: Sequence[PerturbationEffect]) -> str:
    """The smallest and the largest shift of several."""
    ends = sorted((e.shift for e in own), key=lambda e: e.value or 0.0)
    return f"{audit_words.change_cell(ends[0])} to {audit_words.change(ends[-1])}"


def _largest_first(found: Sequence[PerturbationEffect]) -> list[PerturbationEffect]:
    return sorted(found, key=lambda e: -abs(e.shift.value or 0.0))


def _nothing(one: JudgeBattery, name: str, n_tried: int) -> str:
    return (
        f"none of {words.counted(n_tried, 'perturbation')} was shown to move {name} on "
        f"{words.counted(one.n_items, 'item')}; {unseen(one)}."
    )


def unseen(one: JudgeBattery) -> str:
    """How large an effect may have been missed."""
    sizes = _sizes(one)
    if not sizes:
        known = any(effect.shift.value is not None for effect in told(one))
        return audit_words.NO_POWER if known else audit_words.POWER_UNKNOWN
    return f"shifts under {audit_words.size(max(sizes), score=_is_score(one))} may have gone unseen"


def seen_from(one: JudgeBattery) -> str:
    """The largest of the shifts that would have been shown, as a cell."""
    sizes = _sizes(one)
    return audit_words.size(max(sizes), score=_is_score(one)) if sizes else words.NONE


def _sizes(one: JudgeBattery) -> list[float]:
    return [e.smallest_detectable for e in told(one) if e.smallest_detectable is not None]


def _is_score(one: JudgeBattery) -> bool:
    return any(e.shift.unit == "score" for e in one.effects)


def _beside(one: JudgeBattery, name: str, *, alone: bool) -> Iterator[str]:
    """What else is wrong with a judge: the pull of filler where no padding by itself was shown to move
    it, its position bias, and a constant answer that does not lose.
    """
    careful = "Careful: " if alone else ""
    if is_pulled(one) and not any(e.group == PADDING for e in moved(one)):
        yield f"{careful}{'filler' if careful else 'Filler'} moves {name} {_pull(one.padding_slope)}."
        careful = ""
    if one.position is not None and one.position.finding == MOVED:
        yield f"{careful}{'the' if careful else 'The'} order in which answers are shown moves {name}."
        careful = ""
    if one.constant is not None and one.constant.is_last is False:
        yield (
            f"{careful}{'a' if careful else 'A'} system that answers the same to everything does not come "
            f"last with {name}."
        )


def is_pulled(one: JudgeBattery) -> bool:
    """Whether the interval of what filler is worth leaves out 0, which all padded verdicts decide."""
    low, high = one.padding_slope.ci_low, one.padding_slope.ci_high
    if low is None or high is None or not any(e.group == PADDING for e in one.effects):
        return False
    return low > 0 or high < 0


def _pull(slope: E) -> str:
    """Which way, and by how much a doubling."""
    where = "towards" if (slope.value or 0.0) > 0 else "away from"
    unit = slope.unit.removesuffix(" per doubling")
    return f"{where} the padded answer ({words.signed(slope.value)} {unit} a doubling)"


# -- how sure ------------------------------------------------------------------------------------


def sureness(one: JudgeBattery, name: str, *, brief: bool = False) -> list[str]:
    """The judge's own noise, what could have been shown, how p was adjusted, and what is missing."""
    more = [] if brief else [*_holm(one), *_ties(one)]
    return [*_noise(one, name), *_power(one), *_lacking(one), *more]


def _noise(one: JudgeBattery, name: str) -> Iterator[str]:
    e = one.noise
    if e.value is None:
        yield f"How often {name} changes its verdict by chance is {audit_words.why_not(e)}."
    else:
        yield (
            f"Asked the same again, {name} changes {words.percent(e.value)} of its verdicts "
            f"{words.bracket(e)}: its noise, above which flips are counted."
        )


def _power(one: JudgeBattery) -> Iterator[str]:
    sizes = _sizes(one)
    if not sizes:
        return
    score = _is_score(one)
    ends = audit_words.span(sizes, score=score)
    yield (
        f"With {words.counted(one.n_items, 'item')} a shift of {ends}, by perturbation, would "
        "be shown with 80 % power; smaller ones may have gone unseen."
    )


def n_tests(one: JudgeBattery) -> int:
    """How many p-values were adjusted together."""
    found = [x for e in one.effects for x in (e.flips_p_adjusted, e.shift_p_adjusted)]
    if one.position is not None:
        found += [one.position.p_adjusted, one.position.excess_p_adjusted]
    return sum(x is not None for x in found)


def _holm(one: JudgeBattery) -> Iterator[str]:
    n = n_tests(one)
    if n > 1:
        yield (
            f"p is exact and adjusted for the {n} tests of this judge (Holm); at most {one.alpha:g} is a "
            "finding."
        )


def _lacking(one: JudgeBattery) -> Iterator[str]:
    if one.n_missing:
        yield (
            f"{words.count(one.n_missing)} of {words.counted(one.n_planned, 'planned verdict')} are missing: "
            "these count for nothing."
        )
    lost = sorted((e for e in one.effects if e.n_missing), key=lambda e: -e.n_missing)
    if lost:
        named = [f"{label(e.perturbation)} ({words.count(e.n_missing)})" for e in lost]
        yield f"Items left out for want of a verdict: {words.listed(named, cells=60)}."


def _ties(one: JudgeBattery) -> Iterator[str]:
    if one.n_ties:
        yield (
            f"On {words.counted(one.n_ties, 'item')} the first verdict named no loser: nothing was perturbed "
            "there."
        )


# -- position, length, a constant answer, known answers ------------------------------------------


def position(found: PositionEffect, name: str) -> str:
    """What showing the answers in the other order does."""
    if found.consistency.value is None:
        return f"What the order of the answers does to {name} is {audit_words.why_not(found.consistency)}."
    turned = f"{name} keeps its verdict in the other order in {words.estimate(found.consistency)} of items"
    excess = found.excess_flips
    again = (
        ""
        if excess.value is None
        else f" (turned beyond asking again: {audit_words.change(excess)})"
    )
    first = (
        ""
        if found.first_shown_rate.value is None
        else f"; the answer shown first wins {words.estimate(found.first_shown_rate)}"
    )
    end = "the order moves it" if found.finding == MOVED else "no effect of the order was shown"
    p_value = min(
        (x for x in (found.p_adjusted, found.excess_p_adjusted) if x is not None), default=None
    )
    shown = "" if p_value is None else f" (p {words.p_value(p_value)})"
    return f"{turned}{again}{first}: {end}{shown}."


def padding(slope: E, name: str) -> str:
    """What a doubling of an answer's length by filler is worth."""
    if slope.value is None:
        return f"What filler is worth to {name} is {audit_words.why_not(slope)}."
    by = f"{words.signed(slope.value)} {slope.unit.removesuffix(' per doubling')}"
    if slope.ci_low is None or slope.ci_high is None:
        return (
            f"Each doubling of an answer by filler is worth {by} to {name}; no interval is known."
        )
    interval = f"({words.level(slope.confidence)} {slope.ci_low:+.2f} to {slope.ci_high:+.2f})"
    if slope.ci_low <= 0 <= slope.ci_high:
        return f"No effect of filler on {name} was shown: a doubling is worth {by} {interval}."
    return f"Each doubling of an answer by filler is worth {by} to {name} {interval}{_odds(slope)}."


def _odds(slope: E) -> str:
    if slope.value is None or not slope.unit.startswith("log-odds") or abs(slope.value) > 50:
        return ""
    return f": its odds of winning times {math.exp(slope.value):.2f}"


def constant(found: ConstantAnswer, name: str) -> str:
    """Whether a system that says the same to everything comes last."""
    head = "A constant answer"
    if found.is_last is None and found.rank is not None:
        why = words.clean(found.note) or "not shown to come last"
        return f"{head} ranks {found.rank} of {found.n_ranked} with {name}: {why}."
    if found.is_last is None or found.rank is None:
        why = f": {words.clean(found.note)}" if found.note else ""
        return f"{head}: where {name} ranks it is not known{why}."
    if found.is_last:
        return f"{head} comes last of {found.n_ranked} with {name}, as it must."
    return f"{head} ranks {found.rank} of {found.n_ranked} with {name}, and not last."


def known(rows: Sequence[KnownAnswers], name: str) -> str:
    """How often the judge is right, where that is known."""
    whole = next((row for row in rows if not row.category), rows[0])
    if whole.first.value is None:
        return f"How often {name} is right is {audit_words.why_not(whole.first)}."
    both = whole.consistent_and_right
    rest = "" if both.value is None else f", and in both orders on {words.estimate(both)}"
    return (
        f"{name} is right on {words.estimate(whole.first)} of {words.counted(whole.first.n, 'item')} with a "
        f"known answer{rest}."
    )


# -- what to change ------------------------------------------------------------------------------


def changes(audit: JudgeAudit) -> list[str]:
    """The remedies of what moved a judge, each once with all that it is for."""
    remedies: dict[str, dict[str, None]] = {}
    for one in audit.batteries:
        if is_pulled(one) and not any(effect.group == PADDING for effect in moved(one)):
            remedies.setdefault(_of_padding(audit), {})["filler"] = None
        for effect in moved(one):
            remedy = remedy_of(effect, audit)
            if remedy:
                remedies.setdefault(remedy, {})[label(effect.perturbation)] = None
    found = [
        f"{words.listed(list(names))}: {words.clean(remedy)}." for remedy, names in remedies.items()
    ]
    first = _length_first(audit)
    return [*first, *found, *_of_position(audit), *_of_constant(audit)] or [_no_change(audit)]


def _of_padding(audit: JudgeAudit) -> str:
    own = (one.remedy for one in audit.audit.perturbations if one.group == PADDING)
    return next(own, "") or "say in the rubric that length is no merit"


def _length_first(audit: JudgeAudit) -> list[str]:
    """That what adds text to an answer may move a judge by its length alone, where filler moves it."""
    names: dict[str, None] = {}
    for one in audit.batteries:
        padded = [e.shift.value or 0.0 for e in told(one) if e.group == PADDING]
        if is_pulled(one) and (one.padding_slope.value or 0.0) > 0 and padded:
            names |= dict.fromkeys(e.perturbation for e in _as_filler(one, max(padded)))
    if not names:
        return []
    verb = "makes" if len(names) == 1 else "make"
    return [
        f"Look at padding first: {words.listed(list(names))} {verb} an answer longer too and moved a judge "
        "no further than filler did."
    ]


def _as_filler(one: JudgeBattery, most: float) -> Iterator[PerturbationEffect]:
    """What moved a judge towards a longer answer, no further than filler did."""
    for effect in moved(one):
        adds = effect.group != PADDING and not {effect.group, effect.perturbation} & {*ADDS_NOTHING}
        if adds and 0 < (effect.shift.value or 0.0) <= most:
            yield effect


def remedy_of(effect: PerturbationEffect, audit: JudgeAudit) -> str:
    """The remedy of a perturbation, or of the first of its group where several were counted together."""
    own = audit.audit.perturbations
    by_name = (one.remedy for one in own if one.name == effect.perturbation)
    by_group = (one.remedy for one in own if one.group == effect.group)
    return next(by_name, "") or next(by_group, "")


def _of_position(audit: JudgeAudit) -> Iterator[str]:
    if any(b.position is not None and b.position.finding == MOVED for b in audit.batteries):
        yield "Order of the answers: ask every pair in both orders (--swap both)."


def _of_constant(audit: JudgeAudit) -> Iterator[str]:
    if any(b.constant is not None and b.constant.is_last is False for b in audit.batteries):
        yield (
            "Constant answer: do not rank systems with this judge before a system that answers the same to "
            "everything comes last."
        )


def _no_change(audit: JudgeAudit) -> str:
    if not any(told(one) for one in audit.batteries):
        return "Nothing can be said before there are verdicts: see what is missing."
    return "Nothing was shown that asks for a change. Smaller effects need more items (--items)."
