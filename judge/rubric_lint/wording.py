"""Rules about what a wording must settle, and what it must not suggest."""

from __future__ import annotations

import re
from collections.abc import Iterator

from judge.rubric_lint.seen import Fault, Seen, Told, either, quoted

_ONE = r"(?:response|answer|summary|text|output|one|candidate|assistant|option)s?"
# What stands right before a phrase and turns it round.
_NOT = re.compile(r"\b(?:no|not|without|lacks?|never)\b[^.;\n]{0,20}$|n['’]t\b[^.;\n]{0,20}$", re.I)

_SIZED = rf"(?:{_ONE}|reply|replies|diff|patch|essay|translation)"

# -- what must be settled ------------------------------------------------------------------------

_EQUAL = either(
    r"equal(?:ly)?\b(?! (?:weight|importan))",
    r"(?:just )?as good as\b",
    r"indistinguishable\b",
    r"no (?:\w+ )?(?:difference|preference|winner)\b",
    r"nearly (?:identical|the same)\b",
    r"(?:same quality|much the same|comparable|on (?:a )?par)\b",
    r"both (?:\w+ ){1,3}(?:the same|alike)\b",
    r"neither (?:of (?:them|the two) |\w+ )?is (?:clearly )?better\b",
    r"(?:are|feel|seem|look) (?:\w+ )?the same\b(?! (?:weight|importan|order))",
    r"(?:how(?:ever)?|too) close\b",
    r"even if (?:they|the|it|both)\b",
    r"must (?:choose|pick|decide|name|prefer) one\b",
    r"no ties?\b",
    r"ties? (?:is|are) (?:not|only|right|allowed|permitted|forbidden)\b",
    r"break(?:s|ing)? (?:a |the |any )?ties?\b",
    r"nothing (?:to choose )?between them\b",
    r"(?:cannot|can['’]t|could not) (?:decide|tell|say|defend)\b",
    r"(?:small|slight|narrow) (?:difference|margin)\b",
)
_WHEN = r"(?:only |just )?(?:if|when|where|unless|in case|for (?:answers|responses|two))"


def tie_rule(seen: Seen) -> Iterator[Fault]:
    """Where a tie is right is a matter of the rule, not of the judge's temper."""
    if seen.rubric.mode == "single":
        return
    label = seen.rubric.scale.tie_label
    for told in seen.wordings:
        if _EQUAL.search(told.text) or (label is not None and _is_explained(told.text, label)):
            continue
        lack = f"when {label} is right" if label else "what to do with two equal responses"
        yield Fault(told.whole, f"does not say {lack}")


def _is_explained(text: str, label: str) -> bool:
    """Whether the text says when the label, or a tie, is right."""
    named = rf"(?:\b(?:ties?|draws?)\b|(?<!\w){re.escape(label)}(?!\w))"
    return re.search(rf"{named}[\"”')\]]*,?\s+{_WHEN}\b", text, re.IGNORECASE) is not None


_REFERENCE = re.compile(
    "|".join(
        (
            r"\breference[- ](?:answer|response|solution|text|output|summary|translation)s?\b",
            r"\b(?:gold|golden|ideal|model)[- ](?:answer|response|solution)s?\b",
            r"\b(?:ground[- ]truth|answer key|gold standard)\b",
            r"\b(?:the|this|that|each|its) reference\b(?! (?:list|section|to|number|manual))",
            r"\bREFERENCE\b",
            r"\b(?:correct|expected|right) (?:answer|solution|output) (?:is |that is )?"
            r"(?:given|provided|shown|below|above)\b",
        )
    )
)
_NAMED = either(
    r"(?:reference|gold|ground[- ]truth|answer key)\b",
    r"(?:expected|correct|model|ideal|sample|known) (?:answer|solution|output|response|result)\b",
)


def reference(seen: Seen) -> Iterator[Fault]:
    """A judge that is sent to a reference which it has not makes one up, and one that is shown a
    reference and not told what for uses it as it likes."""
    for told in seen.wordings:
        if seen.rubric.needs_reference:
            if not _NAMED.search(told.text):
                yield Fault(told.whole, "shows a reference and does not say what it is for")
        elif phrase := _unnegated(_REFERENCE, told):
            yield Fault(told.at(phrase), f"speaks of {quoted(phrase)}, and none is shown")


_OWN_LENGTH = either(  # said of what the judge writes, or of nothing
    r"(?:as long as|no longer|at length)\b",
    r"(?:short|brief|concise|one-sentence|long|longer) (?:explanation|reason\w*|rationale|justif\w*)\b",
    r"(?:short|brief|concise|long|longer) (?:comment|feedback|critique|analysis)\b",
    r"(?:explain|justify|reason|state|comment|summari[sz]e)\b(?: \w+){0,3} "
    r"(?:briefly|concisely|shortly|in short)\b",
    r"briefly (?:explain|justify|state|say|reason|note|comment|describe|compare)\b",
    r"(?:be|keep (?:it|your \w+)) (?:as )?(?:brief|concise|short)(?: as possible)?\b",
)
_LENGTH = either(
    r"(?:length|lengths|lengthy|long|longer|longest)\b",
    r"(?:short|shorter|shortest|shortness|brief|briefer|briefly|brevity)\b",
    r"(?:concis|verbos|succinct|rambl|terse|bloat|repetiti|wordiness)\w*",
    r"(?:padding|padded|filler|wordy|word count|\d+ words|to the point)\b",
    r"(?:number of|how many) (?:words|characters|sentences|lines|pages)\b",
    rf"size of (?:the|a|an|each|either|any) {_SIZED}\b",
)


def length(seen: Seen) -> Iterator[Fault]:
    """Judges favour the longer answer where nobody tells them what length is worth."""
    for told in seen.wordings:
        if not _LENGTH.search(_OWN_LENGTH.sub(" ", told.text)):
            yield Fault(told.whole, "says nothing about length")


_POSITION = either(
    rf"order (?:in which|of (?:the|both|these) (?!criteria)\w+|of {_ONE}|they|the {_ONE}|that the)\b",
    r"order of (?:presentation|appearance)\b",
    r"(?:presentation|display|presented|shown) order\b",
    r"(?:positions?|swap\w*|trad\w+ places)\b",
    r"(?:exchanged|switched|reversed|regardless of (?:the )?order)\b",
    rf"which (?:{_ONE} )?(?:of them )?(?:is|was|comes?|appears?|stands?|you (?:read|see)) "
    r"(?:shown |listed |presented |placed )?first\b",
    r"(?:shown|presented|listed|placed|appearing|appears|read) first\b",
    r"(?:shown|presented|listed|placed) (?:before|after|earlier|later)\b",
    r"which (?:reply|patch|translation|essay|text|version) (?:is|was|comes?|came) first\b",
    r"the other way (?:a)?round\b",
    r"first or second\b",
)


def position(seen: Seen) -> Iterator[Fault]:
    """Judges favour a place, most of them the first, where nobody tells them that it means nothing."""
    if seen.rubric.mode == "single":
        return
    for told in seen.wordings:
        if not _POSITION.search(told.text):
            yield Fault(told.whole, "does not say that the order of the responses means nothing")


_OBEY = r"(?:follow|obey|heed|act on|comply)"
_ASKED = r"(?:instruct|request|command|demand|appeal|order|plea|sentence|text|claim)\w*"
_GUARD = either(
    r"(?:never|not|no|nor)\b(?: \w+){0,3} instructions?\b",
    rf"(?:do|must|should|shall|will) not\b(?: \w+){{0,2}} {_OBEY}\b",
    rf"(?:don['’]t|never|nor) {_OBEY}\b",
    r"(?:ignore|disregard)\b[^.;\n]{0,40}\b(?:instruct\w*|request\w*|command\w*|attempt\w*|demand\w*)",
    r"(?:ignore|disregard)\b[^.;\n]{0,40}\b(?:orders|directions?|appeals?)\b",
    r"(?:not|never) (?:to )?be (?:\w+ )?(?:obeyed|followed|heeded|acted on)\b",
    rf"{_ASKED}\b[^.;\n]{{0,40}}\b(?:to be|must be|should be|is|are) (?:ignored|disregarded)\b",
    r"(?:addressed|talks?|speaks?|directed) (?:to|at) (?:the |a )?"
    r"(?:grader|marker|reviewer|evaluator)s?\b",
    r"(?:is|are|as) (?:only |just |merely |plain |pure )?data\b(?! from| in\b)",
    r"prompt injection\b",
    r"instructions? (?:that (?:are|appear|stand) )?(?:in|inside|within|from) "
    rf"(?:the|a|any|either|these) (?:judged |candidate )?{_ONE}\b",
    r"(?:aimed at|addressed to|meant for|speaks? to) (?:you|a judge|the judge)\b",
)


def guard(seen: Seen) -> Iterator[Fault]:
    """An answer that tells the judge what to say is obeyed more often where nobody forbids it."""
    for told in seen.wordings:
        if not _GUARD.search(told.text):
            yield Fault(told.whole, "does not say that judged text is data and no instruction")


# -- what must not be suggested ------------------------------------------------------------------

_PRAISE = (
    r"(?:excellent|outstanding|high-quality|state-of-the-art|impressive|superb|great|poor|terrible|"
    r"weak)"
)
_SOURCES = (
    r"(?:new|newer|modern|improved|upgraded|advanced|fine-?tuned|old|older|outdated|baseline|expert|human|"
    r"state-of-the-art|stronger|weaker|larger|smaller)"
)
_RANKED = r"(?:better|best|stronger|right|correct|worse|weaker|wrong|preferred|preferable|superior)"
_OPEN = "".join(
    rf"(?<!\b{word} )" for word in ("if", "when", "where", "whether", "that", "because")
)
_FROM = r"(?:is|was|comes|came|has been)(?: (?:from|by|written|produced|made|the|a|an|our)){1,4}"
_LEADING = (
    re.compile(
        r"(?:^|(?<=[.!?:] ))"
        r"(?:Obviously|Of course|Clearly|Naturally|Needless to say|Undoubtedly)\b,?"
    ),
    either(
        r"(?:obviously|undoubtedly|of course|needless to say) (?:\w+ )?"
        r"(?:better|superior|worse|inferior|best|preferable|prefer)\b",
        rf"the (?:better|best|superior|worse|inferior),? {_SOURCES} {_ONE}\b",
        rf"(?:the|these|both|two|following|this) (?:two )?(?:very )?{_PRAISE} "
        r"(?:response|answer|summary|assistant|responses|answers|summaries|assistants)\b",
        r"(?:longer|more detailed|more thorough)(?: \w+){0,2} (?:is|are|tends? to be|should be)"
        r"(?: usually| often| generally| typically| normally)? "
        r"(?:better|more helpful|preferred|preferable|favou?red|rewarded|rated higher|ranked higher)\b"
        r"(?! only| where| by| in so far| when| if| for what)",
        r"(?:prefer|favou?r|reward)(?: the)? (?:longer|lengthier|more detailed)\b(?! \w+ only)",
        r"longer (?:answers?|responses?) (?:should|deserves?|gets?|earns?|scores?) (?:\w+ )?"
        r"(?:high|more|better)",
    ),
    re.compile(
        rf"{_OPEN}\b(?:(?:[Rr]esponse|RESPONSE|[Aa]nswer|[Aa]ssistant) [AB]|A|B|"
        rf"(?:first|second) {_ONE}) is "
        r"(?:usually|often|typically|generally|normally|probably|likely|mostly) "
        rf"(?:the )?{_RANKED}\b"
    ),
    re.compile(
        rf"{_OPEN}\b(?:[Rr]esponse|RESPONSE|[Aa]nswer|[Aa]ssistant|[Oo]utput) [AB] "
        rf"{_FROM} {_SOURCES}\b"
    ),
    re.compile(
        r"\bGPT(?:-?\d\w*(?:\.\d)?)?\b|\b(?:ChatGPT|Claude|Gemini|Llama|LLaMA|Mistral|Mixtral|Qwen|DeepSeek|"
        r"Grok|OpenAI|Anthropic|Vicuna|PaLM|Gemma|Cohere|Bard|Copilot)\b"
    ),
)


def leading(seen: Seen) -> Iterator[Fault]:
    """A wording that hints at the winner measures the hint."""
    for told in seen.wordings:
        for pattern in _LEADING:
            if phrase := _unnegated(pattern, told):
                yield Fault(told.at(phrase), f"suggests a verdict: {quoted(phrase)}")


def _unnegated(pattern: re.Pattern[str], told: Told) -> str:
    """The first phrase of the pattern that nothing before it turns round."""
    for match in pattern.finditer(told.text):
        if not _NOT.search(told.text[: match.start()]):
            return match[0]
    return ""
