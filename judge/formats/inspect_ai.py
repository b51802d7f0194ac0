"""Inspect: logs of an evaluation (.eval, .json), and the rows of scores that were computed elsewhere.

A log has one system, the model that was evaluated; each scorer is a judge. An epoch is another response
of the system to the same sample: responses are those of the first epoch, verdicts keep the epoch as
their repeat. A sample that a scorer left without a score has none here either.
"""

from __future__ import annotations

from collections.abc import Iterable, Iterator, Mapping
from dataclasses import dataclass
from typing import Any

from judge.errors import InputError, short
from judge.formats import AS_NAMED, Answer, Answers, ColumnMap, Files, Format, Row, Rows, bad
from judge.formats.chats import user_turns
from judge.formats.inspect_scores import Scored, readings, score_rows, verdict_rows
from judge.formats.published import inner, table_of, text_of
from judge.table import VerdictTable
from judge.types import Status

_HEADERS = ("header.json", "_journal/start.json", "start.json")
_SAMPLES = "samples/"
_ATTACHMENT = "attachment://"


@dataclass(frozen=True, slots=True)
class _Sample:
    """One sample of a log in one epoch. row: its place in the log."""

    row: int
    item: str
    epoch: int
    values: Mapping[str, Any]

    @property
    def scores(self) -> Mapping[str, Any]:
        """Scorer -> its score, empty where nothing was scored."""
        return self.values.get("scores") or {}


@dataclass(frozen=True, slots=True)
class _Log:
    """A log: its system, samples in their order, and the scorers that it names."""

    system: str
    samples: tuple[_Sample, ...]
    scorers: tuple[str, ...]

    def parts(self, scorer: str) -> tuple[str, ...]:
        """The named parts that this scorer's scores have in any sample; one without a name if none."""
        values = [inner(sample.scores.get(scorer), "value") for sample in self.samples]
        return tuple(dict.fromkeys(n for v in values if isinstance(v, Mapping) for n in v)) or ("",)


# -- logs ----------------------------------------------------------------------------------------


def _log(rows: list[Row], own: Rows) -> _Log:
    """The log of a document, or of an archive of members."""
    document = rows[0][1]
    archived = [name for name in document if name.startswith(_SAMPLES)]
    if "samples" not in document and not archived:
        raise InputError(
            f"{own.source}: holds no samples; name a log that Inspect wrote, with its samples"
        )
    if len(rows) > 1:
        raise bad(own.source, rows[1][0], "samples", "is another log; write each into its own file")
    header = _header(document) if archived else document
    listed = [document[n] for n in archived] if archived else document["samples"]
    if not isinstance(listed, list | None):
        raise bad(own.source, rows[0][0], "samples", f"{short(listed)} is no list of samples")
    system = inner(header, "eval", "model")
    if not isinstance(system, str) or not system:
        raise InputError(f"{own.source}: does not name the model (eval.model)")
    samples = tuple(_sample(n, values, own) for n, values in enumerate(listed or (), 1))
    if not samples:
        raise InputError(f"{own.source}: holds no samples; was the log written without them?")
    return _Log(system, samples, tuple(_scorers(header, samples)))


def _header(document: Mapping[str, Any]) -> Any:
    return next((document[name] for name in _HEADERS if name in document), {})


def _sample(row: int, values: Any, own: Rows) -> _Sample:
    if not isinstance(values, Mapping):
        raise bad(own.source, row, "samples", f"{short(values)} is no sample")
    item, epoch = values.get("id"), values.get("epoch", 1)
    if isinstance(item, bool) or not isinstance(item, str | int) or item == "":
        raise bad(own.source, row, "id", f"{short(item)} is no id; every sample has one")
    if isinstance(epoch, bool) or not isinstance(epoch, int):
        raise bad(own.source, row, "epoch", f"{short(epoch)} is no whole number")
    if not isinstance(values.get("scores"), Mapping | None):
        problem = f"{short(values['scores'])} is no object with a score for each scorer"
        raise bad(own.source, row, "scores", problem)
    return _Sample(row, str(item), epoch, values)


def _scorers(header: Any, samples: Iterable[_Sample]) -> list[str]:
    """The scorers of a log, so that a sample without a score counts as one that lacks it."""
    scores = inner(header, "results", "scores")
    named = [inner(s, "scorer") for s in scores] if isinstance(scores, list) else []
    keys = dict.fromkeys(name for sample in samples for name in sample.scores)
    # A result may name a scorer that wrote its scores under another name: samples go first.
    return [*keys] or [name for name in dict.fromkeys(named) if isinstance(name, str)]


def _resolved(text: str, sample: _Sample) -> str:
    """A long text stands once among the attachments of its sample."""
    if not text.startswith(_ATTACHMENT):
        return text
    found = inner(sample.values, "attachments", text.removeprefix(_ATTACHMENT))
    return found if isinstance(found, str) else text


def _rows(own: Rows) -> list[Row]:
    """The rows, of which a log is one."""
    rows = list(own.rows)
    if not rows:
        raise InputError(f"{own.source}: holds no rows; write at least one")
    return rows


# -- responses -----------------------------------------------------------------------------------


def responses(files: Files, *, columns: Mapping[str, str] = AS_NAMED) -> Answers:
    """What the model wrote to every sample in the first epoch."""
    own = files["responses"]
    log = _log(_rows(own), own)
    first = min(sample.epoch for sample in log.samples)
    rows = tuple(_answer(sample, log, own) for sample in log.samples if sample.epoch == first)
    epochs = len({sample.epoch for sample in log.samples})
    said = (
        f"{own.source}: {epochs} epochs, each with responses of its own; those of epoch {first} are "
        "taken"
    )
    mapping = {"response": "output", "prompt": "input", "reference": "target"}
    warnings = (said,) if epochs > 1 else ()
    return Answers(own.source, rows, ColumnMap(own.source, mapping), warnings)


def _answer(sample: _Sample, log: _Log, own: Rows) -> Answer:
    text = _completion(sample, own)
    return Answer(
        source=own.source,
        row=sample.row,
        system=log.system,
        prompt=_prompt(sample, own),
        turns=None if text is None else (text,),
        item_id=sample.item,
        reference=_target(sample.values.get("target")),
    )


def _prompt(sample: _Sample, own: Rows) -> tuple[str, ...]:
    given = sample.values.get("input")
    try:
        turns = (
            (_resolved(given, sample),)
            if isinstance(given, str)
            else user_turns(given, lambda text: _resolved(text, sample))
        )
    except ValueError as error:
        raise bad(own.source, sample.row, "input", str(error)) from None
    if not any(turn.strip() for turn in turns):
        raise bad(own.source, sample.row, "input", "is empty; every sample needs its input")
    return turns


def _completion(sample: _Sample, own: Rows) -> str | None:
    """The text of the output, None where the model gave none."""
    output = sample.values.get("output")
    text = inner(output, "completion")
    if isinstance(text, str) and text:
        return _resolved(text, sample)
    choices = inner(output, "choices")
    if not isinstance(choices, list) or not choices:
        return None
    try:
        return _resolved(text_of(inner(choices[0], "message", "content")), sample)
    except ValueError as error:
        raise bad(own.source, sample.row, "output", str(error)) from None


def _target(value: Any) -> str | None:
    """The target; of several admissible ones, each on a line of its own."""
    texts = [t for t in value if isinstance(t, str)] if isinstance(value, list) else [value]
    return "\n".join(text for text in texts if isinstance(text, str)) or None


# -- verdicts ------------------------------------------------------------------------------------


def verdicts(files: Files, *, columns: Mapping[str, str] = AS_NAMED) -> VerdictTable:
    """The scores of a log, one a sample, epoch, scorer and part of a score; or rows of scores.

    C, P, I and N are 1, 0.5, 0 and 0, as Inspect reads them; other words are labels without a score.
    """
    own = files["verdicts"]
    rows = _rows(own)
    if {"value", "id"} <= rows[0][1].keys():
        return score_rows(rows, own)
    log = _log(rows, own)
    parts = {scorer: log.parts(scorer) for scorer in log.scorers}
    scored = [one for sample in log.samples for one in _scored(sample, log.system, parts, own)]
    said = readings(scored)
    found = [(one.row, {**one.place, **r}) for one, r in zip(scored, said, strict=True)]
    if not found:
        raise InputError(f"{own.source}: holds no scores; `inspect score` adds them")
    return table_of("single", found, own.source, warnings=_warnings(log))


def _warnings(log: _Log) -> Iterator[str]:
    epochs = len({sample.epoch for sample in log.samples})
    if epochs > 1:
        yield (
            f"{epochs} epochs stand as repeats, and each has a response of its own: repetition "
            "stability is that of the system and its judge together"
        )


def _scored(
    sample: _Sample, system: str, scorers: Mapping[str, tuple[str, ...]], own: Rows
) -> Iterator[Scored]:
    """Every score of a sample, with those that it should have and has not. scorers: with their parts."""
    text = _completion(sample, own)
    shared = {
        "item_id": sample.item,
        "system": system,
        "repeat": sample.epoch,
        "len": None if text is None else len(text),
    }
    for scorer, parts in scorers.items():
        place: dict[str, Any] = {**shared, "judge": scorer}
        score = sample.scores.get(scorer)
        if score is None:
            places = ({**place, "criterion": part} for part in parts)
            yield from (Scored(sample.row, p, None, lacking=_lacking(sample)) for p in places)
            continue
        if not isinstance(score, Mapping):
            raise bad(own.source, sample.row, "scores", f"{short(score)} is no score")
        place["explanation"] = _text(score.get("explanation"))
        place["answer"] = _text(score.get("answer")) or None
        for part, value in _parts(score.get("value"), parts):
            yield Scored(sample.row, {**place, "criterion": part}, value)


def _lacking(sample: _Sample) -> tuple[Status, str]:
    error = inner(sample.values, "error", "message")
    if error is not None or sample.values.get("error"):
        return Status.FAILED, str(error or sample.values["error"])
    return Status.UNPARSED, "the scorer gave no score"


def _parts(value: Any, names: tuple[str, ...]) -> list[tuple[str, Any]]:
    """The parts of a score, each a criterion; a named one that this sample lacks is None."""
    if isinstance(value, Mapping):
        return [(name, value.get(name)) for name in names]
    if isinstance(value, list) and value:
        return [(str(n), part) for n, part in enumerate(value, 1)]
    return [(name, None) for name in names] if value in (None, []) else [("", value)]


def _text(value: Any) -> str:
    return value if isinstance(value, str) else ""


FORMAT = Format(
    name="inspect",
    description="Inspect: logs (.eval, .json), and rows for its precomputed_scores",
    reads={"responses": responses, "verdicts": verdicts},
    writes={"verdicts": verdict_rows},
    endings=(".json", ".jsonl"),
    whole=True,
)
