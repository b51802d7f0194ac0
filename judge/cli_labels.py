"""The commands that have to do with labels by people: plan, draw, import, check, list and lock."""

from __future__ import annotations

import sys
from pathlib import Path
from typing import TYPE_CHECKING, Annotated, cast

import typer

from judge.cli_options import Beside, FormatName, Map, StoreAt, options_of

if TYPE_CHECKING:
    from judge.labels.key import By, Stratify
    from judge.stats.label_draw import Allocation
    from judge.types import Mode

labels_app = typer.Typer()
_labels = typer.Typer(
    help="Plan, draw, import, check and lock labels by people.", no_args_is_help=True
)
labels_app.add_typer(_labels, name="labels")

AsJson = Annotated[bool, typer.Option("--json", help="The result as JSON on stdout.")]


def _width() -> int:
    import shutil

    columns = shutil.get_terminal_size().columns if sys.stdout.isatty() else 80
    return max(40, min(columns, 100))


@_labels.command("plan")
def labels_plan(
    verdicts: Annotated[
        str | None, typer.Argument(help="Of a pilot: a table of verdicts, or a run.")
    ] = None,
    labels: Annotated[
        Path | None, typer.Argument(help="Of the pilot: a set's name, or a file.")
    ] = None,
    half_width: Annotated[
        float | None,
        typer.Option(
            "--half-width", help="Of the 95 % interval (0.05, of scores 0.05 of their range)."
        ),
    ] = None,
    rate: Annotated[float | None, typer.Option("--rate", help="Assumed of a rate (0.5).")] = None,
    sd: Annotated[float | None, typer.Option("--sd", help="Assumed spread of scores.")] = None,
    correlation: Annotated[
        float | None, typer.Option("--correlation", help="Assumed, of judge and people.")
    ] = None,
    items: Annotated[
        int | None, typer.Option("--items", help="How many the judge has judged or will.")
    ] = None,
    format: FormatName = None,
    beside: Beside = None,
    map: Map = None,
    store: StoreAt = None,
    json: AsJson = False,
) -> None:
    """How many labels for an interval so narrow: from a pilot, or from what is assumed."""
    from judge.console import show
    from judge.report.doctor import plain_json
    from judge.report.labels_plan import text
    from judge.workflow.labels.plan import planned

    options = options_of(None, {"format": format, "beside": beside, "map": map, "store": store})
    plan = planned(
        options,
        verdicts=verdicts,
        labels=labels,
        half_width=half_width,
        rate=rate,
        sd=sd,
        correlation=correlation,
        items=items,
    )
    show(plain_json(plan.payload()) if json else text(plan, width=_width()))


@_labels.command("draw")
def labels_draw(
    sources: Annotated[
        list[str],
        typer.Argument(help="Responses, a table of verdicts, or a run.", metavar="SOURCE..."),
    ],
    n: Annotated[int, typer.Option("--n", help="How many pairs or answers.")],
    out: Annotated[Path, typer.Option("--out", help="A .csv or .jsonl file for the raters.")],
    raters: Annotated[
        str | None,
        typer.Option("--raters", help="NAME,NAME: a file each, in an order of their own."),
    ] = None,
    seed: Annotated[int | None, typer.Option("--seed", help="Of every random choice (0).")] = None,
    stratify: Annotated[
        str, typer.Option("--stratify", help="none, judge-score or category.")
    ] = "none",
    allocate: Annotated[
        str, typer.Option("--allocate", help="Over strata: proportional or neyman.")
    ] = "proportional",
    by: Annotated[
        str, typer.Option("--by", help="Draw each unit, or an item with all of its units.")
    ] = "unit",
    set_name: Annotated[
        str | None, typer.Option("--set", help="The set that it will be, which decides splits.")
    ] = None,
    splits: Annotated[
        str, typer.Option("--splits", help="Percents of dev, calib and test.")
    ] = "20/40/40",
    rubric: Annotated[
        str | None, typer.Option("--rubric", help="NAME[@N]: what raters are asked, and its scale.")
    ] = None,
    criterion: Annotated[
        str, typer.Option("--criterion", help="What is labelled; default overall.")
    ] = "",
    mode: Annotated[
        str | None, typer.Option("--mode", help="Of responses: pairwise or single.")
    ] = None,
    items: Annotated[
        list[Path] | None, typer.Option("--items", help="Responses beside a table of verdicts.")
    ] = None,
    extend: Annotated[
        Path | None, typer.Option("--extend", help="The key of an earlier draw: draw --n more.")
    ] = None,
    format: FormatName = None,
    beside: Beside = None,
    map: Map = None,
    store: StoreAt = None,
) -> None:
    """Draw pairs or answers at random, as blind files for people to fill in, with a key."""
    from judge.console import say
    from judge.labels.splits import parse_shares
    from judge.report.labels_draw import drawn as told
    from judge.workflow.labels.draw import Asked, drawn

    options = options_of(None, {"format": format, "beside": beside, "map": map, "store": store})
    asked = Asked(
        n=n,
        out=out,
        seed=seed,
        stratify=cast("Stratify", stratify),
        allocation=cast("Allocation", allocate),
        by=cast("By", by),
        set_name=set_name,
        criterion=criterion,
        rubric=rubric,
        raters=tuple(raters.split(",")) if raters else (),
        shares=parse_shares(splits),
        mode=cast("Mode | None", mode),
        items=tuple(items or ()),
        extend=extend,
    )
    found = drawn(sources, options, asked)
    counts = {"n": found.drawn, "total": found.total, "of": found.of, "seed": found.seed}
    say(told(mode=found.mode, strata=found.strata, splits=found.splits, **counts))
    say(f"the key says which answer is whose and never goes to raters: {found.key_path}")
    print("\n".join(str(path) for path in found.files))


@_labels.command("import")
def labels_import(
    files: Annotated[list[Path], typer.Argument(help="What raters filled in.")],
    key: Annotated[Path, typer.Option("--key", help="The .key.json of the draw.")],
    out: Annotated[Path | None, typer.Option("--out", help="A .jsonl file of labels.")] = None,
    set_name: Annotated[
        str | None, typer.Option("--set", help="Make calibration/NAME/v<N> instead.")
    ] = None,
    rater: Annotated[
        str | None, typer.Option("--rater", help="Whose file it is, where the draw named none.")
    ] = None,
) -> None:
    """Undo the blinding of files that people filled in: a file of labels, or a set."""
    from datetime import UTC, datetime

    from judge.console import say
    from judge.errors import InputError
    from judge.report.labels_draw import imported as told
    from judge.workflow.labels.importing import imported

    if rater is not None and len(files) > 1:
        raise InputError(
            "--rater: names whose file one is; import others on their own, or name files so"
        )
    found = imported(
        files,
        key,
        out=out,
        set_name=set_name,
        raters={str(files[0]): rater} if rater else {},
        created=datetime.now(UTC).date().isoformat(),
    )
    said = told(
        labels=len(found.labels),
        drawn=found.drawn,
        raters=found.raters,
        unlabelled=found.unlabelled,
        is_too_few=found.is_too_few,
    )
    say(said)
    if found.set_id:
        say(f"fill in its set.toml and DATASHEET.md, then `judge labels lock {found.set_id}`")
    print(found.path)


@_labels.command("check")
def labels_check(
    labels: Annotated[str, typer.Argument(help="A set's name or folder, or a file of labels.")],
    verdicts: Annotated[
        str | None, typer.Option("--verdicts", help="A table or a run that they are held against.")
    ] = None,
    items: Annotated[
        list[Path] | None,
        typer.Option("--items", help="Responses with the prompts of a file's labels."),
    ] = None,
    format: FormatName = None,
    beside: Beside = None,
    map: Map = None,
    store: StoreAt = None,
    json: AsJson = False,
) -> None:
    """What is wrong with labels, before a judge is held against them (errors: exit 2)."""
    from judge.console import say, show
    from judge.report.doctor import plain_json
    from judge.report.labels_check import text
    from judge.workflow.labels.check import check

    options = options_of(None, {"format": format, "beside": beside, "map": map, "store": store})
    found = check(labels, options, verdicts=verdicts, items=items or ())
    show(plain_json(found.payload()) if json else text(found, width=_width()))
    if not found.holds:
        say(f"judge: {found.name}: {'; '.join(one.title for one in found.errors)}")
        raise typer.Exit(2)


@_labels.command("list")
def labels_list() -> None:
    """Every set of labels that is found: mode, labels, whose they are, and what it is for."""
    from judge.console import show
    from judge.report.labels_draw import overview
    from judge.workflow.labels.check import listed

    show(f"{overview(listed())}\n")


@_labels.command("lock")
def labels_lock(
    name: Annotated[str, typer.Argument(metavar="SET", help="NAME, NAME@N or a set's folder.")],
) -> None:
    """Freeze a version of a set; corrections make a new version."""
    from judge.workflow.labels.check import lock

    one, is_new = lock(name)
    print(f"{one.id} {one.fingerprint}" if is_new else f"{one.id} is locked already")
