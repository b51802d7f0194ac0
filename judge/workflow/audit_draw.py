"""Which items a judge is audited on, and the answers that are made from theirs.

Items are drawn at random, at most one a cluster and one pair of systems (or one answer) of each, so that
they say nothing about each other and the tests over them are exact.
"""

from __future__ import annotations

from collections import Counter
from collections.abc import Iterator, Mapping, Sequence
from dataclasses import dataclass, replace
from itertools import combinations

from judge.analysis.audit_asked import CONSTANT, derived, origin
from judge.analysis.gold import Gold
from judge.errors import InputError, cut
from judge.pairing import ResponseSet
from judge.perturbation_texts import CONSTANT_TEXT, drawn
from judge.perturbations import CONSTANT_GROUP, NULL, PADDING, PERTURBATIONS, Context
from judge.plan import Pair, Plan, Swap
from judge.report.words import counted
from judge.types import Item, Mode, Response, Rubric
from judge.workflow.audit_targets import DRAWN, drawn_order

Systems = tuple[str, ...]  # a pair, or the one whose answer is scored

# Why an item cannot be drawn, for people.
_ALONE = "have no two answers to compare"
_SAME = "have the same text twice, of which none can lose"
_UNDECIDED = "have no answer that lost by the labels"
_EMPTY = "have no answer"

# Of fewer no outcome could be a finding: five that all change one way have a two-sided p of 1/16.
ENOUGH_ITEMS = 6


@dataclass(frozen=True, slots=True)
class Question:
    """An item with what is shown of it. target: the system that is known to have lost, "" where none is.

    answer: the right verdict, a or b in the order of the systems, "" where it is not known.
    """

    item: Item
    systems: Systems
    target: str = ""
    answer: str = ""


@dataclass(frozen=True, slots=True)
class Drawn:
    """The questions of an audit, in the order of the draw. n_available: clusters to draw from."""

    questions: tuple[Question, ...]
    n_available: int
    warnings: tuple[str, ...] = ()


# -- which items ---------------------------------------------------------------------------------


def questions(
    responses: ResponseSet, mode: Mode, *, most: int, seed: int, gold: Gold | None = None
) -> Drawn:
    """At most so many questions, drawn by the seed. gold: where given, only pairs with a known loser.

    Raises InputError where none can be asked.
    """
    _check_names(responses.systems)
    found: dict[str, Question] = {}
    lacking: Counter[str] = Counter()
    for item in Plan("single", responses.items, (), (), (), Swap(1.0), 1, seed).ordered_items():
        one = _question(item, mode, seed, gold)
        if isinstance(one, str):
            lacking[one] += 1
        else:
            found.setdefault(item.cluster, one)
    told = [f"{counted(n, 'item')} {why}: left out" for why, n in lacking.items()]
    if not found:
        raise InputError(f"no item can be audited: {'; '.join(told) or 'the files hold none'}")
    return Drawn(tuple(found.values())[:most], len(found), tuple(told))


def _check_names(systems: Sequence[str]) -> None:
    """Raises InputError for a system that is named as an audit names what it makes."""
    for system in systems:
        if system == CONSTANT or origin(system, PERTURBATIONS)[1]:
            raise InputError(
                f"system {cut(system)}: an audit gives such names to the answers that it makes; rename it"
            )


def _question(item: Item, mode: Mode, seed: int, gold: Gold | None) -> Question | str:
    """What is asked about an item, or why nothing can be."""
    systems = [response.system for response in item.responses]
    if mode == "single":
        if not systems:
            return _EMPTY
        own = systems[drawn(seed, item.item_id, "answer", len(systems))]
        return Question(item, (own,), target=own)
    pairs = list(combinations(systems, 2))
    if not pairs:
        return _ALONE
    different = [pair for pair in pairs if _text(item, pair[0]) != _text(item, pair[1])]
    if not different:
        return _SAME
    known = [_known(item, pair, gold) for pair in different]
    usable = [one for one in known if gold is None or one.target]
    if not usable:
        return _UNDECIDED
    return usable[drawn(seed, item.item_id, "pair", len(usable))]


def _known(item: Item, pair: tuple[str, str], gold: Gold | None) -> Question:
    """A pair with its loser, where the labels name one."""
    a, b = pair
    first, second = sorted(pair)  # as gold has the systems
    side = gold.sides.get((item.item_id, first, second), 0.0) if gold is not None else 0.0
    if not side:
        return Question(item, pair)
    is_first_better = (side > 0) == (a == first)
    return Question(item, pair, b if is_first_better else a, "a" if is_first_better else "b")


def _text(item: Item, system: str) -> Systems:
    found = item.response(system)
    return () if found is None else found.turns


# -- what is made of them ------------------------------------------------------------------------


def perturbed(
    asked: Sequence[Question], names: Sequence[str], rubric: Rubric, seed: int, *, thorough: bool
) -> tuple[Item, ...]:
    """The items with the answers that are shown, as they came and perturbed.

    names: of perturbations, CONSTANT_GROUP among them. thorough: every item gets all null answers, and not
    one in its turn.
    """
    nulls = [name for name in names if _is_null(name)]
    others = [name for name in names if not _is_null(name)]
    made = []
    for place, question in enumerate(asked):
        turn = (place + drawn(seed, "", "null", len(nulls))) % len(nulls) if nulls else 0
        own = [*(nulls if thorough else nulls[turn : turn + 1]), *others]
        following = asked[(place + 1) % len(asked)]
        made.append(_with_perturbed(question, following, own, rubric, seed))
    return tuple(made)


def _is_null(name: str) -> bool:
    return name in PERTURBATIONS and PERTURBATIONS[name].group == NULL


def _with_perturbed(
    question: Question, following: Question, names: Sequence[str], rubric: Rubric, seed: int
) -> Item:
    item = question.item
    shown = [r for r in item.responses if r.system in question.systems]
    more = [
        one
        for response in shown
        if response.system == (question.target or response.system)
        for one in _derived(response, question, following, names, rubric, seed)
    ]
    constant = [Response(CONSTANT, (CONSTANT_TEXT,))] if CONSTANT_GROUP in names else []
    return replace(item, responses=(*shown, *more, *constant))


def _derived(
    response: Response,
    question: Question,
    following: Question,
    names: Sequence[str],
    rubric: Rubric,
    seed: int,
) -> Iterator[Response]:
    """A response with its last turn perturbed in each way that it can be."""
    *before, last = response.turns
    context = _context(response.system, question, following, rubric, seed)
    # A text that is there already would be asked once, and its answer counted twice.
    known = {_text(question.item, name) for name in question.systems}
    for name in names:
        if name == CONSTANT_GROUP:
            continue
        text = PERTURBATIONS[name].apply(last, context)
        turns = None if text is None else (*before, text)
        if turns is not None and turns not in known:
            known.add(turns)
            yield Response(derived(response.system, name), turns)


def _context(
    system: str, question: Question, following: Question, rubric: Rubric, seed: int
) -> Context:
    item = question.item
    several = rubric.mode == "single" and len(rubric.criteria) > 1
    return Context(
        question=item.prompt[-1],
        other_answer=_other(question, following, system),
        slot_label=_winning(rubric, question, system, seed),
        labels=rubric.scale.labels,
        seed=seed,
        item_id=item.item_id,
        mode=rubric.mode,
        criteria={
            c.name: (c.scale or rubric.scale).labels[-1]
            for c in (rubric.criteria if several else ())
        },
    )


def _other(question: Question, following: Question, system: str) -> str:
    """The same system's answer to the question that follows in the draw, else what is shown of that."""
    if following.item.item_id == question.item.item_id:
        return ""
    turns = _text(following.item, system) or _text(following.item, following.systems[0])
    return turns[-1] if turns else ""


def _winning(rubric: Rubric, question: Question, system: str, seed: int) -> str:
    """The label by which a system's answer wins where it is shown."""
    labels = rubric.scale.labels
    if len(question.systems) == 1:
        return labels[-1]
    a, b = question.systems
    order = drawn_order(seed, question.item.item_id, Pair(a, b))
    is_first = (system == a) == (order == "AB")
    return labels[0] if is_first else labels[-1]


def pairs_of(asked: Sequence[Question], names: Sequence[str], repeats: int = 2) -> tuple[Pair, ...]:
    """What is put before the judges: answers as they came, in both orders and twice, and then perturbed."""
    found: dict[Pair, None] = {}
    for systems in dict.fromkeys(question.systems for question in asked):
        found.update(dict.fromkeys(_pairs(systems, names, repeats)))
    return tuple(found)


def _pairs(systems: Systems, names: Sequence[str], repeats: int) -> Iterator[Pair]:
    a, b = systems if len(systems) == 2 else (systems[0], None)
    yield Pair(a, b, "both", repeats)
    for name in names:
        if name == CONSTANT_GROUP:
            yield from (Pair(s, CONSTANT, DRAWN, 1) for s in systems if b is not None)
            if b is None:
                yield Pair(CONSTANT, None, DRAWN, 1)
            continue
        # What filler does is told as a slope, which takes both orders to be told surely.
        swap = "both" if PERTURBATIONS[name].group == PADDING else DRAWN
        yield Pair(derived(a, name), b, swap, 1)
        if b is not None:
            yield Pair(a, derived(b, name), swap, 1)


def rarely_made(items: Sequence[Item], names: Sequence[str], n_targets: int) -> dict[str, int]:
    """The perturbations that can be done to too few answers for any finding, with how many these are.

    n_targets: of how many answers of an item one will be perturbed. Null answers take turns, and are told
    as a whole; of a very small audit only what could be done to no answer is left out.
    """
    made = Counter(origin(r.system, names)[1] for item in items for r in item.responses)
    found = {
        name: made[name] // n_targets
        for name in names
        if name != CONSTANT_GROUP and not (_is_null(name) and made[name])
    }
    enough = ENOUGH_ITEMS if len(items) >= ENOUGH_ITEMS else 1
    return {name: n for name, n in found.items() if n < enough}


def rare_warning(rare: Mapping[str, int]) -> list[str]:
    """What to say of them."""
    return [
        f"{name} ({PERTURBATIONS[name].what}) can be done to {_how_few(n)} and is left out"
        for name, n in rare.items()
        if not _is_null(name)
    ]


def _how_few(n: int) -> str:
    return f"about {n} of these answers, too few to tell," if n else "none of these answers"
