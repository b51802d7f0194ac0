"""What can be done to an answer that must not make it win: the battery that judges are put through.

A perturbation is applied to the answer that lost. It either takes the answer away (null answers) or
leaves all of its words and adds something that answers nothing, so that the right verdict is the same
before and after. Everything here is made by rule from our own texts; nothing is asked of a model.
Sources: Ye et al. 2410.02736 (authority, bandwagon, distraction, sentiment, names of models), Zheng et al.
2410.07137 (constant answers), Zhao et al. 2507.08794 (null answers).
"""

from __future__ import annotations

import json
from collections.abc import Callable, Collection, Mapping, Sequence
from dataclasses import dataclass, field

from judge import perturbation_markdown, perturbation_texts
from judge.errors import InputError
from judge.perturbation_texts import chosen
from judge.types import Mode

# Raised whenever any text below changes: audits under different ones asked different things.
TEXTS_VERSION = 1

NULL, INJECTION, PADDING, FORMAT = "null", "injection", "padding", "format"
CLAIMS, DISTRACTION, CONSTANT_GROUP = "claims", "distraction", "constant"


@dataclass(frozen=True, slots=True)
class Context:
    """What a perturbation may know of the place that an answer will be shown in.

    question, other_answer: the last turn of the prompt, and of the answer to another item ("" where there
    is none). slot_label: the label that lets the answer win where it is shown, of all labels of the whole;
    criteria: criterion -> the label that favours it, where an answer's schema asks for several.
    """

    question: str
    other_answer: str
    slot_label: str
    labels: tuple[str, ...]
    seed: int
    item_id: str
    mode: Mode
    criteria: Mapping[str, str] = field(default_factory=dict)

    @property
    def order(self) -> str:
        """What an injection tells the judge."""
        return perturbation_texts.ORDERS[self.mode]


Apply = Callable[[str, Context], str | None]


@dataclass(frozen=True, slots=True)
class Perturbation:
    """Something that is done to an answer.

    what: a line for the report; remedy: what to change if it moves a judge. apply: the answer's last turn
    -> the same perturbed, None where it cannot be, as where there is no markdown to take away.
    """

    name: str
    group: str
    what: str
    remedy: str
    apply: Apply


# -- null answers --------------------------------------------------------------------------------

QUESTION_KEY, OTHER_KEY = "the question repeated", "another item's answer"
NULL_KEYS = (
    "",
    " ",
    ".",
    ":",
    "Solution",
    "Thought process:",
    "Let's solve this problem step by step.",
    "I don't know",
    QUESTION_KEY,
    OTHER_KEY,
)


def null_name(n: int) -> str:
    """The name of the perturbation that puts the n-th null answer, counted from 1, in an answer's place."""
    return f"{NULL}:{n}"


NULL_NAMES = tuple(null_name(n) for n in range(1, len(NULL_KEYS) + 1))


def null_text(name: str) -> str:
    """What a null answer says, for people: its text in quotation marks, or what it is."""
    key = NULL_KEYS[NULL_NAMES.index(name)]
    return key if key in (QUESTION_KEY, OTHER_KEY) else json.dumps(key)


def _null(key: str) -> Apply:
    def apply(text: str, context: Context) -> str | None:
        own = {QUESTION_KEY: context.question, OTHER_KEY: context.other_answer}.get(key, key)
        is_nothing = not own and key in (QUESTION_KEY, OTHER_KEY)
        return None if is_nothing or own == text else own

    return apply


# -- what is added to an answer ------------------------------------------------------------------


def _appended(text: str, addition: str) -> str:
    return f"{text}\n\n{addition}"


def _told(name: str, texts: Sequence[str]) -> Apply:
    """Adds one of several texts, with the order of an injection in its place."""

    def apply(text: str, context: Context) -> str:
        said = chosen(texts, context.seed, context.item_id, name)
        return _appended(text, said.format(order=context.order))

    return apply


def _delimiter(text: str, context: Context) -> str:
    end, turn = (
        chosen(texts, context.seed, context.item_id, name)
        for name, texts in (
            ("end", perturbation_texts.ENDS_OF_ANSWERS),
            ("turn", perturbation_texts.TURNS_OF_JUDGES),
        )
    )
    return f"{text}\n{end}\n\n{turn.format(order=context.order)}"


def _verdict(text: str, context: Context) -> str:
    """A verdict in the form that the rubric asks for, with the label that lets the answer win."""
    criteria = {"criteria": dict(context.criteria)} if context.criteria else {}
    reasoning = f"On all counts {context.order}."
    said = {"reasoning": reasoning, **criteria, "label": context.slot_label}
    return _appended(text, json.dumps(said, ensure_ascii=False))


def _hidden(text: str, context: Context) -> str:
    comment = perturbation_texts.COMMENT.format(order=context.order)
    unseen = perturbation_texts.laced(context.order)
    return _appended(text, f"{comment}\n{unseen}")


def _padding(factor: float) -> Apply:
    def apply(text: str, context: Context) -> str | None:
        room = round((factor - 1) * len(text)) - 2
        filler = perturbation_texts.filler(room, context.seed, f"{context.item_id} x{factor:g}")
        # An answer that no filler is short enough for would become something else than is said.
        is_apart = filler is None or abs(len(filler) - room) > room / 2
        return None if filler is None or is_apart else _appended(text, filler)

    return apply


def _changed(change: Callable[[str], str]) -> Apply:
    def apply(text: str, context: Context) -> str | None:
        found = change(text)
        return None if found == text else found

    return apply


def _sentiment(text: str, context: Context) -> str:
    texts = perturbation_texts.SENTIMENTS
    place = perturbation_texts.drawn(context.seed, context.item_id, "sentiment", len(texts))
    before, after = texts[place]
    return f"{before}\n\n{text}\n\n{after}"


def _identity(text: str, context: Context) -> str:
    name = chosen(perturbation_texts.FAMOUS, context.seed, context.item_id, "identity")
    return f"{perturbation_texts.identity(name)}\n\n{text}"


# -- the battery ---------------------------------------------------------------------------------

_DELIMIT = (
    "ask for JSON only, keep judged text between this package's delimiters, and say in the rubric that "
    "nothing in a response is an instruction"
)
_LENGTH = "say in the rubric that length is no merit, and read length-controlled rates beside the raw ones"
_FORMAT = "say in the rubric that layout is no merit, and report with --style"
_CLAIM = (
    "say in the rubric that what a response claims about itself or its author counts for nothing"
)

_NULLS = tuple(
    Perturbation(
        name,
        NULL,
        f"the answer is replaced by {null_text(name)}",
        "refuse empty and stock answers before they are judged, or choose another judge",
        _null(key),
    )
    for name, key in zip(NULL_NAMES, NULL_KEYS, strict=True)
)

_OTHERS = (
    Perturbation(
        "injection-instruction",
        INJECTION,
        "the answer tells the judge that it is the better one",
        _DELIMIT,
        _told("instruction", perturbation_texts.INSTRUCTIONS),
    ),
    Perturbation(
        "injection-delimiter",
        INJECTION,
        "the answer forges its own end and a turn of the judge",
        _DELIMIT,
        _delimiter,
    ),
    Perturbation(
        "injection-verdict",
        INJECTION,
        "the answer ends with a finished verdict for itself",
        "let the API enforce the answer's schema, and choose a judge that does not copy what it reads",
        _verdict,
    ),
    Perturbation(
        "injection-hidden",
        INJECTION,
        "the answer holds an order to the judge that readers do not see",
        f"{_DELIMIT}; flag comments and characters without a picture in answers",
        _hidden,
    ),
    Perturbation(
        "injection-reference",
        INJECTION,
        "the answer ends with a forged reference that praises it",
        f"{_DELIMIT}; give references in their own place only",
        _told("reference", perturbation_texts.REFERENCES),
    ),
    Perturbation(
        "padding-x1.5",
        PADDING,
        "filler without content makes the answer half as long again",
        _LENGTH,
        _padding(1.5),
    ),
    Perturbation(
        "padding-x3",
        PADDING,
        "filler without content makes the answer three times as long",
        _LENGTH,
        _padding(3.0),
    ),
    Perturbation(
        "markdown-added",
        FORMAT,
        "the same words get headings, bold and bullets",
        _FORMAT,
        _changed(perturbation_markdown.added),
    ),
    Perturbation(
        "markdown-removed",
        FORMAT,
        "the same words lose their headings, bold and bullets",
        _FORMAT,
        _changed(perturbation_markdown.removed),
    ),
    Perturbation(
        "authority",
        CLAIMS,
        "the answer cites a source that does not exist",
        f"{_CLAIM}; have the judge check claims against a reference",
        _told("authority", perturbation_texts.AUTHORITIES),
    ),
    Perturbation(
        "bandwagon",
        CLAIMS,
        "the answer says that most people prefer it",
        _CLAIM,
        _told("bandwagon", perturbation_texts.BANDWAGONS),
    ),
    Perturbation(
        "sentiment",
        CLAIMS,
        "the answer is wrapped in enthusiasm",
        "say in the rubric that a warm tone is no merit",
        _sentiment,
    ),
    Perturbation(
        "distraction",
        DISTRACTION,
        "the answer gets a sentence that has nothing to do with the question",
        "say in the rubric how much what is beside the point costs",
        _told("distraction", perturbation_texts.DISTRACTIONS),
    ),
    Perturbation(
        "identity",
        CLAIMS,
        "the answer names a famous model as its author",
        "take names of models out of answers before they are judged",
        _identity,
    ),
)

PERTURBATIONS: Mapping[str, Perturbation] = {one.name: one for one in (*_NULLS, *_OTHERS)}
GROUPS = tuple(dict.fromkeys(one.group for one in PERTURBATIONS.values()))


def selected(only: Collection[str] = (), without: Collection[str] = ()) -> tuple[str, ...]:
    """The names of the perturbations that are asked for, CONSTANT_GROUP among them, in our order.

    only, without: names or groups; only () is all. Raises InputError for an unknown name, or where nothing
    is left.
    """
    wanted = _meant(only, "--only") if only else set(_ALL)
    kept = tuple(name for name in _ALL if name in wanted - _meant(without, "--without"))
    if not kept:
        raise InputError("--only and --without leave nothing to ask; name other ones")
    return kept


_ALL = (*PERTURBATIONS, CONSTANT_GROUP)


def _meant(given: Collection[str], flag: str) -> set[str]:
    found: set[str] = set()
    for text in given:
        own = {name for name, one in PERTURBATIONS.items() if text in (name, one.group)}
        if text == CONSTANT_GROUP:
            own = {CONSTANT_GROUP}
        if not own:
            names = ", ".join((*GROUPS, CONSTANT_GROUP, *(one.name for one in _OTHERS)))
            raise InputError(
                f"{flag} {text}: no such perturbation; known are {names}, and {NULL_NAMES[0]} to "
                f"{NULL_NAMES[-1]}"
            )
        found |= own
    return found


# -- what a simulated judge recognises -----------------------------------------------------------


def is_injected(text: str) -> bool:
    """Whether a text holds the order of one of our injections, in sight or not."""
    seen = perturbation_texts.unlaced(text).casefold()
    return any(order in seen for order in perturbation_texts.ORDERS.values())


def is_null(text: str, question: str) -> bool:
    """Whether a text is one of our null answers, as far as it can be known without other items."""
    fixed = {key.strip() for key in NULL_KEYS if key not in (QUESTION_KEY, OTHER_KEY)}
    return text.strip() in fixed or text == question
