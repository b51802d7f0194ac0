"""Fifty pairs of two systems with what one judge said in both orders, written down in every format.

WRITTEN says how a format would hold them; a format joins by adding its function there, and what its
shape has no word for to CANNOT_SAY.
"""

from __future__ import annotations

from collections.abc import Callable, Mapping, Sequence
from dataclasses import dataclass
from typing import Any

TUNED, BASE, TIE = "tuned", "base", "tie"
JUDGE = "judge-1"

RawRows = list[dict[str, Any]]


@dataclass(frozen=True, slots=True)
class Pair:
    """One prompt with two answers. ab: the winner where the tuned system was shown first; ba: second.

    A winner is TUNED, BASE, TIE, or None where the judge's answer could not be read.
    """

    item_id: str
    prompt: str
    tuned: str
    base: str
    category: str
    ab: str | None
    ba: str | None

    @property
    def orders(self) -> tuple[tuple[str, str | None], ...]:
        """Order and winner, the tuned system being system_a."""
        return (("AB", self.ab), ("BA", self.ba))


# Clear wins, position bias both ways, ties that hold and ties that do not.
_SAID = (
    (TUNED, TUNED),
    (TUNED, TUNED),
    (BASE, BASE),
    (TUNED, BASE),
    (TIE, TIE),
    (TUNED, TUNED),
    (BASE, TUNED),
    (TUNED, TIE),
    (TUNED, TUNED),
    (BASE, BASE),
    (TIE, BASE),
)
_UNREADABLE: dict[int, tuple[str | None, str | None]] = {
    7: (None, TUNED),
    23: (BASE, None),
    38: (None, None),
}


def _pair(n: int) -> Pair:
    ab, ba = _UNREADABLE.get(n, _SAID[n % len(_SAID)])
    return Pair(
        item_id=str(101 + n),
        prompt=f"Question {n}: what follows from premise {n * n}?",
        tuned="A longer answer. " + "More follows. " * (n % 7),
        base="A short answer." + " And so on." * (n % 3),
        category=("writing", "math", "coding")[n % 3],
        ab=ab,
        ba=ba,
    )


PAIRS: tuple[Pair, ...] = tuple(_pair(n) for n in range(50))


def native(pairs: Sequence[Pair]) -> dict[str, RawRows]:
    """Our own table, both orders."""
    return {"verdicts": [_native(pair, *said) for pair in pairs for said in pair.orders]}


def native_first_order(pairs: Sequence[Pair]) -> RawRows:
    """Our own table of the verdicts that a format of one presentation can hold, order left out."""
    rows = [_native(pair, "AB", pair.ab) for pair in pairs]
    return [{name: value for name, value in row.items() if name != "order"} for row in rows]


_LABEL = {TUNED: "a", BASE: "b", TIE: "tie", None: None}


def _native(pair: Pair, order: str, winner: str | None) -> dict[str, Any]:
    return {
        "item_id": pair.item_id,
        "system_a": TUNED,
        "system_b": BASE,
        "judge": JUDGE,
        "order": order,
        "label": _LABEL[winner],
        "len_a": len(pair.tuned),
        "len_b": len(pair.base),
        "category": pair.category,
    }


# -- AlpacaEval ----------------------------------------------------------------------------------

_PREFERENCE = {TUNED: 2.0, BASE: 1.0, TIE: 1.5, None: None}


def alpaca_eval(pairs: Sequence[Pair]) -> dict[str, RawRows]:
    """Annotations hold one presentation, and not which."""
    rows: RawRows = [
        {
            "instruction": pair.prompt,
            "output_1": pair.base,
            "generator_1": BASE,
            "output_2": pair.tuned,
            "generator_2": TUNED,
            "dataset": pair.category,
            "annotator": JUDGE,
            "preference": _PREFERENCE[pair.ab],
        }
        for pair in pairs
    ]
    return {"verdicts": rows}


# -- MT-Bench ------------------------------------------------------------------------------------

_MODEL = {TUNED: "model_1", BASE: "model_2", TIE: "tie", None: "error"}


def mt_bench(pairs: Sequence[Pair]) -> dict[str, RawRows]:
    """Pair judgments hold both games, with questions and answers in files of their own."""
    rows: RawRows = [
        {
            "question_id": int(pair.item_id),
            "model_1": TUNED,
            "model_2": BASE,
            "g1_winner": _MODEL[pair.ab],
            "g2_winner": _MODEL[pair.ba],
            "judge": [JUDGE, "pair-v2"],
            "g1_judgment": "said first",
            "g2_judgment": "said second",
            "turn": 1,
        }
        for pair in pairs
    ]
    questions: RawRows = [
        {"question_id": int(pair.item_id), "category": pair.category, "turns": [pair.prompt, "?"]}
        for pair in pairs
    ]
    answers: RawRows = [
        {
            "question_id": int(pair.item_id),
            "model_id": model,
            "choices": [{"index": 0, "turns": [text, "An answer to a second turn."]}],
        }
        for pair in pairs
        for model, text in ((TUNED, pair.tuned), (BASE, pair.base))
    ]
    return {"verdicts": rows, "questions": questions, "answers": answers}


# -- Arena-Hard ----------------------------------------------------------------------------------

# The baseline is shown as A in the first game and as B in the second.
_BASE_IS_A = {TUNED: "B>>A", BASE: "A>B", TIE: "A=B", None: None}
_BASE_IS_B = {TUNED: "A>B", BASE: "B>>A", TIE: "A=B", None: None}


def arena_hard(pairs: Sequence[Pair]) -> dict[str, RawRows]:
    """Judgments hold two games, the baseline first in the first of them."""
    rows: RawRows = [
        {
            "uid": pair.item_id,
            "category": pair.category,
            "judge": JUDGE,
            "model": TUNED,
            "baseline": BASE,
            "games": [
                {"score": _BASE_IS_A[pair.ba], "judgment": {"answer": "because"}, "prompt": "?"},
                {"score": _BASE_IS_B[pair.ab], "judgment": {"answer": "because"}, "prompt": "?"},
            ],
        }
        for pair in pairs
    ]
    answers: RawRows = [
        {
            "uid": pair.item_id,
            "model": model,
            "messages": [
                {"role": "user", "content": pair.prompt},
                {"role": "assistant", "content": {"answer": text}},
            ],
        }
        for pair in pairs
        for model, text in ((TUNED, pair.tuned), (BASE, pair.base))
    ]
    return {"verdicts": rows, "answers": answers}


# -- LMArena -------------------------------------------------------------------------------------

_VOTE = {TUNED: "model_a", BASE: "model_b", TIE: "tie (bothbad)", None: None}


def lmarena(pairs: Sequence[Pair]) -> dict[str, RawRows]:
    """Votes hold one presentation."""
    rows: RawRows = [
        {
            "question_id": pair.item_id,
            "model_a": TUNED,
            "model_b": BASE,
            "winner": _VOTE[pair.ab],
            "judge": f"user_{pair.item_id}",
            "conversation_a": _conversation(pair.prompt, pair.tuned),
            "conversation_b": _conversation(pair.prompt, pair.base),
        }
        for pair in pairs
    ]
    return {"verdicts": rows}


def _conversation(prompt: str, answer: str) -> RawRows:
    return [{"role": "user", "content": prompt}, {"role": "assistant", "content": answer}]


# -- benchmarks of judges ------------------------------------------------------------------------

_NUMBER = {TUNED: "1", BASE: "2", None: None}
_SWAPPED = {TUNED: "B>A", BASE: "A>B", TIE: "A=B", None: None}
_AS_SHOWN = {TUNED: "A>B", BASE: "B>A", TIE: "A=B", None: None}


def llmbar(pairs: Sequence[Pair]) -> dict[str, RawRows]:
    """Results hold both orders, their winners turned back to the item's own numbering."""
    items = [
        {"idx": n, "input": pair.prompt, "output_1": pair.tuned, "output_2": pair.base, "label": 1}
        for n, pair in enumerate(pairs)
    ]
    results = [
        [
            ["a step before the verdict", "stop"],
            {
                "swap = False": {"completion": ["said", "stop"], "winner": _NUMBER[pair.ab]},
                "swap = True": {"completion": ["said", "stop"], "winner": _NUMBER[pair.ba]},
            },
        ]
        for pair in pairs
    ]
    rows = [{**item, "results": said} for item, said in zip(items, results, strict=True)]
    return {"verdicts": rows, "items": items}


def judgebench(pairs: Sequence[Pair]) -> dict[str, RawRows]:
    """Outputs hold both orders, and the second decision is about what was shown."""
    rows: RawRows = [
        {
            "pair_id": pair.item_id,
            "source": pair.category,
            "question": pair.prompt,
            "response_A": pair.tuned,
            "response_B": pair.base,
            "label": "A>B",
            "judge_name": "arena_hard",
            "judgments": [
                {"judgment": {"judge_model": JUDGE, "response": "because"}, "decision": decision}
                for decision in (_AS_SHOWN[pair.ab], _SWAPPED[pair.ba])
            ],
        }
        for pair in pairs
    ]
    return {"verdicts": rows}


_PANDALM = {TUNED: "1", BASE: "2", TIE: "Tie", None: "garbage"}


def pandalm(pairs: Sequence[Pair]) -> dict[str, RawRows]:
    """The test set holds one presentation, and not which."""
    rows: RawRows = [
        {
            "idx": int(pair.item_id),
            "motivation_app": pair.category,
            "cmp_key": f"{TUNED}_{BASE}",
            "instruction": pair.prompt,
            "input": "",
            "response1": pair.tuned,
            "response2": pair.base,
            f"{JUDGE}_result": _PANDALM[pair.ab],
        }
        for pair in pairs
    ]
    return {"verdicts": rows}


_BEHIND = {TUNED: "A", BASE: "B", None: "?"}
_BEHIND_SWAPPED = {TUNED: "B", BASE: "A", None: "?"}


def prometheus(pairs: Sequence[Pair]) -> dict[str, RawRows]:
    """A row holds one presentation, A first; the other order is a row of its own."""
    return {"verdicts": [row for pair in pairs for row in _shown_both_ways(pair)]}


def _shown_both_ways(pair: Pair) -> RawRows:
    tuned, base = (TUNED, pair.tuned), (BASE, pair.base)
    shown = ((tuned, base, _BEHIND[pair.ab]), (base, tuned, _BEHIND_SWAPPED[pair.ba]))
    return [
        {
            "id": pair.item_id,
            "category": pair.category,
            "instruction": pair.prompt,
            "model_A": a[0],
            "model_B": b[0],
            "response_A": a[1],
            "response_B": b[1],
            "judge": JUDGE,
            "output": f"Feedback: because. [RESULT] {said}",
        }
        for a, b, said in shown
    ]


# ------------------------------------------------------------------------------------------------

# Format -> function that gives the rows of each file, by role: "verdicts", and those beside it.
WRITTEN: dict[str, Callable[[Sequence[Pair]], dict[str, RawRows]]] = {
    "native": native,
    "alpaca_eval": alpaca_eval,
    "mt_bench": mt_bench,
    "arena_hard": arena_hard,
    "lmarena": lmarena,
    "llmbar": llmbar,
    "judgebench": judgebench,
    "pandalm": pandalm,
    "prometheus": prometheus,
}

# Format -> the winners that its shape cannot hold; pairs with one of them are left out for it.
CANNOT_SAY: Mapping[str, frozenset[str | None]] = {
    "llmbar": frozenset({TIE}),
    "prometheus": frozenset({TIE}),
}


def pairs_for(name: str) -> tuple[Pair, ...]:
    """The pairs that a format can hold."""
    lacking = CANNOT_SAY.get(name, frozenset())
    return tuple(pair for pair in PAIRS if not {pair.ab, pair.ba} & lacking)
