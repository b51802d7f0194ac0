"""One tiny call a judge: is the key accepted, the model there, the schema kept, the price known?"""

from __future__ import annotations

from collections.abc import Iterator, Sequence
from dataclasses import dataclass

from judge import logprobs, parse
from judge.engine.budget import cost_usd
from judge.errors import InputError, ProviderError
from judge.plan import Pair, Plan, Swap, is_priced
from judge.providers import Provider
from judge.providers.endpoint import modes
from judge.records import data_folder
from judge.report.words import clean
from judge.rubric_files import read_rubric
from judge.types import Completion, Item, JudgeModel, Mode, Response, Rubric, Status, Verdict
from judge.workflow import compare, score
from judge.workflow.options import RUBRICS, Options, check_judges
from judge.workflow.running import World, connections

_ITEM = Item(
    "check",
    ("What is the capital of France?",),
    (Response("right", ("Paris.",)), Response("wrong", ("Lyon.",))),
    reference="Paris.",
)
_DEFAULTS: dict[Mode, str] = {"pairwise": compare.DEFAULT_RUBRIC, "single": score.DEFAULT_RUBRIC}

# What to do where a verdict is the label though it should have been read by its probability.
_REMEDIES = {
    logprobs.ABSENT: (
        'the answer came without logprobs; set reading = "label", or use a server that gives them'
    ),
    logprobs.OFF_SCALE: (
        'too little of the probability is on the scale\'s labels; set reading = "label", or '
        "have the schema enforced"
    ),
    logprobs.UNCLEAR: (
        'its logprobs do not tell the labels apart; set reading = "label", or use a rubric whose '
        "labels begin differently"
    ),
}


@dataclass(frozen=True, slots=True)
class Checked:
    """What one judge's tiny call came to. error: "" where a verdict was read as it should be."""

    judge: JudgeModel
    completion: Completion | None
    verdict: Verdict | None
    error: str

    @property
    def line(self) -> str:
        """One line for people."""
        said = " ".join((self.error or "ok").split())
        facts = ", ".join(self._facts())
        return clean(f"{self.judge.judge}: {said}{f' ({facts})' if facts else ''}")

    def _facts(self) -> Iterator[str]:
        """Who answered, how it is held to the schema and read, how long it took, what it cost."""
        if self.completion is None:
            return
        answer, wanted = self.completion, self.judge.capabilities.structured
        yield answer.model or self.judge.model
        is_lower = answer.structured != wanted and not self.judge.endpoint
        yield f"structure {answer.structured}{f', {wanted} refused' if is_lower else ''}"
        yield f"reading {self.judge.reading}{self._mass()}"
        yield f"{answer.latency_s:.1f} s"
        cost = cost_usd(self.judge, answer)
        if cost is not None:
            yield f"${cost:.6f}"
        elif is_priced(self.judge):
            yield "cost unknown: no tokens were counted"
        else:
            yield "price unknown: set usd_per_mtok_in and usd_per_mtok_out"

    def _mass(self) -> str:
        dist = self.verdict.p_dist if self.verdict else None
        return "" if dist is None else f" with {logprobs.mass(dist):.2f} on the scale"


async def checked(options: Options, world: World) -> list[Checked]:
    """One call to every judge, each on its own; with the first of the rubrics that fits it."""
    check_judges(options)
    rubrics = [_read(name) for name in options.rubrics]
    return [
        await _checked(judge, _rubric(judge, rubrics), options, world) for judge in options.judges
    ]


def _read(name: str) -> Rubric:
    return read_rubric(name, search=[RUBRICS, data_folder("rubrics")])


def _rubric(judge: JudgeModel, rubrics: Sequence[Rubric]) -> Rubric:
    possible = modes(judge.endpoint) if judge.endpoint else ("pairwise", "single")
    fits = (r for r in rubrics if r.mode in possible and not _is_unreadable(judge, r))
    return next(fits, None) or _read(_DEFAULTS[next(iter(possible), "pairwise")])


def _is_unreadable(judge: JudgeModel, rubric: Rubric) -> bool:
    return judge.reading == "logprobs" and parse.cannot_weigh(rubric)


async def _checked(judge: JudgeModel, rubric: Rubric, options: Options, world: World) -> Checked:
    plan = Plan(
        rubric.mode,
        (_ITEM,),
        (Pair("right", "wrong" if rubric.mode == "pairwise" else None),),
        ((rubric, ""),),
        (judge,),
        Swap.parse("random"),
        1,
        options.seed,
    )
    try:
        async with connections((judge,), world) as providers:
            return await _asked(plan, judge, rubric, providers[judge.judge])
    except (InputError, ProviderError) as error:
        return Checked(judge, None, None, str(error).removeprefix(f"judge {judge.judge}: "))


async def _asked(plan: Plan, judge: JudgeModel, rubric: Rubric, provider: Provider) -> Checked:
    trial, prompt = next(plan.trials(judge))
    completion = await provider.complete(judge, prompt)
    verdict = parse.read(
        completion,
        trial,
        rubric,
        prompt.marker,
        judge.reading,
        lambda: parse.judged_texts(prompt.request),
    )
    return Checked(judge, completion, verdict, _problem(verdict))


def _problem(verdict: Verdict) -> str:
    if verdict.status is not Status.OK:
        return f"{verdict.status}: {verdict.reason}"
    return next((_REMEDIES[word] for word in verdict.method.split(", ") if word in _REMEDIES), "")


def failed(results: Sequence[Checked]) -> bool:
    """True where a judge gave no verdict, or one that cannot be read as it should be."""
    return any(result.error for result in results)
