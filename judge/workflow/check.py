"""One tiny call a judge: is the key accepted, the model there, the schema kept, the price known?"""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass

from judge import parse
from judge.engine.budget import cost_usd
from judge.errors import ProviderError
from judge.plan import Pair, Plan, Swap
from judge.providers import Provider
from judge.records import data_folder
from judge.rubric_files import read_rubric
from judge.types import Completion, Item, JudgeModel, Response, Status, Verdict
from judge.workflow.compare import DEFAULT_RUBRIC
from judge.workflow.options import RUBRICS, Options, check_judges
from judge.workflow.running import World, connections

_ITEM = Item(
    "check",
    ("What is the capital of France?",),
    (Response("right", ("Paris.",)), Response("wrong", ("Lyon.",))),
)


@dataclass(frozen=True, slots=True)
class Checked:
    """What one judge's tiny call came to. error: "" where a verdict was read."""

    judge: JudgeModel
    completion: Completion | None
    verdict: Verdict | None
    error: str

    @property
    def line(self) -> str:
        """One line for people."""
        if self.completion is None:
            return f"{self.judge.judge}: {self.error}"
        answer = self.completion
        cost = cost_usd(self.judge, answer)
        price = "price unknown" if cost is None else f"${cost:.6f}"
        facts = f"{answer.model}, {answer.structured}, {answer.latency_s:.1f} s, {price}"
        return f"{self.judge.judge}: {self.error or 'ok'} ({facts})"


async def checked(options: Options, world: World) -> list[Checked]:
    """One call to every judge, each on its own."""
    check_judges(options)
    rubric = read_rubric(DEFAULT_RUBRIC, search=[RUBRICS, data_folder("rubrics")])
    plan = Plan(
        "pairwise",
        (_ITEM,),
        (Pair("right", "wrong"),),
        ((rubric, ""),),
        options.judges,
        Swap.parse("random"),
        1,
        options.seed,
    )
    async with connections(options.judges, world) as providers:
        return [await _checked(plan, judge, providers[judge.judge]) for judge in options.judges]


async def _checked(plan: Plan, judge: JudgeModel, provider: Provider) -> Checked:
    trial, prompt = next(plan.trials(judge))
    try:
        completion = await provider.complete(judge, prompt)
    except ProviderError as error:
        return Checked(judge, None, None, str(error))
    verdict = parse.read(completion, trial, plan.wordings[0][0], prompt.marker)
    problem = "" if verdict.status is Status.OK else f"{verdict.status}: {verdict.reason}"
    return Checked(judge, completion, verdict, problem)


def failed(results: Sequence[Checked]) -> bool:
    """True where a judge gave no verdict."""
    return any(result.error for result in results)
