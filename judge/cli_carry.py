"""How the commands that ask judges forecast, carry out and print what was prepared."""

from __future__ import annotations

from typing import TYPE_CHECKING

from judge.cli_options import present

if TYPE_CHECKING:
    from judge.workflow.judging import Prepared
    from judge.workflow.options import Options
    from judge.workflow.reporting import Result


def carry_out(
    what: Prepared, options: Options, *, dry_run: bool, json: bool, certify: bool = False
) -> None:
    """Asks the judges and prints the report, or says what that would take.

    certify: of an audit, that what it found is kept for later reports.
    """
    from judge.console import forecast_line, in_world, say
    from judge.workflow.judging import judged

    for mapping in what.mappings:
        say(mapping)
    if dry_run:
        _print_forecast(what, json=json)
        return
    say(forecast_line(what.forecast))
    result = in_world(lambda world: judged(what, options, world))
    if certify and result.run_id is not None:
        result = _certified(result, result.run_id, options)
    present(result, json=json)


def _certified(result: Result, run_id: str, options: Options) -> Result:
    """The result once its certificates are made; where none can be, that is a reason to fail beside it."""
    from dataclasses import replace
    from datetime import UTC, datetime

    from judge.console import say
    from judge.errors import InputError
    from judge.workflow.certifying import certified_audit
    from judge.workflow.reporting import INPUT

    try:
        done = certified_audit(run_id, options, now=datetime.now(UTC))
    except InputError as why:
        code = result.exit_code or INPUT
        return replace(result, exit_code=code, reasons=(*result.reasons, str(why)))
    for one in done.made:
        until = one.valid_until.date().isoformat()
        say(f"certificate of {one.judge} under {one.rubric} by this audit: quoted until {until}")
    for text in done.refused:
        say(f"no certificate: {text}")
    return result


def _print_forecast(what: Prepared, *, json: bool) -> None:
    from dataclasses import asdict

    from judge.console import forecast_line, show
    from judge.report.words import clean

    if json:
        from judge.report.json_text import harmless
        from judge.types import canonical

        show(f"{harmless(canonical(asdict(what.forecast)))}\n")
        return
    expected, early = what.forecast, what.recipe.stop_early
    lines = [
        forecast_line(expected),
        f"{len(what.recipe.judges)} judges x {expected.per_judge:,} trials, {expected.items} items",
        f"about {expected.tokens_in:,} tokens in and {expected.tokens_out:,} out",
        *(["this at most: --stop-early asks no more once the answer is known"] if early else []),
        *(
            ["this at most: --escalate asks the later judges only where those before are not sure"]
            if what.recipe.escalate
            else []
        ),
        *(
            f"price of {judge} unknown: set usd_per_mtok_in and usd_per_mtok_out in judge.toml"
            for judge in expected.unpriced
        ),
        *(f"warning: {warning}" for warning in what.recipe.warnings),
        "Nothing was asked.",
    ]
    show("".join(f"{clean(line)}\n" for line in lines))
