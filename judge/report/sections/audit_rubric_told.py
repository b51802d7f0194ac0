"""What the audit of a rubric says in words: what its wording moves, how sure that is, what to change."""

from __future__ import annotations

import math
from collections.abc import Iterator, Sequence

from judge.report import audit_words, words
from judge.report.schema_audit_rubric import (
    JudgeSensitivity,
    RankStability,
    RubricAudit,
    WordingCeiling,
    WordingEffect,
    WordingsTest,
)

MOVES, NOT_SHOWN = "moves verdicts", "none shown"
NO_REPEATS, NO_VERDICTS = "no repeats", "no verdicts"
EQUIVALENT, INTERVENTION = "equivalent", "intervention"
OWN_WORDS = "the rubric's own words"
NO_NOISE = "nothing was asked twice"


def label(wording: str) -> str:
    """A wording's name for people; the rubric's own has none."""
    return wording or OWN_WORDS


def of_kind(one: JudgeSensitivity, kind: str) -> list[WordingEffect]:
    return [row for row in one.wordings if row.kind == kind]


def tried(one: JudgeSensitivity, kind: str) -> list[WordingEffect]:
    """The wordings of a kind that have verdicts."""
    return [row for row in of_kind(one, kind) if row.finding != NO_VERDICTS]


def moved(one: JudgeSensitivity, kind: str = EQUIVALENT) -> list[WordingEffect]:
    return [row for row in of_kind(one, kind) if row.finding == MOVES]


# -- the lead ------------------------------------------------------------------------------------


def lead(one: JudgeSensitivity, name: str) -> str:
    """The verdict of the audit on one judge, in a sentence or two."""
    rows = tried(one, EQUIVALENT)
    if not rows:
        return _without_equivalents(one, name)
    found = moved(one)
    n = words.counted(len(rows), "equivalent wording")
    if found:
        verb = "moves" if len(found) == 1 else "move"
        listed = words.listed([_briefly(row) for row in found], cells=90)
        return f"Careful: {len(found)} of {n} {verb} the verdicts of {name}: {listed}."
    if all(row.finding == NO_REPEATS for row in rows):
        return f"Net of noise nothing is known of {name}, as {NO_NOISE}: {_kept(one, n)}."
    return (
        f"Nothing shown: none of {n} was shown to move the verdicts of {name} on "
        f"{words.counted(one.n_items, 'item')}; {_unseen(rows)}."
    )


def _briefly(row: WordingEffect) -> str:
    """One wording in the lead: "options-reversed (24.0 % flip, +14.2 points above asking again)"."""
    flips, excess = row.flips, row.excess_flips
    told = [f"{words.percent(flips.value)} flip"] if flips.value is not None else []
    if excess.value is not None:
        told.append(f"{audit_words.change(excess)} against asking again")
    if _by_shift(row):
        told.append(f"shift {audit_words.change(row.shift)}")
    size = f" ({', '.join(told)})" if told else ""
    return f"{label(row.wording)}{size}"


def _by_shift(row: WordingEffect) -> bool:
    """Whether its shift is the surer of its two findings."""
    if row.shift_p_adjusted is None or row.shift.value is None:
        return False
    return row.p_adjusted is None or row.shift_p_adjusted < row.p_adjusted


def _kept(one: JudgeSensitivity, n: str) -> str:
    e = one.agreement
    if e.value is None:
        return f"how much it keeps over {n} is {audit_words.why_not(e)}"
    return f"over {n} and its own it keeps {words.estimate(e)} of its decisions"


def _unseen(rows: Sequence[WordingEffect]) -> str:
    sizes = [row.smallest_detectable for row in rows if row.smallest_detectable is not None]
    if not sizes:
        known = any(row.excess_flips.value is not None for row in rows)
        return audit_words.NO_POWER if known else audit_words.POWER_UNKNOWN
    return f"excess flips under {words.points(max(sizes))} may have gone unseen"


def _without_equivalents(one: JudgeSensitivity, name: str) -> str:
    rows = tried(one, INTERVENTION)
    if rows:
        return f"No equivalent wording was asked of {name}. {interventions(one, name)}"
    if one.ceiling.identical.value is not None:
        return f"No other wording was asked of {name}. {' '.join(ceiling(one.ceiling, name))}"
    return f"Nothing can be said of {name}: no wording has verdicts that could be compared."


def only_interventions(many: Sequence[JudgeSensitivity]) -> str:
    """Several judges that were asked no equivalent wording, in one sentence; "" where that is not so."""
    rows = [row for one in many for row in tried(one, INTERVENTION)]
    kept = [row.identical.value for row in rows if row.identical.value is not None]
    is_other = any(tried(one, EQUIVALENT) or not tried(one, INTERVENTION) for one in many)
    if len(many) < 2 or is_other or not kept:
        return ""
    net = "" if any(row.excess_flips.value is not None for row in rows) else _net_unknown(rows)
    n = len({row.wording for row in rows})
    return (
        f"No equivalent wording was asked. Under {words.counted(n, 'intervention')} {len(many)} judges keep "
        f"{' to '.join(dict.fromkeys(words.percent(x) for x in (min(kept), max(kept))))} of their "
        f"decisions{_shown_to_move(many)}{net}."
    )


def _shown_to_move(many: Sequence[JudgeSensitivity]) -> str:
    found = sum(bool(moved(one, INTERVENTION)) for one in many)
    return f"; shown to move the verdicts of {words.counted(found, 'judge')}" if found else ""


def interventions(one: JudgeSensitivity, name: str) -> str:
    """What is kept under instructions that ask for something else, which is no fault of the rubric."""
    rows = tried(one, INTERVENTION)
    kept = [row.identical.value for row in rows if row.identical.value is not None]
    n = words.counted(len(rows), "intervention")
    if not kept:
        return f"How many decisions {name} keeps under {n} is not known."
    ends = list(dict.fromkeys(words.percent(x) for x in (min(kept), max(kept))))
    net = "" if any(row.excess_flips.value is not None for row in rows) else _net_unknown(rows)
    found = len(moved(one, INTERVENTION))
    shown = f"; {found} of them shown to move verdicts" if found else ""
    return f"Under {n} {name} keeps {' to '.join(ends)} of its decisions{shown}{net}."


def _net_unknown(rows: Sequence[WordingEffect]) -> str:
    why = next((row.excess_flips.note for row in rows if row.excess_flips.note), NO_NOISE)
    return f"; net of noise is not known: {words.clean(why)}"


# -- the ceiling, and what is kept ---------------------------------------------------------------


def ceiling(found: WordingCeiling, name: str) -> list[str]:
    """How far a judge repeats itself in the same words: more no wording can be asked to keep."""
    e = found.identical
    if e.value is None:
        return [f"How often {name} repeats itself in the same words is {audit_words.why_not(e)}."]
    kappa = found.kappa.value
    beyond = "" if kappa is None else f", kappa {words.number(kappa, '')}"
    return [
        f"Asked again in the same words, {name} gives the same verdict on {words.percent(e.value)} of "
        f"decisions {words.bracket(e)}{beyond}: no other wording can be expected to keep more.",
        *_all_same(found),
        *_reliability(found),
    ]


def _all_same(found: WordingCeiling) -> Iterator[str]:
    if found.all_same is not None and found.all_same.value is not None:
        yield f"All of its askings agree on {words.estimate(found.all_same)} of decisions."


def _reliability(found: WordingCeiling) -> Iterator[str]:
    icc, needed = found.icc, found.repeats_needed
    if icc.value is None:
        return
    sem = (
        ""
        if found.sem.value is None
        else f", its standard error {words.number(found.sem.value, '')}"
    )
    said = f"The reliability of one verdict (ICC) is {words.number(icc.value, '')} {words.bracket(icc)}{sem}"
    if needed is None:
        yield f"{said}."
    elif needed <= 1:
        yield f"{said}: one is enough for 0.9."
    else:
        yield f"{said}: averaging {math.ceil(needed):,} verdicts would reach 0.9."


def kept(one: JudgeSensitivity, name: str, *, brief: bool = False) -> list[str]:
    """How much is kept over all pairs of equivalent wordings, raw, net of noise and beyond chance."""
    if not tried(one, EQUIVALENT):
        return []
    if brief:
        return [*_agreement(one, name), *_items(one)]
    return [
        *_agreement(one, name),
        *_items(one),
        *together(one, EQUIVALENT),
        *_acquiescence(one, name),
    ]


def _agreement(one: JudgeSensitivity, name: str) -> Iterator[str]:
    e, net, kappa = one.agreement, one.net_agreement, one.kappa
    if e.value is None:
        yield f"How many decisions {name} keeps over equivalent wordings is {audit_words.why_not(e)}."
        return
    chance = (
        f"kappa {words.estimate(kappa)}"
        if kappa.value is not None
        else f"kappa {audit_words.why_not(kappa)}"
    )
    yield (
        f"Over all pairs of equivalent wordings {name} keeps {words.percent(e.value)} of its decisions "
        f"{words.bracket(e)}, {chance}."
    )
    if net.value is None:
        yield f"Net of noise that is {audit_words.why_not(net)}."
    else:
        yield f"Net of noise, that is less what asking again keeps: {audit_words.change_told(net)}."


def _items(one: JudgeSensitivity) -> Iterator[str]:
    e = one.items_that_flip
    if e.value is not None:
        yield f"{words.estimate(e)} of items flip under at least one equivalent wording."


def together(one: JudgeSensitivity, kind: str) -> list[str]:
    """The tests over all wordings of a kind."""
    return [said for test in one.omnibus if test.kind == kind for said in _omnibus(test)]


def _omnibus(test: WordingsTest) -> Iterator[str]:
    """One test over all wordings, in a sentence; nothing where it could not be made."""
    if test.p_value is None or test.statistic is None:
        return
    w = "" if test.kendall_w is None else f", Kendall's W {test.kendall_w:.2f}"
    shown = "the wordings differ" if test.p_value <= 0.05 else "no difference was shown"
    yield (
        f"All wordings in one test, whether they pull verdicts to one side: {shown} "
        f"({words.clean(test.name)} {test.statistic:.2f}, df {test.df}, p {words.p_value(test.p_value)}, n "
        f"{words.count(test.n)}{w})."
    )


def _acquiescence(one: JudgeSensitivity, name: str) -> Iterator[str]:
    e = one.acquiescence
    if e is not None and e.value is not None:
        yield (
            f"With mirrored labels {name} stays {words.signed(e.value)} off the middle on either side "
            f"{words.bracket(e)}: 0 is no pull to say yes."
        )


# -- the rest of one judge -----------------------------------------------------------------------


def ranking(found: RankStability, name: str) -> list[str]:
    """Whether systems keep their order over the wordings."""
    tau, least = found.tau_mean, found.tau_min
    out = []
    if tau.value is not None:
        lowest = "" if least.value is None else f", {words.number(least.value, '')} at least"
        out.append(
            f"Kendall's tau between the orders that {name} gives {len(found.systems)} systems under two "
            f"wordings is {words.number(tau.value, '')} on average{lowest}."
        )
    elif len(found.systems) > 2 and (tau.note or found.note):
        out.append(f"The order of systems: {words.clean(tau.note or found.note)}.")
    if found.top_is_stable is not None:
        out.append(f"{_top(found)}{_top_changes(found)}.")
    return out


def _top(found: RankStability) -> str:
    firsts = list(dict.fromkeys(found.top.values()))
    if found.top_is_stable and len(firsts) == 1:
        return f"{words.name(firsts[0])} comes first under every wording"
    if found.top_is_stable:
        return f"The first place stays, ties counted: {words.listed(firsts)}"
    return f"The first place is not the same under every wording: {words.listed(firsts)}"


def _top_changes(found: RankStability) -> str:
    e = found.p_top_changes
    if e.value is None:
        return ""
    return (
        f"; two wordings differ about it in {words.percent(e.value)} of resamples, noise included"
    )


def fragile(one: JudgeSensitivity, name: str) -> list[str]:
    """The criterion whose labels hang most on the wording."""
    if not one.criteria:
        return []
    if one.fragile is None:
        return [f"No criterion was shown to be more fragile than asking {name} again."]
    row = next((row for row in one.criteria if row.criterion == one.fragile), None)
    by = "" if row is None else f": {_flips(row.flips.value)}{_excess(row.excess_flips.value)}"
    return [f"The most fragile criterion is {words.name(one.fragile)}{by}."]


def _flips(value: float | None) -> str:
    return f"its labels flip in {words.percent(value)} of cases"


def _excess(value: float | None) -> str:
    return "" if value is None else f", {audit_words.signed(value)} points against asking again"


def sureness(one: JudgeSensitivity, name: str, *, brief: bool = False) -> list[str]:
    """What could have been shown, how p was adjusted, and what is missing."""
    out = []
    sizes = [r.smallest_detectable for r in one.wordings if r.smallest_detectable is not None]
    if sizes:
        out.append(
            f"With {words.counted(one.n_items, 'item')} excess flips of {audit_words.span(sizes)}, by "
            "wording, would be shown with 80 % power; smaller ones may have gone unseen."
        )
    tests = {kind: _n_tests(of_kind(one, kind)) for kind in (EQUIVALENT, INTERVENTION)}
    many = [f"{n} of {kind}s" for kind, n in tests.items() if n > 1]
    if many and not brief:
        adjusted = words.listed(
            [text.replace("equivalents", "equivalent wordings") for text in many]
        )
        out.append(f"p is exact and adjusted for the tests of {name}: {adjusted} (Holm).")
    if one.n_missing:
        out.append(
            f"{words.count(one.n_missing)} of {words.counted(one.n_planned, 'planned verdict')} are missing: "
            "these count for nothing."
        )
    return out


def _n_tests(rows: Sequence[WordingEffect]) -> int:
    return sum(p is not None for row in rows for p in (row.p_adjusted, row.shift_p_adjusted))


# -- what to change ------------------------------------------------------------------------------


def changes(audit: RubricAudit, designs: Sequence[str]) -> list[str]:
    """The remedies of what moved verdicts, then what to ask more of. designs: sentences on that."""
    remedies: dict[str, dict[str, None]] = {}
    known = {one.name: one.remedy for one in audit.audit.wordings}
    for one in audit.sensitivities:
        for row in moved(one):
            if known.get(row.wording):
                remedies.setdefault(known[row.wording], {})[label(row.wording)] = None
    found = [
        f"{words.listed(list(names))}: {words.clean(remedy)}." for remedy, names in remedies.items()
    ]
    return [
        *(found or _unremedied(audit)),
        *_criteria(audit),
        *_first_place(audit),
        *designs,
        *_averages(audit),
        *_repeats(audit),
    ]


def _unremedied(audit: RubricAudit) -> list[str]:
    if any(moved(one) for one in audit.sensitivities):
        return ["Average over the wordings that move verdicts, or say more in the rubric's own."]
    if any(row.finding == NOT_SHOWN for s in audit.sensitivities for row in of_kind(s, EQUIVALENT)):
        return [
            "No wording was shown to ask for a change. Smaller effects need more items (--items)."
        ]
    return []


def _criteria(audit: RubricAudit) -> list[str]:
    named = dict.fromkeys(one.fragile for one in audit.sensitivities if one.fragile is not None)
    if not named:
        return []
    return [
        f"Say more plainly what {words.listed(list(named))} asks for, with an anchor for each label."
    ]


def _first_place(audit: RubricAudit) -> list[str]:
    found = [one.ranking for one in audit.sensitivities if one.ranking is not None]
    if any(one.top_is_stable is False for one in found):
        return [
            "Name no first place from one asking: in other words, or by chance alone, another comes first."
        ]
    return []


def _has_verdicts(one: JudgeSensitivity) -> bool:
    return one.ceiling.identical.value is not None or any(
        row.finding != NO_VERDICTS for row in one.wordings
    )


def _averages(audit: RubricAudit) -> list[str]:
    """How many verdicts to average where no other wording was asked, so that no design says it."""
    alone = [one for one in audit.sensitivities if not of_kind(one, EQUIVALENT)]
    found = [
        f"For a reliability of 0.9 average {math.ceil(needed):,} verdicts of "
        f"{audit_words.who(one, audit.sensitivities)}."
        for one in alone
        if (needed := one.ceiling.repeats_needed or 0) > 1
    ]
    return audit_words.several(found, "more judge")


def _repeats(audit: RubricAudit) -> list[str]:
    told = [one for one in audit.sensitivities if _has_verdicts(one)]
    if audit.sensitivities and not told:
        return ["Nothing can be said before there are verdicts: see what is missing."]
    if all(one.ceiling.identical.value is not None for one in told):
        return []
    return [
        "Ask the rubric's own words twice (--repeats 2), so that noise can be told from wording."
    ]
