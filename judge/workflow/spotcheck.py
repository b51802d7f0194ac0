"""Draws judgments of a run for a person to mark, or says what a file of marks comes to."""

from __future__ import annotations

import shlex
from collections import Counter
from collections.abc import Iterator, Mapping, Sequence
from dataclasses import dataclass
from pathlib import Path

from judge import spotcheck
from judge.analysis.anchors import is_anchor
from judge.errors import InputError
from judge.report import spotcheck as report
from judge.report.schema import Spotcheck
from judge.spotcheck import Candidate
from judge.store import Store, open_existing
from judge.types import Item, Judgment, Run, Status
from judge.workflow import spotcheck_file as file
from judge.workflow.options import RUNS, Options, store_flag
from judge.workflow.runs import found
from judge.workflow.spotcheck_marks import NAME, result


@dataclass(frozen=True, slots=True)
class Drawn:
    """A draw that was written. judges: how many of each; asked: how many were wanted.

    then: the command that counts the marks.
    """

    path: Path
    judges: Mapping[str, int]
    items: int
    seed: int
    asked: int
    then: str

    @property
    def n(self) -> int:
        return sum(self.judges.values())


def drawn(
    run_id: str,
    options: Options,
    *,
    n: int = 20,
    seed: int | None = None,
    out: Path | None = None,
    again: bool = False,
) -> Drawn:
    """A draw of n judgments, written for a person to mark. seed: the run's own without one.

    again: others than those in the files that are there, into a further file. Raises InputError for a
    file that holds marks, or where there is nothing to draw.
    """
    if n < 1:
        raise InputError(f"--n {n}: must be 1 or more")
    with open_existing(options.store) as store:
        run = found(store, run_id)
        path = out or options.folder(run.run_id) / NAME
        known = _drawn_before(path) if again else frozenset[str]()
        target = file.next_file(path) if again else _checked(path)
        seed = run.seed if seed is None else seed
        chosen = spotcheck.draw(_candidates(store, run, known), n, seed)
        if not chosen:
            raise InputError(_nothing(run, again=again))
        file.write(target, list(_rows(store, run, chosen)))
        then = f"{_counting(run, options, target)}{store_flag(store.name)}"
    counts = Counter(candidate.judge for candidate in chosen)
    return Drawn(target, counts, len({c.item_id for c in chosen}), seed, n, then)


def _counting(run: Run, options: Options, path: Path) -> str:
    """The command that counts a file's marks: a report finds those that lie in the run's own folders."""
    folders = (options.folder(run.run_id), RUNS / run.run_id)
    is_found = any(path in file.files_of(folder / NAME) for folder in folders)
    of = f"judge report {run.run_id}"
    return of if is_found else f"judge spotcheck {run.run_id} --marks {shlex.quote(str(path))}"


def _checked(path: Path) -> Path:
    """The path, if nothing of a person's would be lost there."""
    if path.suffix.lower() != ".csv":
        raise InputError(f"{path}: a spot check is a .csv file")
    if path.exists():
        marks = file.holds_marks(file.read(path))
        if marks:
            raise InputError(
                f"{path}: holds {marks} marks or notes and is not overwritten; --again draws other "
                "judgments into another file, and `judge report` counts the marks"
            )
    return path


def _drawn_before(path: Path) -> frozenset[str]:
    """The trials, by their fragments, of a file and of those drawn after it."""
    return frozenset(row.fragment for p in file.files_of(path) for row in file.read(p))


def _nothing(run: Run, *, again: bool) -> str:
    if again:
        return f"every judgment of run {run.run_id} that has an explanation was drawn before"
    return (
        f"no verdict of run {run.run_id} has an explanation to check: its rubrics must ask for "
        "reasons before the label"
    )


def _candidates(store: Store, run: Run, known: frozenset[str]) -> Iterator[Candidate]:
    """The judgments with a verdict and an explanation, those drawn before left out."""
    for judgment in store.judgments(run.run_id):
        trial, verdict = judgment.trial, judgment.verdict
        is_known = spotcheck.fragment(trial.trial_id) in known or is_anchor(trial)
        if verdict.status is Status.OK and verdict.explanation.strip() and not is_known:
            yield Candidate(trial.trial_id, trial.judge, trial.item_id)


def _rows(store: Store, run: Run, chosen: Sequence[Candidate]) -> Iterator[dict[str, str]]:
    ids = [c.trial_id for c in chosen]
    by_trial = {t: spotcheck.spot_id(n, len(ids), t) for n, t in enumerate(ids, 1)}
    made: dict[str, dict[str, str]] = {}
    for item_id in dict.fromkeys(candidate.item_id for candidate in chosen):
        item = store.item(run.run_id, item_id)
        for judgment in store.judgments(run.run_id, item_id):
            trial_id = judgment.trial.trial_id
            if trial_id in by_trial:
                made[trial_id] = _row(item, judgment, by_trial[trial_id])
    yield from (made[trial_id] for trial_id in ids)


def _row(item: Item, judgment: Judgment, spot_id: str) -> dict[str, str]:
    trial = judgment.trial
    systems = [trial.system_a]
    if trial.system_b is not None:
        systems = list(trial.shown((trial.system_a, trial.system_b)))
    texts = ["\n\n".join(r.turns) if (r := item.response(s)) else "" for s in systems]
    return {
        "spot_id": spot_id,
        "item_id": item.item_id,
        "judge": trial.judge,
        "rubric": f"{trial.rubric} ({trial.variant})" if trial.variant else trial.rubric,
        "order": trial.order if trial.system_b is not None else "",
        "shown_first": systems[0],
        "verdict": report.verdict_words(judgment),
        "explanation": judgment.verdict.explanation,
        "prompt": "\n\n".join(item.prompt),
        "response_shown_first": texts[0],
        "response_shown_second": texts[1] if len(texts) > 1 else "",
        "mark": "",
        "note": "",
    }


def checked(run_id: str, options: Options, marks: Path) -> Spotcheck:
    """What the marks in a file say of the explanations of a run."""
    with open_existing(options.store) as store:
        return result(store, found(store, run_id), [marks])
