"""What came out for the systems, corrected by people's labels of a random part of it.

Where labels may correct, conclusions stand on the corrected number, and the raw one stays beside it.
Labels of items that somebody picked correct nothing: which items they picked is then part of the answer.
"""

from __future__ import annotations

from collections.abc import Iterable, Iterator, Mapping, Sequence
from dataclasses import replace

from judge.analysis import human_samples
from judge.analysis.asked import Asked
from judge.analysis.human_rows import About, Draft, HumanRow, row
from judge.analysis.outcome import Outcome
from judge.analysis.people import Labelled
from judge.stats import comparisons, label_checks
from judge.stats.bounded import Bounds
from judge.stats.comparisons import Basis, Cell, Comparison
from judge.stats.intervals import joined, undefined
from judge.stats.scores import ScoreCells, ScoreRow, differences
from judge.types import Estimate

OF_WHOLE_ONLY = "not computed for slices"
EARLY = "not computed: the run could stop early, and its conclusion is its own"
AS_JUDGED = "as judged: "
Key = tuple[str, str, str, str]


def with_people(outcome: Outcome, found: Sequence[Labelled], asked: Asked) -> Outcome:
    """The outcome with its human-corrected numbers, from which it concludes where they are eligible.

    Eligible: labels with a stored inclusion probability, which nothing in the data contradicts, of at
    least correction.ENOUGH clusters; or labels of everything that was judged.
    """
    if not found or not (outcome.comparisons or outcome.scores):
        return outcome
    if asked.early_stop is not None:
        return _noted(outcome, EARLY)
    if found[0].mode == "pairwise":
        return _pairs(outcome, found[0], asked)
    return _answers(outcome, found, asked)


def _noted(outcome: Outcome, why: str) -> Outcome:
    """The outcome with why its numbers are not corrected."""
    return replace(
        outcome,
        comparisons=tuple(
            _with(one, _nothing(one.human_corrected, why)) for one in outcome.comparisons
        ),
        scores=tuple(
            replace(
                one,
                human_corrected=_nothing(one.human_corrected, why),
                human_corrected_difference=_nothing(one.human_corrected_difference, why),
            )
            for one in outcome.scores
        ),
    )


def _nothing(e: Estimate, why: str) -> Estimate:
    return undefined(e.name, e.unit, why, e.confidence, e.n_missing)


def _with(one: Comparison, corrected: Estimate) -> Comparison:
    return replace(one, human_corrected=corrected)


# -- pairs ---------------------------------------------------------------------------------------


def _pairs(outcome: Outcome, found: Labelled, asked: Asked) -> Outcome:
    cells = {_key(cell): cell for cell in outcome.pair_cells}
    drafts = {
        place: _of_pair(one, cells[_key(one)], found)
        for place, one in enumerate(outcome.comparisons)
        if not one.slice and _key(one) in cells
    }
    checked, warnings = _checked(drafts)
    rows = {place: row(draft, asked) for place, draft in checked.items()}
    whole = [
        _with(
            one,
            _written(rows[place])
            if place in rows
            else _nothing(one.human_corrected, OF_WHOLE_ONLY),
        )
        for place, one in enumerate(outcome.comparisons)
    ]
    concluded = _concluded(whole, rows, asked)
    told = {
        place: _decided(one, outcome.comparisons[place], concluded[place])
        for place, one in rows.items()
    }
    return replace(
        outcome,
        comparisons=tuple(concluded),
        correction=(*outcome.correction, *told.values()),
        warnings=(*outcome.warnings, *warnings, *_disagreements(told.values())),
    )


def _key(one: Cell | Comparison) -> Key:
    return (one.system, one.judge, one.rubric, one.variant)


def _of_pair(one: Comparison, cell: Cell, found: Labelled) -> Draft:
    about = About(
        "rate", one.system, one.baseline, one.judge, one.members, one.rubric, one.variant, ""
    )
    said = human_samples.of_pair(found, one.system, one.baseline)
    return Draft(about, one.raw, human_samples.sample(cell.values, said), (0.0, 1.0))


def _written(one: HumanRow) -> Estimate:
    """The corrected estimate as a row shows it, with why it may not decide."""
    e = one.corrected
    return replace(e, note=joined(e.note, one.why_not)) if e.value is not None else e


def _concluded(
    rows: Sequence[Comparison], human: Mapping[int, HumanRow], asked: Asked
) -> list[Comparison]:
    """The rows with their conclusions anew where labels decide some; as they were where they decide none."""
    whole = [one for one in rows if not one.slice]  # these stand first, so places are the same
    bases = comparisons.raw_bases(whole, asked.margin)
    ours = {
        place: basis
        for place in bases
        if place in human and (basis := _basis(human[place], asked.margin)) is not None
    }
    if not ours:
        return [*rows]
    plain = [_unconcluded(one, place in ours) for place, one in enumerate(whole)]
    found = comparisons.concluded_from(plain, {**bases, **ours}, asked.confidence, asked.margin)
    told = [_told(one) if place in ours else one for place, one in enumerate(found)]
    return [*told, *rows[len(whole) :]]


def _told(one: Comparison) -> Comparison:
    """The row whose notes say which number its tests are of, beside those of the raw one."""
    of_raw = [note for note in one.notes if note.startswith(AS_JUDGED)]
    own = [note for note in one.notes if note not in of_raw]
    new = [note for note in own if comparisons.is_of_conclusion(note)]
    if not new:
        return one
    rest = [note for note in own if note not in new]
    said = f"corrected by people's labels: {one.conclusion}, {'; '.join(new)}"
    return replace(one, notes=(*rest, said, *of_raw))


def _basis(one: HumanRow, margin: float | None) -> Basis | None:
    interval = one.found.interval if one.found is not None and one.eligible else None
    if interval is None:
        return None
    outside = None if margin is None else interval.outside_p(0.5, margin)
    return Basis("human_corrected", one.corrected, interval.p_value(0.5), outside)


def _unconcluded(one: Comparison, is_corrected: bool) -> Comparison:
    """The row before its conclusion; what that said stays beside another basis, as said of the raw number."""
    if one.conclusion is None:
        return one
    old = [note for note in one.notes if comparisons.is_of_conclusion(note)]
    notes = [note for note in one.notes if note not in old]
    said = (f"{AS_JUDGED}{one.conclusion}, {'; '.join(old)}",) if is_corrected and old else ()
    return replace(one, conclusion=None, basis=None, p_value=None, notes=(*notes, *said))


def _decided(one: HumanRow, before: Comparison, after: Comparison) -> HumanRow:
    """The row with what was concluded, and from the raw number alone."""
    is_other = before.conclusion != after.conclusion and after.basis == "human_corrected"
    return replace(
        one, raw_conclusion=before.conclusion, conclusion=after.conclusion, disagrees=is_other
    )


def _disagreements(rows: Iterable[HumanRow]) -> Iterator[str]:
    for one in rows:
        if one.disagrees:
            who = f"{one.about.system} against {one.about.baseline}"
            yield (
                f"{who}: by the judging alone the conclusion would be '{one.raw_conclusion}', corrected by "
                f"people's labels it is '{one.conclusion}'"
            )


# -- single answers ------------------------------------------------------------------------------


def _answers(outcome: Outcome, found: Sequence[Labelled], asked: Asked) -> Outcome:
    by_criterion = {one.criterion: one for one in found}
    cells = {(c.judge, c.rubric, c.criterion): c for c in outcome.answer_cells}
    drafts: dict[int, Draft] = {}
    apart: dict[int, Draft] = {}
    for place, one in enumerate(outcome.scores):
        own = cells.get((one.judge, one.rubric, one.criterion))
        people = by_criterion.get(one.criterion)
        if one.slice or own is None or people is None or own.why_not or one.system not in own.of:
            continue
        drafts[place] = _of_answers(one, own, people)
        base = _baseline(one, own, asked)
        if base is not None:
            apart[place] = _of_difference(one, base, own, people)
    checked, warnings = _checked(drafts)
    rows = {place: row(draft, asked) for place, draft in checked.items()}
    why = {place: draft.why_not for place, draft in checked.items()}
    gaps = {
        place: row(replace(draft, why_not=why[place] or _probs_lack(draft)), asked)
        for place, draft in apart.items()
    }
    return replace(
        outcome,
        scores=tuple(_score(one, rows.get(n), gaps.get(n)) for n, one in enumerate(outcome.scores)),
        correction=(*outcome.correction, *rows.values(), *gaps.values()),
        warnings=(*outcome.warnings, *warnings),
    )


def _baseline(one: ScoreRow, cells: ScoreCells, asked: Asked) -> str | None:
    base = asked.baseline
    return base if base is not None and base != one.system and base in cells.of else None


def _bounds(found: Labelled) -> Bounds | None:
    """The ends of the scale; None of a continuum, whose ends nobody knows."""
    values = found.scale.values
    return (min(values), max(values)) if len(values) > 1 else None


def _of_answers(one: ScoreRow, cells: ScoreCells, found: Labelled) -> Draft:
    about = About("score", one.system, "", one.judge, one.members, one.rubric, "", one.criterion)
    said = human_samples.of_answers(found, one.system)
    drawn = human_samples.sample(cells.of[one.system], said)
    return Draft(about, one.raw, drawn, _bounds(found))


def _of_difference(one: ScoreRow, base: str, cells: ScoreCells, found: Labelled) -> Draft:
    about = About(
        "difference", one.system, base, one.judge, one.members, one.rubric, "", one.criterion
    )
    said = human_samples.difference(
        human_samples.of_answers(found, one.system), human_samples.of_answers(found, base)
    )
    both = differences(cells.of[one.system], cells.of[base])
    bounds = _bounds(found)
    wide = None if bounds is None else (bounds[0] - bounds[1], bounds[1] - bounds[0])
    return Draft(about, one.difference_from_baseline, human_samples.sample(both, said), wide)


def _probs_lack(draft: Draft) -> str:
    """Why the labels of both systems do not correct a difference."""
    return label_checks.of_record(draft.drawn.sample).why_not


def _score(one: ScoreRow, own: HumanRow | None, gap: HumanRow | None) -> ScoreRow:
    corrected, apart = one.human_corrected, one.human_corrected_difference
    if one.slice:
        corrected, apart = _nothing(corrected, OF_WHOLE_ONLY), _nothing(apart, OF_WHOLE_ONLY)
    if own is not None:
        corrected = _written(own)
        apart = _nothing(apart, one.difference_from_baseline.note or "no baseline named")
    if gap is not None:
        apart = _written(gap)
    return replace(one, human_corrected=corrected, human_corrected_difference=apart)


# -- may they correct ----------------------------------------------------------------------------


def _checked(drafts: Mapping[int, Draft]) -> tuple[dict[int, Draft], list[str]]:
    """The rows with why their labels may not correct, and what to warn of.

    Labels are checked against their recorded probabilities voice by voice, and by what all judges made of
    labelled and unlabelled units: where that refuses one row it refuses all, which have the same labels.
    """
    voices: dict[tuple[str, ...], list[int]] = {}
    for place, draft in drafts.items():
        about = draft.about
        voice = (about.judge, about.rubric, about.variant, about.criterion)
        voices.setdefault(voice, []).append(place)
    found = dict(drafts)
    warnings: list[str] = []
    for places in voices.values():
        samples = [drafts[place].drawn.sample for place in places]
        designs = label_checks.of_design(samples)
        for k, (place, design) in enumerate(zip(places, designs, strict=True)):
            others = [*samples[:k], *samples[k + 1 :]]
            found[place] = replace(found[place], why_not=design.why_not, others=others)
            warnings += [*design.warnings, *([design.why_not] if design.why_not else [])]
    fine = [place for place in found if not found[place].why_not and _is_part(found[place])]
    names = [_named(found[place].about) for place in fine]
    values = label_checks.of_values([found[place].drawn.sample for place in fine], names)
    warnings += [*values.warnings, *([values.why_not] if values.why_not else [])]
    for place in fine:
        found[place] = replace(found[place], why_not=values.why_not)
    return found, [
        f"not corrected: {told}" if _is_refusal(told, found) else told
        for told in dict.fromkeys(warnings)
    ]


def _is_refusal(told: str, found: Mapping[int, Draft]) -> bool:
    return any(draft.why_not == told for draft in found.values())


def _is_part(draft: Draft) -> bool:
    """Whether some of its units are labelled and some are not."""
    labelled = draft.drawn.sample.is_labelled
    return bool(labelled.any()) and not bool(labelled.all())


def _named(about: About) -> str:
    on = f" of {about.system}" if about.system else ""
    return f"{about.judge}{on}"
