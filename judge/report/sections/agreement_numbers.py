"""The numbers behind agreement: which labels are taken for which, slices, and every coefficient."""

from __future__ import annotations

from collections.abc import Iterator, Sequence

from judge.report import agreement_words, notes, words
from judge.report.blocks import (
    Block,
    Bullets,
    Column,
    Disclosure,
    Paragraph,
    Table,
)
from judge.report.schema import AltTestRater, E, JudgeAgreement, SliceAgreement

ALPHA = 0.05
MOST_LABELS = 11  # columns of a confusion that a page can hold


# -- which labels are taken for which ------------------------------------------------------------


def confusion(row: JudgeAgreement, known: Sequence[JudgeAgreement]) -> list[Block]:
    """The judge's labels against people's; nothing of scores that are no labels."""
    labels = row.confusion.labels
    if not 1 < len(labels) <= MOST_LABELS:
        return []
    named = [agreement_words.label(label, row) for label in labels]
    people = [f"people: {label}" for label in named]
    columns = (Column("judge", "name"), *(Column(title) for title in people))
    cells = [
        (label, *map(_units, counts))
        for label, counts in zip(named, row.confusion.counts, strict=True)
    ]
    if any(row.confusion.lacking):
        cells.append(("no verdict", *map(_units, row.confusion.lacking)))
    return [Table(columns, tuple(cells), _caption(row, known))]


def _caption(row: JudgeAgreement, known: Sequence[JudgeAgreement]) -> str:
    said = f"What people and {agreement_words.named(row, known)} said, in"
    if agreement_words.is_pairs(row):
        return f"{said} pairs; a is a pair's system_a, b its system_b"
    return f"{said} answers"


def _units(n: float) -> str:
    return words.count(round(n)) if abs(n - round(n)) < 1e-9 else f"{n:,.1f}"


# -- slices --------------------------------------------------------------------------------------


def slices(heads: Sequence[JudgeAgreement], known: Sequence[JudgeAgreement]) -> list[Block]:
    """Where agreement differs from the rest, with the table; else a quiet line and the table behind."""
    found = [row for row in heads if row.slices]
    if not found:
        return []
    said = [line for row in found for line in _differing(row, known)]
    tables = tuple(_slices(row, known) for row in found)
    if said:
        return [Bullets(tuple(said), "warning"), *tables]
    n = max(len(row.slices) for row in found)
    quiet = (
        f"No slice of the items (of {n:,}) was shown to be judged better or worse than the rest."
    )
    return [Paragraph(quiet, "note"), Disclosure("Agreement slice by slice", tables)]


def _differing(row: JudgeAgreement, known: Sequence[JudgeAgreement]) -> Iterator[str]:
    for part in row.slices:
        if part.p_value is None or part.p_value >= ALPHA or part.difference.value is None:
            continue
        by, value = words.slicing(part.slice)
        side = "more" if part.difference.value > 0 else "less"
        yield (
            f"On items with {words.name(by)} {words.name(value)} {agreement_words.named(row, known)} agrees "
            f"with people on {words.percent(part.percent.value)}, "
            f"{words.points(abs(part.difference.value))} {side} than elsewhere "
            f"(p {words.p_value(part.p_value)} after Holm over {len(row.slices):,} slices)."
        )


def _slices(row: JudgeAgreement, known: Sequence[JudgeAgreement]) -> Table:
    columns = (
        Column("slice", "name"),
        Column("agree"),
        Column(words.level(row.percent.confidence)),
        Column("from the rest"),
        Column("p (Holm)"),
        Column("n"),
        Column("kappa", optional=True),
    )
    rows = tuple(_slice(part) for part in row.slices)
    return Table(columns, rows, f"Slice by slice: {agreement_words.who(row, known)}")


def _slice(part: SliceAgreement) -> tuple[str, ...]:
    if part.percent.value is None:
        return (part.slice, "too few", *[words.NONE] * 3, words.count(part.n_items), words.NONE)
    difference = part.difference.value
    return (
        part.slice,
        words.percent(part.percent.value),
        words.interval(part.percent),
        words.NONE if difference is None else f"{100 * difference:+.1f} points",
        words.p_value(part.p_value),
        words.count(part.n_items),
        words.number(part.cohen_kappa.value, ""),
    )


# -- every coefficient ---------------------------------------------------------------------------


def behind(known: Sequence[JudgeAgreement], thresholds: str) -> Disclosure:
    """Every coefficient of every judge with its interval and its note."""
    parts = tuple(
        Disclosure(agreement_words.who(row, known), tuple(_all(row)), is_open=len(known) == 1)
        for row in known
    )
    return Disclosure("Every coefficient, judge by judge", (Paragraph(thresholds, "note"), *parts))


def _all(row: JudgeAgreement) -> list[Block]:
    named = list(_named(row))
    level = words.level(row.percent.confidence)
    columns = (Column("coefficient", "name"), Column("value"), Column(level), Column("n"))
    cells = [(name, _value(e), words.interval(e), words.count(e.n)) for name, e in named]
    said = notes.lines([(name, e.note) for name, e in named if e.note], [n for n, _ in named])
    out: list[Block] = [Table(columns, tuple(cells))]
    out += [Bullets(tuple(said), "note")] if said else []
    out += confusion(row, [row])
    out += [_marginals(row)] if row.marginals else []
    out += [_alt_test(row)] if row.alt_test.raters else []
    lost = _lacking(row)
    return [*out, *([Paragraph(lost, "note")] if lost else [])]


def _value(e: E) -> str:
    return words.number(e.value, e.unit)


def _named(row: JudgeAgreement) -> Iterator[tuple[str, E]]:
    yield "percent agreement", row.percent
    yield "Cohen kappa", row.cohen_kappa
    yield "Cohen kappa, linear weights", row.cohen_kappa_linear
    yield "Cohen kappa, quadratic weights", row.cohen_kappa_quadratic
    yield f"Krippendorff alpha ({row.level})", row.krippendorff_alpha
    yield "Gwet AC1", row.gwet_ac1
    yield "Gwet AC2, quadratic weights", row.gwet_ac2
    for where, found in (
        ("", row),
        (" within items", row.within_item),
        (" of systems", row.system_level),
    ):
        yield f"Spearman{where}", found.spearman
        yield f"Kendall tau-b{where}", found.kendall_tau
        yield f"Pearson{where}", found.pearson
        yield f"pairs ordered alike (acc_eq){where}", found.acc_eq
    yield "intraclass correlation", row.icc
    yield "against the majority: percent", row.majority.accuracy
    yield "against the majority: Cohen kappa", row.majority.cohen_kappa
    yield "against the majority: Krippendorff alpha", row.majority.krippendorff_alpha
    yield "a person with the other people", row.human_ceiling
    yield "the judge in a person's place, less the person", row.difference_from_ceiling
    yield "highest correlation with people's mean", row.correlation_ceiling
    yield "advantage probability", row.alt_test.advantage


def _marginals(row: JudgeAgreement) -> Table:
    columns = (Column("label", "name"), Column("judge"), Column("people"))
    cells = tuple(
        (agreement_words.label(m.label, row), words.percent(m.judge), words.percent(m.people))
        for m in row.marginals
    )
    return Table(columns, cells, "How often each label was given")


def _alt_test(row: JudgeAgreement) -> Table:
    columns = (
        Column("person", "name"),
        Column("judge as near"),
        Column("p (BY)"),
        Column("units"),
        Column("judge holds its own", "text"),
    )
    test = row.alt_test
    caption = (
        f"Alternative annotator test, epsilon {test.epsilon:g}" if test.epsilon is not None else ""
    )
    return Table(columns, tuple(_rater(rater) for rater in test.raters), caption)


def _rater(rater: AltTestRater) -> tuple[str, ...]:
    held = (
        {True: "yes", False: "no"}.get(rater.wins, rater.note)
        if rater.wins is not None
        else rater.note
    )
    return (
        rater.rater,
        words.percent(rater.advantage),
        words.p_value(rater.p_value),
        words.count(rater.n_items),
        held,
    )


def _lacking(row: JudgeAgreement) -> str:
    """How many verdicts on labelled units are missing, by what became of them."""
    counts = {status.replace("_", " "): n for status, n in row.lacking.model_dump().items() if n}
    if not counts:
        return ""
    said = ", ".join(f"{words.count(n)} {status}" for status, n in counts.items())
    return f"Verdicts on labelled units that are missing, and left out: {said}."
