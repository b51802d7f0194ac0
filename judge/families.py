"""Who made a model, as far as its name says: the families by which a judge may be kin to a system.

A family is whoever trained the base; a model that was taught by another's answers has that one's family
too, where its own paper or card says so. What the table does not know stays unknown until somebody
declares it: a family is never guessed.
"""

from __future__ import annotations

import re
from collections.abc import Collection, Iterable, Mapping
from dataclasses import dataclass
from types import MappingProxyType
from typing import Literal

Families = frozenset[str]
Patterns = Mapping[str, Families]  # pattern of names -> families; case does not count
Origin = Literal["declared", "table", "unknown"]
Relation = Literal["own", "kin", "other", "unknown"]

TABLE_VERSION = "2026.2"  # changed with every change of TABLE, since it changes what a panel says


def _of(*names: str) -> Families:
    return frozenset(names)


# Bases by who trained them, then models that were taught by another's answers. A name may fit several
# patterns, as that of a distilled model does that names both; its families are those of all.
TABLE: Patterns = MappingProxyType(
    {
        r"chatgpt|(?<![a-z])(?<!cerebras[-_ ])gpt[-_ ]?([2345](?!all)|oss)|(?<![a-z])davinci": _of(
            "openai"
        ),
        r"(^|/)(o[13]|o[134]-(mini|preview|pro))(-\d{4}-\d\d-\d\d)?$": _of("openai"),
        r"(?<![a-z])claude(?![a-z])": _of("anthropic"),
        r"(?<![a-z])gemini(pro)?(?![a-z])|gemma(?![a-z])": _of("google"),
        r"(?<![a-z])palm(?![a-z])|(text|chat)-bison|flan[-_ ]?t5": _of("google"),
        r"(?<![a-z])(?<!open[-_ ])llama(?!files?|[-._ ]?cpp|[-_ ]?index)|codellama": _of("meta"),
        r"mistral|mixtral|codestral|ministral|magistral|pixtral|devstral": _of("mistral"),
        r"qwen|(?<![a-z])qwq|(?<![a-z])qvq": _of("alibaba"),
        r"deepseek": _of("deepseek"),
        r"(?<![a-z])grok(?![a-z])": _of("xai"),
        r"(?<![a-z])command[-_ ](r|a)(?![a-z])|c4ai": _of("cohere"),
        r"(?<![a-z])phi-?\d": _of("microsoft"),
        r"(?<![a-z])falcon(?![a-z])": _of("tii"),
        r"(?<![a-z])nova-(micro|lite|pro|premier)|titan-text": _of("amazon"),
        r"jamba|jurassic": _of("ai21"),
        r"chatglm|(?<![a-z])glm-?\d": _of("zhipu"),
        r"(?<![a-z])yi-(\d+b|large|lightning|medium)": _of("01-ai"),
        r"moonshot|(?<![a-z])kimi": _of("moonshot"),
        r"(?<![a-z])olmo": _of("allenai"),
        r"nemotron": _of("nvidia"),
        r"pythia|gpt[-_ ]?(j|neox?)(?![a-z])": _of("eleutherai"),
        r"baichuan": _of("baichuan"),
        r"internlm": _of("internlm"),
        # Taori et al. 2023: LLaMA on answers of text-davinci-003. AlpacaEval is the name of a judge too.
        r"alpaca(?![-_ ]?eval)": _of("meta", "openai"),
        # LLaMA on conversations with ChatGPT: Chiang et al. 2023, Geng et al. 2023, Xu et al. 2304.01196.
        r"vicuna|(?<![a-z])koala|(?<![a-z])baize": _of("meta", "openai"),
        # LLaMA on instructions and answers of ChatGPT: Xu et al. 2304.12244; version 2 has other bases.
        r"wizardlm(?![-_ ]?2(?!\d))": _of("meta", "openai"),
        # LLaMA on UltraChat, which is by ChatGPT: Ding et al. 2305.14233.
        r"ultralm": _of("meta", "openai"),
        # LLaMA on mixtures that are mostly answers of GPT models: Ivison et al. 2311.10702.
        r"(?<![a-z])tulu": _of("meta", "openai"),
        # Mistral on UltraChat and UltraFeedback: Tunstall et al. 2310.16944.
        r"zephyr-7b-(alpha|beta)": _of("mistral", "openai"),
        # Judges: LLaMA on verdicts of GPT models (Wang et al. 2306.05087, Kim et al. 2310.08491), then
        # Mistral (Kim et al. 2405.01535).
        r"pandalm|prometheus-\d+b-v1": _of("meta", "openai"),
        r"prometheus-(\d+x)?\d+b-v2": _of("mistral", "openai"),
    }
)


@dataclass(frozen=True, slots=True)
class Kin:
    """The families of a judge or system, none where they are unknown, and who says so."""

    families: Families
    origin: Origin


def matched(names: Collection[str], patterns: Patterns) -> Families:
    """The families of all patterns that are found in one of the names, in whatever case."""
    found = [
        families
        for pattern, families in patterns.items()
        if any(re.search(pattern, name, re.IGNORECASE) for name in names)
    ]
    return frozenset[str]().union(*found)


def kin(names: Collection[str], declared: Families | None) -> Kin:
    """The families of whoever has these names: as declared, else as the table says, else unknown."""
    if declared:
        return Kin(declared, "declared")
    found = matched(names, TABLE)
    return Kin(found, "table" if found else "unknown")


def is_same(names: Iterable[str], others: Iterable[str]) -> bool:
    """Whether one of these names and one of the others mean the same model."""
    return not _bare(names).isdisjoint(_bare(others))


def _bare(names: Iterable[str]) -> frozenset[str]:
    """The names without case, punctuation and what stands before the last slash, as in openai/gpt-4.

    Digits stay apart, so that llama-2-7b is not llama-27b.
    """
    return frozenset(
        bare for name in names if (bare := _joined(name.casefold().rpartition("/")[2]))
    )


def _joined(name: str) -> str:
    """The letters and digits of a name, a dot where it parts two numbers."""
    found = ""
    for word in re.findall(r"[^\W_]+", name):
        found += f".{word}" if found[-1:].isdigit() and word[0].isdigit() else word
    return found


# -- everybody in a table ------------------------------------------------------------------------


@dataclass(frozen=True, slots=True)
class Kinship:
    """Who is who in a table. own: the (judge, system) that are the same model."""

    judges: Mapping[str, Kin]
    systems: Mapping[str, Kin]
    own: frozenset[tuple[str, str]]

    def relation(self, judge: str, system: str) -> Relation:
        """What a system is to a judge; a system of a family is kin, the judge itself is own."""
        if (judge, system) in self.own:
            return "own"
        mine, its = self.judges[judge].families, self.systems[system].families
        if not mine or not its:
            return "unknown"
        return "kin" if mine & its else "other"

    def undeclared(self) -> tuple[str, ...]:
        """The judges and systems whose families nobody knows, sorted."""
        both = {**self.judges, **self.systems}
        return tuple(sorted(name for name, kin in both.items() if not kin.families))


def kinship(
    judges: Mapping[str, Collection[str]], systems: Iterable[str], declared: Mapping[str, Families]
) -> Kinship:
    """Everybody with their families. judges: judge -> all names it goes by, its model's among them.

    declared: name of a judge or system -> families. A system that is a judge is of its families.
    """
    known = {judge: kin({judge, *names}, declared.get(judge)) for judge, names in judges.items()}
    systems = tuple(systems)
    own = frozenset(
        (judge, system)
        for system in systems
        for judge, names in judges.items()
        if is_same({judge, *names}, [system])
    )
    found = {system: kin([system], declared.get(system)) for system in systems}
    for judge, system in sorted(own):
        if found[system].origin != "declared":
            found[system] = known[judge]
    return Kinship(known, found, own)
