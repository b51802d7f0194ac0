"""`--anchors`: items with known answers, mixed into a run, asked anew each time, and what they say."""

from __future__ import annotations

from collections.abc import Collection, Iterable, Iterator, Mapping, Sequence
from dataclasses import dataclass, replace
from pathlib import Path
from typing import Any

from judge.analysis import anchors
from judge.analysis.anchors import FIRST, PREFIX, SECOND, Anchors, Drift, Said
from judge.analysis.people import of_split
from judge.errors import InputError, short
from judge.formats.native import responses
from judge.labels.sets import is_set, read_items, read_label_set
from judge.pairing import paired
from judge.plan import Forecast, forecast
from judge.records import rows
from judge.stats.drift import ALPHA
from judge.store import Store
from judge.types import (
    Call,
    HumanLabel,
    Item,
    JudgeModel,
    Mode,
    Prompt,
    Response,
    Rubric,
    Run,
    Scale,
    Trial,
    canonical,
    digest,
)
from judge.workflow import certify
from judge.workflow.recipe import Recipe, from_config

# Parts of a run that decide how often something is asked, not what is answered: a presentation is held
# against itself, so runs that differ in them share a history.
_OF_THE_PLAN = ("swap", "repeats", "repeat_share")

_FLIPPED = {"a": "b", "b": "a", "tie": "tie"}


@dataclass(frozen=True, slots=True)
class Mixed:
    """A recipe with its items and the anchors among them."""

    recipe: Recipe
    items: tuple[Item, ...]


def mixed_in(recipe: Recipe, items: Sequence[Item], source: Path | None) -> Mixed:
    """The run with the anchors of --anchors. Raises InputError where they do not fit it."""
    if source is None:
        return Mixed(recipe, tuple(items))
    known, more = read(source, recipe)
    with_them = replace(recipe, anchors=known)
    mixed = (*items, *more)
    with_them.plan(mixed)  # what the rubrics need, as references, before spending
    return Mixed(with_them, mixed)


def forecast_of(own: Forecast, mixed: Mixed, concurrency: int) -> Forecast:
    """What the run will take with its anchors, which show no difference between systems."""
    if mixed.recipe.anchors is None:
        return own
    whole = forecast(mixed.recipe.plan(mixed.items), concurrency)
    return replace(whole, items=own.items, smallest_difference=own.smallest_difference)


# -- reading -------------------------------------------------------------------------------------


def read(source: Path, recipe: Recipe) -> tuple[Anchors, tuple[Item, ...]]:
    """The anchors of a set of labels (its majority answers) or of a file. Raises InputError.

    A file has a row an anchor: `prompt`, `response_a`, `response_b`, `label` (a, b or tie), or `prompt`,
    `response` and `label` or `score`.
    """
    _check_command(recipe)
    scale = _scale(recipe)
    if is_set(source):
        name, found = _of_set(source, recipe.mode, scale)
    else:
        name, found = source.name, _of_file(source, recipe.mode, scale)
    answers: dict[str, str] = {}
    items: dict[str, Item] = {}
    for item, answer in found:
        if answers.setdefault(item.item_id, answer) != answer:
            raise InputError(
                f"--anchors {source}: {short(item.prompt[0])} stands there twice with the answers "
                f"{answers[item.item_id]} and {answer}; keep one"
            )
        items[item.item_id] = item
    fingerprint = digest([recipe.mode, sorted(answers.items())])
    return Anchors(name, recipe.mode, answers, fingerprint), tuple(items.values())


def _check_command(recipe: Recipe) -> None:
    if recipe.command not in ("compare", "score"):
        raise InputError("--anchors: is for compare and score")
    other = "--stop-early" if recipe.stop_early else "--escalate" if recipe.escalate else ""
    if other:
        raise InputError(
            f"--anchors with {other}: every anchor must be put to every judge, and {other} leaves questions "
            "out; use one of the two"
        )


def _scale(recipe: Recipe) -> Scale:
    """The scale of the run's rubrics, which must be one for an answer to be known under all of them."""
    scales = {canonical([*r.scale.labels]): r.scale for r in recipe.rubrics}
    if len(scales) > 1 and recipe.mode == "single":
        raise InputError(
            "--anchors: the rubrics have different scales, so that one answer cannot be right under all; "
            "use one rubric"
        )
    return next(iter(scales.values()))


def _of_set(source: Path, mode: Mode, scale: Scale) -> tuple[str, list[tuple[Item, str]]]:
    """The units of a set on which most raters agree."""
    found = read_label_set(source)
    if found.mode != mode:
        raise InputError(
            f"--anchors {source}: {found.id} is {found.mode}, this run is {mode}; name a set of that mode"
        )
    items = {item.item_id: item for item in read_items(found)}
    said: dict[tuple[str, str, str], list[str]] = {}
    for label in of_split(found.labels, "all"):
        key, answer = _unit(label), _answer(label, scale, f"--anchors {source}")
        said.setdefault(key, []).append(_turned(answer, label, key))
    known = [(key, _majority(own)) for key, own in said.items()]
    kept = [(_of_item(items[key[0]], key[1:], mode), answer) for key, answer in known if answer]
    if not kept:
        raise InputError(f"--anchors {source}: no label is given by most raters of any unit")
    return found.id, kept


def _unit(label: HumanLabel) -> tuple[str, str, str]:
    if label.system is not None:
        return label.item_id, label.system, ""
    first, second = sorted((label.system_a or "", label.system_b or ""))
    return label.item_id, first, second


def _turned(answer: str, label: HumanLabel, key: tuple[str, str, str]) -> str:
    is_turned = label.system is None and label.system_a != key[1]
    return _FLIPPED[answer] if is_turned else answer


def _majority(answers: Sequence[str]) -> str:
    """What more than half of the raters said, "" where there is no such answer."""
    most = max(set(answers), key=answers.count)
    return most if 2 * answers.count(most) > len(answers) else ""


def _answer(label: HumanLabel, scale: Scale, where: str) -> str:
    if label.system is None:
        return label.label or "tie"
    return _on_scale(label.label, label.score, scale, f"{where}: {label.item_id}")


def _on_scale(label: str | None, score: float | None, scale: Scale, where: str) -> str:
    """The label of the rubric's scale that a label or a score names. Raises InputError."""
    if label in scale.labels:
        return label or ""
    named = [one for one in scale.labels if scale.values and scale.value(one) == score]
    if named and score is not None:
        return named[0]
    given = short(label if label is not None else score)
    raise InputError(
        f"{where}: the answer {given} is off the rubric's scale: {', '.join(scale.labels)}"
    )


def _of_item(item: Item, systems: Sequence[str], mode: Mode) -> Item:
    """The anchor that this unit of an item becomes, named by a hash of what is shown."""
    names = (FIRST, SECOND) if mode == "pairwise" else (FIRST,)
    own = [item.response(system) for system in systems[: len(names)]]
    shown = tuple(
        Response(name, found.turns) for name, found in zip(names, own, strict=True) if found
    )
    key = digest([list(item.prompt), [list(r.turns) for r in shown], item.reference])
    return Item(
        item_id=f"{PREFIX}{key.removeprefix('sha256:')[:16]}",
        prompt=item.prompt,
        responses=shown,
        reference=item.reference,
    )


def _of_file(source: Path, mode: Mode, scale: Scale) -> list[tuple[Item, str]]:
    found = [_of_row(n, dict(row), mode, scale, str(source)) for n, row in rows(source)]
    if not found:
        raise InputError(f"--anchors {source}: holds no rows; write at least one")
    return found


def _of_row(n: int, row: dict[str, Any], mode: Mode, scale: Scale, source: str) -> tuple[Item, str]:
    """An anchor and its answer from one row."""
    where = f"--anchors {source}, row {n}"
    columns = ("response_a", "response_b") if mode == "pairwise" else ("response",)
    lacking = [name for name in ("prompt", *columns) if not row.get(name)]
    if lacking:
        raise InputError(
            f"{where}: `{lacking[0]}` is empty; an anchor of a {mode} run has prompt, "
            f"{', '.join(columns)} and {'label' if mode == 'pairwise' else 'label or score'}"
        )
    shared = {name: row[name] for name in ("prompt", "reference") if row.get(name)}
    spread = [
        (n, {**shared, "item_id": "anchor", "system": name, "response": row[name]})
        for name in columns
    ]
    item = paired([responses(spread, source=source, system="")]).items[0]
    label = None if row.get("label") in (None, "") else str(row["label"])
    if mode == "single":
        answer = _on_scale(label, _number(row.get("score")), scale, where)
    elif label in _FLIPPED:
        answer = label
    else:
        raise InputError(f"{where}: `label` is {short(label)}; write a, b or tie")
    return _of_item(item, columns, mode), answer


def _number(value: object) -> float | None:
    try:
        return None if value in (None, "") else float(str(value))
    except ValueError:
        return None


# -- asking --------------------------------------------------------------------------------------


class Anew:
    """A run's look into its store, where nothing but the run's own calls answers an anchor.

    An answer of last week would say how the judge was last week.
    """

    def __init__(self, store: Store, recipe: Recipe, run_id: str) -> None:
        self._store, self._recipe, self._run_id = store, recipe, run_id
        self._keys: set[str] = set()

    def noted(self, trials: Iterator[tuple[Trial, Prompt]]) -> Iterator[tuple[Trial, Prompt]]:
        """The same trials, those of anchors so that no server takes them for a request of another run."""
        for trial, prompt in trials:
            if self._recipe.is_anchor(trial.item_id):
                self._keys.add(trial.content_key)
                prompt = replace(prompt, idempotency_key=f"{prompt.idempotency_key}/{self._run_id}")
            yield trial, prompt

    def answers(
        self, content_keys: Collection[str], run_id: str | None = None
    ) -> Mapping[str, Call]:
        """As the store has it. run_id: whose calls count for what is no anchor."""
        keys = set(content_keys)
        own, others = keys & self._keys, keys - self._keys
        found = self._store.answers(others, run_id) if others else {}
        return {**found, **(self._store.answers(own, self._run_id) if own else {})}


# -- what they say -------------------------------------------------------------------------------


def drift_of(store: Store, run: Run, recipe: Recipe) -> list[Drift]:
    """What the anchors of a run and of those before it say of each judge; none of a run without."""
    if recipe.anchors is None:
        return []
    spent = store.spent(run.run_id, recipe.anchors.answers)
    asked = [(judge, rubric) for judge in recipe.judges for rubric in recipe.rubrics]
    earlier = _earlier(store, run, recipe.anchors)
    said = {one.run_id: store.said(one.run_id, recipe.anchors.answers) for one, _ in earlier}
    found = []
    for judge, rubric in asked:
        since, why = _reference(store, run, recipe, judge, rubric)
        own = list(_own(earlier, said, _key(recipe, judge, rubric), since, rubric.scale))
        calls, cost = spent.get(judge.judge, (0, 0.0))
        found.append(
            Drift(
                judge=judge.judge,
                rubric=rubric.id,
                anchors=recipe.anchors.name,
                fingerprint=recipe.anchors.fingerprint,
                n_anchors=len(recipe.anchors.answers),
                runs=anchors.history(own, ALPHA / len(asked)),
                alpha=ALPHA / len(asked),
                reference=why,
                calls=calls,
                cost_usd=cost,
            )
        )
    return found


def _earlier(store: Store, run: Run, known: Anchors) -> list[tuple[Run, Recipe]]:
    """The runs with the same anchors up to this one, the first first."""
    found = []
    for one in store.runs():
        own = one.config.get("anchors")
        if own and own["fingerprint"] == known.fingerprint and _place(one) <= _place(run):
            found.append((one, from_config(one.config)))
    return sorted(found, key=lambda pair: _place(pair[0]))


def _place(run: Run) -> tuple[str, str]:
    return run.started_at, run.run_id


def _key(recipe: Recipe, judge: JudgeModel, rubric: Rubric) -> str:
    """All of a judge and rubric that decides an answer, whatever the judge is called."""
    parts = certify.parts_of(recipe, judge, rubric)
    return canonical({name: value for name, value in parts.items() if name not in _OF_THE_PLAN})


def _own(
    runs: Iterable[tuple[Run, Recipe]],
    said: dict[str, Any],
    key: str,
    since: str,
    scale: Scale,
) -> Iterator[Said]:
    """What a judge with these settings said of the anchors in each run since then that asked it."""
    for run, recipe in runs:
        known = recipe.anchors
        names = {
            (judge.judge, rubric.id)
            for judge in recipe.judges
            for rubric in recipe.rubrics
            if _key(recipe, judge, rubric) == key
        }
        own = [pair for pair in said[run.run_id] if (pair[0].judge, pair[0].rubric) in names]
        if known is not None and own and run.started_at >= since:
            yield anchors.of_run(run.run_id, run.started_at, own, known, scale)


def _reference(
    store: Store, run: Run, recipe: Recipe, judge: JudgeModel, rubric: Rubric
) -> tuple[str, str]:
    """Since when runs are held against each other, and why: the newest certificate begins anew."""
    parts = certify.parts_of(recipe, judge, rubric)
    own = [
        one
        for one in certify.all_of(store)
        if dict(one.parts) == parts and one.made_at <= run.started_at
    ]
    if not own:
        return "", "the first run with these anchors"
    newest = max(own, key=lambda one: one.made_at)
    begun = {one.run_id: one.started_at for one in store.runs()}
    return begun.get(newest.run_id, newest.made_at), f"the certificate of {newest.made_at[:10]}"
