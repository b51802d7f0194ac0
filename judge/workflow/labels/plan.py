"""Plans how many labels are wanted, from assumptions or from a pilot."""

from __future__ import annotations

from dataclasses import replace
from pathlib import Path

from judge.analysis.kinship import kinship_of
from judge.errors import InputError
from judge.labels.plan import Plan, assumed, piloted
from judge.stats.label_plan import check_plan
from judge.stats.panel import family_groups
from judge.workflow.beside import label_set_of
from judge.workflow.labels.check import verdicts_of_name
from judge.workflow.options import Options


def planned(
    options: Options,
    *,
    verdicts: str | None = None,
    labels: str | Path | None = None,
    half_width: float | None = None,
    rate: float | None = None,
    sd: float | None = None,
    correlation: float | None = None,
    items: int | None = None,
) -> Plan:
    """The plan. verdicts and labels: a pilot, a table or a run and what people said of some of it.

    Raises InputError for a number that cannot be meant, or one that the pilot says itself.
    """
    check_plan(0.05 if half_width is None else half_width, rate, sd, correlation)
    if items is not None and items < 1:
        raise InputError(f"--items {items}: must be 1 or more")
    if verdicts is None:
        return assumed(
            half_width=half_width, rate=rate, sd=sd, correlation=correlation, items=items
        )
    if labels is None:
        raise InputError(
            f"{verdicts}: name the labels of the pilot after it, as in VERDICTS LABELS"
        )
    assumptions = {"--rate": rate, "--sd": sd, "--correlation": correlation}
    given = [flag for flag, value in assumptions.items() if value is not None]
    if given:
        raise InputError(f"{given[0]}: the pilot says it; leave the flag out, or the files")
    known = label_set_of(replace(options, labels=Path(labels)))
    table, _ = verdicts_of_name(verdicts, options)
    if known is None or table is None:
        raise InputError("a pilot has verdicts and labels; name both")
    kin = kinship_of(table, options.families, {})
    groups = family_groups({judge: one.families for judge, one in kin.judges.items()})
    return piloted(
        table,
        known.labels,
        groups,
        half_width=half_width,
        items=items,
        scales=known.scales,
        seed=options.seed,
    )
