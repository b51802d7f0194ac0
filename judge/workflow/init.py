"""Writes a commented judge.toml from what is found: keys in the environment, files of responses."""

from __future__ import annotations

from collections.abc import Mapping
from pathlib import Path

from judge.errors import InputError

_HEAD = """\
# judge.toml: who judges, and how. Flags of the command line override this file.
# Keys are never written here: each judge names the environment variable that holds its key.
"""

_JUDGE = """\
{off}[[judges]]
{off}id = "{id}"
{off}provider = "{provider}"
{off}model = "MODEL"                    # the model's name as the API knows it
{extra}{off}api_key_env = "{key}"
{off}families = ["{family}"]             # who made it; one vote a family in the panel
{off}# parameters = {{ max_tokens = 1024 }}   # sent with every request as they are
{off}# usd_per_mtok_in = 1.00              # needed for --max-cost and for costs in reports
{off}# usd_per_mtok_out = 4.00
{off}# requests_per_minute = 500
{reading}"""

_READING = """\
{off}# capabilities = {{ logprobs = true }}  # where the model gives log-probabilities, then also:
{off}# reading = "logprobs"               # a verdict is how probable each label was, not the label
"""

_HTTP = """\
# [[judges]]                           # an endpoint of your own: an in-house judge, a reward model
# id = "in-house"
# provider = "http"
# model = "MODEL"
# base_url = "http://127.0.0.1:9000/judge"   # the whole address
# api_key_env = "IN_HOUSE_KEY"
# families = ["in-house"]
# [judges.http]
# auth = "bearer"                      # or the name of the header that takes the key
# body = { model = "{model}", system = "{system}", prompt = "{user}" }
# # body = { question = "{question}", first = "{response_a}", second = "{response_b}" }
# answer = "choices.0.text"            # where the text of the answer is; or one of these instead:
# # label = "result.label"             # a bare label
# # score = "result.score"             # a number that is a label of the scale, for single answers
# # p_first = "result.p"               # the probability that the response shown first is better
# # score_first = "scores.0"           # two scores, of which the higher wins
# # score_second = "scores.1"
"""

_TAIL = """\
[run]
rubric = "helpfulness"
swap = "both"          # both, random, or sample:P
repeats = 1
# repeat_share = 0.2   # ask again for a random share of items only, with repeats = 2
seed = 0
# max_cost_usd = 5.00
# max_missing = 0.05
# margin = 0.05          # what counts as no difference and no position bias
# merge = "average"      # of a pair's orders: or tie-on-inconsistency
# stop_early = true      # ask no more once the answer is known
# labels = "labels.jsonl"    # what people said of the same pairs or answers: a file or a set

# [families]           # pattern of names of judges and systems = who made them; a judge's own wins
# "^my-" = "in-house"

# [gate]
# fail_if = ["worse"]
"""

_KNOWN = (
    ("OPENAI_API_KEY", "openai", "openai"),
    ("ANTHROPIC_API_KEY", "anthropic", "anthropic"),
)


def template(environ: Mapping[str, str]) -> str:
    """The text of a judge.toml; judges whose key is not set are commented out."""
    judges = [
        _judge(provider, provider, key, family, is_on=key in environ)
        for key, provider, family in _KNOWN
    ]
    local = _judge("local", "openai", "LOCAL_API_KEY", "in-house", is_on=False, local=True)
    return "\n".join([_HEAD, *judges, local, _HTTP, _TAIL])


def written(folder: Path, environ: Mapping[str, str]) -> Path:
    """The new judge.toml of a folder. Raises InputError where there is one already."""
    path = folder / "judge.toml"
    try:
        with path.open("x", encoding="utf-8") as file:
            file.write(template(environ))
    except FileExistsError:
        raise InputError(f"{path} exists; edit it, or remove it first") from None
    except OSError as error:
        raise InputError(f"{path}: cannot be written: {error.strerror}") from error
    return path


def _judge(
    id: str, provider: str, key: str, family: str, *, is_on: bool, local: bool = False
) -> str:
    off = "" if is_on else "# "
    address = f'{off}base_url = "http://127.0.0.1:8000/v1"   # any server that speaks this API\n'
    return _JUDGE.format(
        off=off,
        id=id,
        provider=provider,
        key=key,
        family=family,
        extra=address if local else "",
        reading=_READING.format(off=off) if provider == "openai" else "",
    )
