"""Bad inputs as data: the files, the command line, and what a person is told.

    python tests/hostile/bad_inputs.py > docs/bad-inputs.md

A case says what must be named (file, row, field, remedy), not how the sentence goes.
"""

from __future__ import annotations

import json
import os
import resource
import shlex
import subprocess
import sys
import tempfile
from collections.abc import Callable, Iterator, Mapping
from contextlib import chdir, contextmanager
from dataclasses import dataclass, field
from functools import reduce
from io import BytesIO, TextIOWrapper
from pathlib import Path
from typing import Any

from bad_files import (
    JUDGE_TOML,
    PAIR,
    ROW,
    SINGLE,
    broken_zip,
    csv_text,
    database,
    decimals,
    device,
    encrypted_zip,
    fifo,
    jsonl,
    nested_parquet,
    parquet,
    rubric,
    single_rubric,
    zip_bomb,
    zip_of,
)

from judge.cli import main

# What a file holds: bytes, text, a function that makes it, or None for a folder.
Content = bytes | str | Callable[[Path], None] | None


@dataclass(frozen=True, slots=True)
class Case:
    """One bad input. says: what a person must be told, on stderr or in the report's warnings.

    sees: place in the JSON report -> its value, where the input is handled and not refused. writes:
    the names that may be new in the folder afterwards.
    """

    name: str
    command: str
    says: tuple[str, ...] = ()
    files: Mapping[str, Content] = field(default_factory=dict)
    code: int = 2
    sees: Mapping[str, Any] = field(default_factory=dict)
    writes: tuple[str, ...] = ()

    @property
    def needs_own_process(self) -> bool:
        """What could hang, or would find a key in this process's environment."""
        is_endless = any(made in (fifo, device) for made in self.files.values())
        return is_endless or "/dev/" in self.command or "openai/" in self.command


@dataclass(frozen=True, slots=True)
class Done:
    """What came of a command."""

    code: int
    stdout: str
    stderr: str


MOST_BYTES = 4 * 2**30

COMPARE = "compare base.jsonl new.jsonl --judge scripted/always-A"
RUN = ".judge"
SOUND: dict[str, Content] = {
    "base.jsonl": jsonl(*({**ROW, "item_id": f"i{n}", "response": "b"} for n in range(4))),
    "new.jsonl": jsonl(*({**ROW, "item_id": f"i{n}", "response": "n"} for n in range(4))),
    "v.jsonl": jsonl(*({**PAIR, "item_id": f"i{n}"} for n in range(4))),
}


def run(folder: Path, case: Case) -> Done:
    """What came of the case's command in the folder, as JSON where its report is looked at."""
    command = f"{case.command} --json" if case.sees else case.command
    return _apart(folder, command) if case.needs_own_process else in_process(folder, command)


def _apart(folder: Path, command: str) -> Done:
    done = subprocess.run(
        [sys.executable, "-m", "judge", *shlex.split(command)],
        cwd=folder,
        env={k: v for k, v in os.environ.items() if not k.endswith("_API_KEY")},
        capture_output=True,
        text=True,
        timeout=60,
        check=False,
        preexec_fn=_little_memory,
    )
    return Done(done.returncode, done.stdout, done.stderr)


def _little_memory() -> None:
    resource.setrlimit(resource.RLIMIT_DATA, (MOST_BYTES, MOST_BYTES))


def in_process(folder: Path, command: str) -> Done:
    with chdir(folder), _captured() as (out, err):
        try:
            main(shlex.split(command))
            code = 0
        except SystemExit as stop:
            code = stop.code if isinstance(stop.code, int) else 0 if stop.code is None else 1
        for stream in (out, err):
            stream.flush()
    return Done(code, *(s.buffer.getvalue().decode() for s in (out, err)))  # type: ignore[attr-defined]


@contextmanager
def _captured() -> Iterator[tuple[TextIOWrapper, TextIOWrapper]]:
    """Standard output and error as files of this process, like those that a shell gives."""
    kept = sys.stdout, sys.stderr
    out, err = (TextIOWrapper(BytesIO(), "utf-8", "backslashreplace") for _ in range(2))
    sys.stdout, sys.stderr = out, err
    try:
        yield out, err
    finally:
        sys.stdout, sys.stderr = kept


def prepare(folder: Path, case: Case) -> None:
    """Puts the case's files into the folder, beside sound ones of the usual names."""
    for name, content in {**SOUND, **case.files}.items():
        path = folder / name
        path.parent.mkdir(parents=True, exist_ok=True)
        if content is None:
            path.mkdir()
        elif isinstance(content, bytes):
            path.write_bytes(content)
        elif isinstance(content, str):
            path.write_bytes(content.encode("utf-8", "surrogatepass"))
        else:
            content(path)


# -- responses -----------------------------------------------------------------------------------


def responses(name: str, data: Content, *says: str, file: str = "new.jsonl", **more: Any) -> Case:
    """A file of responses that is compared with a sound one."""
    command = f"compare base.jsonl {file} --judge scripted/always-A"
    return Case(name, command, (file, *says), {file: data}, **more)


def row(**changes: Any) -> str:
    """Two sound rows of responses and one with these changes."""
    sound = [{**ROW, "item_id": f"i{n}"} for n in range(2)]
    return jsonl(*sound, {**ROW, "item_id": "i2", **changes})


THREE = "item_id,prompt,response\n" + "".join(f"i{n},p,r\n" for n in range(3))

ENCODINGS = (
    responses("a single byte that is not UTF-8", row().encode() + b'{"prompt": "caf\xe9"}\n',
              "row 4", "UTF-8", "save it"),
    responses("Latin-1 (JSON)", b'[{"prompt": "caf\xe9", "response": "r"}]', "UTF-8", "save it",
              file="new.json"),
    responses("Latin-1 (CSV)", THREE.encode() + b"i3,caf\xe9,r\n", "row 5", "UTF-8", "save it",
              file="new.csv"),
    responses("UTF-16 (JSONL)", row().encode("utf-16"), "UTF-16", "save it as UTF-8"),
    responses("UTF-16 (JSON)", '[{"prompt": "p"}]'.encode("utf-16"), "UTF-16", "save it as UTF-8",
              file="new.json"),
    responses("UTF-16 (CSV)", THREE.encode("utf-16"), "UTF-16", "save it as UTF-8",
              file="new.csv"),
    responses("UTF-16 without a byte order mark", row().encode("utf-16-le"), "UTF-16", "UTF-8"),
    responses("UTF-32", row().encode("utf-32"), "UTF-32", "save it as UTF-8"),
    responses("a UTF-8 byte order mark", b"\xef\xbb\xbf" + row().encode(), code=0,
              sees={"comparisons.0.raw.n": 3}, writes=(RUN,)),
    responses("NUL bytes (JSONL)", row() + "\0\0\0\0\n", "row 4",
              "NUL"),
    responses("NUL bytes (CSV)", THREE + "i3,p\0,r\n", "row 5", "NUL", file="new.csv"),
)  # fmt: skip

SHAPES = (
    responses("a truncated last line", row() + '{"prompt": "p", "resp', "row 4", "cut off"),
    responses("line ends of carriage returns only", row().replace("\n", "\r"), "row 1",
              "carriage return", "line feed"),
    responses("an empty file (JSONL)", "", "empty", "row"),
    responses("an empty file (JSON)", "", "empty", file="new.json"),
    responses("an empty file (CSV)", "", "empty", file="new.csv"),
    responses("a file of blank lines", "\n \n\t\n", "no rows"),
    responses("a header and nothing else", "prompt,response\n", "no rows", file="new.csv"),
    responses("a list without rows", "[]", "no rows", file="new.json"),
    responses("one object instead of a list", '{"data": [{"prompt": "p"}]}', "`data`",
              file="new.json"),
    responses("JSON lines in a .json file", row(), ".jsonl", file="new.json"),
    responses("a JSON list in a .jsonl file", '[\n  {"prompt": "p", "response": "r"}\n]\n',
              ".json"),
    responses("a JSON list on one line of a .jsonl file", '[{"prompt": "p", "response": "r"}]',
              ".json"),
    responses("a CSV separated by semicolons", THREE.replace(",", ";"), "semicolon", "comma",
              file="new.csv"),
    responses("a CSV separated by tabs", THREE.replace(",", "\t"), "tab", "comma", file="new.csv"),
    responses("rows of a CSV with too many cells", THREE + "i3,p,r,x\n", "row 5", "4 cells", "quotes",
              file="new.csv"),
    responses("rows of a CSV with too few cells", THREE + "i3,p\n", "row 5", "2 cells",
              file="new.csv"),
    responses("a quote that is never closed", THREE + 'i3,"p,r\ni4,p,r\n', "row 5", "quote",
              file="new.csv"),
    responses("a column twice", "prompt,response,response\np,r,s\n", "`response`", "twice",
              "rename", file="new.csv"),
    responses("a field twice in one object", row() + '{"prompt": "p", "response": 1, "prompt": 2}\n',
              "row 4", "`prompt`", "twice", "keep one"),
    responses("nesting without end", row() + '{"prompt": ' + "[" * 100_000 + "\n", "row 4",
              "nested too deep"),
    responses("NaN in JSON", row() + '{"prompt": "p", "response": "r", "x": NaN}\n', "row 4", "NaN",
              "null"),
    responses("a number of 5,000 digits", row() + '{"prompt": "p", "x": ' + "9" * 5000 + "}\n",
              "row 4", "too large"),
    responses("a number beyond every float", row() + '{"prompt": "p", "x": 1e999}\n', "row 4",
              "too large"),
    responses("Parquet that is none", b"PAR1 nothing of the kind PAR1", "Parquet",
              file="new.parquet"),
    responses("Parquet cut short", parquet({"prompt": ["p"] * 99, "response": ["r"] * 99}, keep=200),
              "Parquet", file="new.parquet"),
    responses("Parquet with bytes in a cell", parquet({"prompt": ["p"], "response": [b"\xff"]}), "row 1",
              "`response`", "bytes", file="new.parquet"),
    responses("Parquet with a table in a cell", nested_parquet, "row 1", "`response`", "text",
              file="new.parquet"),
    responses("Parquet with decimals in a cell", decimals, code=0, file="new.parquet",
              sees={"comparisons.0.raw.n": 4}, writes=(RUN,)),
)  # fmt: skip

CELLS = (
    responses("an empty prompt", row(prompt=" "), "row 3", "`prompt`", "empty"),
    responses("no prompt", row(prompt=None), "row 3", "`prompt`", "write"),
    responses("a number as prompt", row(prompt=17), "row 3", "`prompt`", "17", "text"),
    responses("a list of numbers as prompt", row(prompt=[1, 2]), "row 3", "`prompt`", "text"),
    responses("an object as response", row(response={"text": "r"}), "row 3", "`response`", "text"),
    responses("5 MB where a text should be", row(response={"text": "r" * 5_000_000}), "row 3",
              "`response`"),
    responses("a response column in some rows only",
              jsonl(ROW, {"item_id": "i1", "prompt": "p"}), "row 2", "`response`", "null"),
    responses("an item_id with control characters", row(item_id="i\x1b]0;x\x07\n2"),
              r"i\x1b]0;x\x07\n2", code=0, sees={"comparisons.0.raw.n": 2}, writes=(RUN,)),
    responses("an item_id that turns the line's direction", row(item_id="i\u202e2"),
              r"i\u202e2", code=0, sees={"comparisons.0.raw.n": 2}, writes=(RUN,)),
    responses("an item_id of 100,000 characters", row(item_id="i" * 100_000), "iii…iii", code=0,
              sees={"comparisons.0.raw.n": 2}, writes=(RUN,)),
    responses("an item_id with half a character", row(item_id="i\ud83d"), "row 3", "`item_id`",
              "half a character"),
    responses("an item_id that is a list", row(item_id=["i"]), "row 3", "`item_id`", "text"),
    Case("several systems in a file", COMPARE, ("3", "other", "split", "`system`"),
         {"new.jsonl": row(system="other")}),
    responses("a system named panel", row().replace('"prompt"', '"system": "panel", "prompt"'), code=0,
              sees={"comparisons.0.system": "panel", "comparisons.0.raw.n": 3}, writes=(RUN,)),
    responses("a system of blanks", row(system="  "), code=0,
              sees={"comparisons.0.system": "new", "comparisons.0.raw.n": 3}, writes=(RUN,)),
    responses("a system with a line break", row().replace('"prompt"', '"system": "n\\n1", "prompt"'),
              code=0, sees={"comparisons.0.system": "n\n1"}, writes=(RUN,)),
    responses("one item twice", jsonl(ROW, {**ROW, "item_id": "i1"}, {**ROW, "response": "s"}),
              "row 3", "row 1", "`item_id`", "keep one"),
    responses("another prompt for an item", row(prompt="q"), "row 3", "`prompt`", "base.jsonl"),
    Case("no item in common", COMPARE, ("no item", "item_id", "prompt"),
         {"new.jsonl": jsonl({**ROW, "item_id": "k", "prompt": "q"})}),
    responses("half of the items unpaired", jsonl(*({**ROW, "item_id": f"i{n}"} for n in (0, 1, 9))),
              "i9", code=0, sees={"comparisons.0.raw.n": 2}, writes=(RUN,)),
    responses("a response of 5 MB", row(response="long \u202e " * 700_000), code=0,
              sees={"comparisons.0.raw.n": 3, "judges.0.ok": 6}, writes=(RUN,)),
    responses("an empty response", row(response=""), "empty", code=0,
              sees={"comparisons.0.raw.n": 3}, writes=(RUN,)),
    Case("one system in two files", COMPARE.replace("new.jsonl", "new.jsonl more/new.jsonl"),
         ("more/new.jsonl", "'new'", "rename"), {"more/new.jsonl": row()}),
    Case("BASE and NEW are one file", COMPARE.replace("new.jsonl", "base.jsonl"),
         ("base.jsonl", "twice")),
    Case("BASE and NEW are one file under two names", COMPARE.replace("new.jsonl", "./x/../base.jsonl"),
         ("base.jsonl", "twice"), {"x": None}),
)  # fmt: skip

PLACES = (
    Case("no such file", COMPARE.replace("new.jsonl", "nwe.jsonl"),
         ("nwe.jsonl", "no such file", "did you mean", "new.jsonl")),
    Case("no such file and none like it", "analyze other/thing.csv", ("other/thing.csv", "no such")),
    responses("a folder", None, "folder", "name a file"),
    responses("a named pipe", fifo, "pipe", "file"),
    Case("a device", "analyze zero.jsonl", ("zero.jsonl", "device"),
         {"zero.jsonl": device}),
    Case("a link to itself", "analyze loop.jsonl", ("loop.jsonl", "links"),
         {"loop.jsonl": lambda path: path.symlink_to("loop.jsonl")}),
    Case("a name of 5,000 characters", "analyze " + "x" * 5000 + ".jsonl", ("too long",)),
    responses("a file that cannot be opened", lambda path: path.symlink_to("/proc/self/mem"),
              "cannot be read"),
    responses("a text file", row(), ".txt", ".jsonl", file="new.txt"),
    responses("a workbook", b"PK\x03\x04", ".xlsx", "CSV", file="new.xlsx"),
    responses("a packed file", b"\x1f\x8b", ".gz", "gunzip", file="new.jsonl.gz"),
    responses("a file without an ending", row(), "no extension", ".jsonl", file="new"),
    Case("a log that grows a thousandfold", "analyze log.eval --format inspect",
         ("log.eval", "-fold"), {"log.eval": zip_bomb}),
    Case("a broken archive", "analyze log.eval --format inspect", ("log.eval", "zip"),
         {"log.eval": broken_zip}),
    Case("an encrypted archive", "analyze log.eval --format inspect",
         ("log.eval", "samples/1.json", "encrypted", "password"), {"log.eval": encrypted_zip}),
    Case("an archive with nothing of a log in it", "analyze log.eval --format inspect", ("log.eval",),
         {"log.eval": zip_of({"readme.txt": b"nothing"})}),
)  # fmt: skip


# -- verdicts ------------------------------------------------------------------------------------


def verdicts(
    name: str, *says: str, rows: list[dict[str, Any]] | None = None, **changes: Any
) -> Case:
    """A verdict table with one changed row at its end."""
    given = rows or [PAIR, {**PAIR, "item_id": "i1"}, {**PAIR, "item_id": "i2", **changes}]
    return Case(name, "analyze v.jsonl", ("v.jsonl", *says), {"v.jsonl": jsonl(*given)})


def handled(name: str, sees: Mapping[str, Any], *says: str, **changes: Any) -> Case:
    """The same where the row is taken as it is."""
    rows = [PAIR, {**PAIR, "item_id": "i1"}, {**PAIR, "item_id": "i2", **changes}]
    return Case(name, "analyze v.jsonl", says, {"v.jsonl": jsonl(*rows)}, code=0, sees=sees)


TABLES = (
    verdicts("a label that is none", "row 3", "`label`", "'A'", "tie", label="A"),
    verdicts("p_a above 1", "row 3", "`p_a`", "1.5", "0 to 1", p_a=1.5),
    verdicts("a text as p_a", "row 3", "`p_a`", "number", p_a="high"),
    handled("label and p_a name two winners", {"comparisons.0.raw.n": 3},
            "different winners",
            p_a=0.1),
    verdicts("status ok without a verdict", "row 3", "`status`", "label", status="ok", label=""),
    verdicts("a status that is none", "row 3", "`status`", "'good'", "refused", status="good"),
    verdicts("an order that is none", "row 3", "`order`", "'ab'", "AB", order="ab"),
    verdicts("a repeat that is none", "row 3", "`repeat`", "1.5", repeat=1.5),
    verdicts("a repeat beyond 64 bits", "row 3", "`repeat`", repeat=10**30),
    verdicts("a length below 0", "row 3", "`len_a`", "-1", len_a=-1),
    verdicts("a length beyond every text", "row 3", "`len_a`", len_a=1e300),
    verdicts("one system against itself", "row 3", "`system_b`", "two systems", system_b="new"),
    verdicts("a judge named panel in verdicts", "row 3", "`judge`", "reserved", judge="Panel"),
    handled("a judge with a line break", {"judges.1.judge": "j\nk"}, judge="j\nk"),
    handled("a system named panel in verdicts", {"comparisons.1.system": "panel"}, system_a="panel"),
    verdicts("no judge in verdicts", "row 3", "`judge`", "empty", judge=""),
    verdicts("5 MB as label", "row 3", "`label`", label="x" * 5_000_000),
    verdicts("a list as item_id", "row 3", "`item_id`", "text", item_id=["i"]),
    verdicts("a verdict twice", "row 2", "row 1", "order", "repeat", rows=[PAIR, PAIR]),
    verdicts("an item in two clusters", "row 2", "`cluster`", "one cluster",
             rows=[{**PAIR, "cluster": "x", "order": "AB"},
                   {**PAIR, "cluster": "y", "order": "BA"}]),
    verdicts("score and label disagree", "row 1", "score", "label",
             rows=[{**SINGLE, "label": "4", "score": 5}]),
    verdicts("a score missing beside others", "row 2", "`score`", "add it",
             rows=[SINGLE, {"item_id": "i1", "system": "s", "judge": "j", "label": "4"}]),
    verdicts("pairs and single answers in one table", "row 2", "system", "two files",
             rows=[PAIR, SINGLE]),
    verdicts("single answers and pairs in one table", "row 2", "system", "two files",
             rows=[SINGLE, PAIR]),
    verdicts("columns of nothing known", "item_id", "--map", rows=[{"foo": 1, "bar": 2}]),
    Case("no verdict at all", "analyze v.jsonl", ("j", "100"), code=3,
         files={"v.jsonl": jsonl({**PAIR, "label": ""}, {**PAIR, "item_id": "k", "label": ""})}),
    Case("infinity in a CSV", "analyze v.csv", ("v.csv", "row 2", "`score`", "finite"),
         {"v.csv": csv_text("item_id,system,judge,score", "i,s,j,inf")}),
    Case("NaN in a CSV", "analyze v.csv", ("v.csv", "row 2", "`p_a`", "empty"),
         {"v.csv": csv_text("item_id,system_a,system_b,judge,label,p_a", "i,x,y,j,a,NaN")}),
    Case("responses where verdicts are meant", "analyze new.jsonl",
         ("new.jsonl", "responses", "compare")),
    Case("verdicts where responses are meant", "compare base.jsonl v.jsonl --judge scripted/always-A",
         ("v.jsonl", "verdict", "analyze")),
    Case("a format that is none", "analyze v.jsonl --format alpaca",
         ("alpaca", "did you mean", "alpaca_eval")),
    Case("the wrong format", "analyze v.jsonl --format mt_bench", ("v.jsonl", "MT-Bench")),
    Case("a row that another format would have", "analyze v.jsonl --format lmarena",
         ("v.jsonl", "model_a")),
    Case("a format that reads no responses", f"{COMPARE} --format lmarena", ("lmarena", "responses")),
    Case("a role that the format does not know", "analyze v.jsonl --beside questions=base.jsonl",
         ("--beside questions", "native")),
    Case("a file beside that is not there",
         "analyze v.jsonl --format mt_bench --beside questions=gone.jsonl", ("gone.jsonl", "no such")),
    Case("a mapped column that is not there", "analyze v.jsonl --map label=lable",
         ("v.jsonl", "lable", "did you mean", "label")),
    Case("a mapped field that is none", "analyze v.jsonl --map lable=label",
         ("lable", "did you mean", "label")),
    Case("a baseline that is not there", "analyze v.jsonl --baseline bsae", ("bsae", "base")),
)  # fmt: skip


# -- judge.toml and rubrics ----------------------------------------------------------------------


def config(name: str, text: str, *says: str) -> Case:
    """A judge.toml that compare reads."""
    return Case(name, "compare base.jsonl new.jsonl", ("judge.toml", *says), {"judge.toml": text})


def wrong_rubric(name: str, *says: str, **changes: Any) -> Case:
    """A rubric of one's own that compare is to ask by."""
    return Case(name, f"{COMPARE} --rubric mine.toml", ("mine.toml", *says),
                {"mine.toml": rubric(**changes)})  # fmt: skip


SETTINGS = (
    config("TOML that is none", "[[judges]\n", "TOML", "line 1"),
    config("a judge.toml in Latin-1", "# caf\udce9", "UTF-8"),
    config("an unknown key", JUDGE_TOML + "[run]\nrepeat = 2\n", "`run.repeat`", "`repeats`"),
    config("a secret in the file", JUDGE_TOML + 'api_key = "sk-very-secret"\n', "`judges[0].api_key`",
           "api_key_env"),
    config("a price that is none", JUDGE_TOML + "usd_per_mtok_in = -1\nusd_per_mtok_out = 1\n",
           "`judges[0].usd_per_mtok_in`"),
    config("a price that is no number", JUDGE_TOML + "usd_per_mtok_in = nan\nusd_per_mtok_out = 1\n",
           "`judges[0].usd_per_mtok_in`"),
    config("half a price", JUDGE_TOML + "usd_per_mtok_in = 1\n", "usd_per_mtok_out", "both"),
    config("a bad regular expression", JUDGE_TOML + '[families]\n"(gpt" = "openai"\n', "`families`",
           "'(gpt'"),
    config("a pattern of families that fits every name", JUDGE_TOML + '[families]\n".*" = "openai"\n',
           "`families`", "'.*'", "every name"),
    config("a family without a name", JUDGE_TOML + '[families]\n"gpt" = [" "]\n', "`families.gpt[0]`"),
    config("families that are no table", f'families = "openai"\n{JUDGE_TOML}', "`families`"),
    config("a margin that is none", JUDGE_TOML + "[run]\nmargin = 0.5\n", "`run.margin`", "0.5"),
    config("a merge that is none", JUDGE_TOML + '[run]\nmerge = "median"\n', "`run.merge`", "average"),
    config("a share of repeats that is none", JUDGE_TOML + "[run]\nrepeat_share = 1.5\n",
           "`run.repeat_share`"),
    config("stopping early by a word", JUDGE_TOML + '[run]\nstop_early = "yes"\n', "`run.stop_early`"),
    config("a judge twice", JUDGE_TOML * 2, "mine"),
    config("a swap that is none", JUDGE_TOML + '[run]\nswap = "always"\n', "`run.swap`", "both"),
    config("a store's name with a NUL", JUDGE_TOML + '[run]\nstore = "s\\u0000.db"\n', "`run.store`"),
    config("an output folder with a NUL", JUDGE_TOML + '[run]\nout = "o\\u0000"\n', "`run.out`"),
    Case("a rubric's name with a NUL", "compare base.jsonl new.jsonl", ("is no name of a file",),
         {"judge.toml": JUDGE_TOML + '[run]\nrubric = "r\\u0000.toml"\n'}),
    config("a provider that is none", JUDGE_TOML.replace("scripted", "opanai"), "opanai", "openai"),
    config("a judge named panel", JUDGE_TOML.replace("mine", "panel"), "panel", "another id"),
    Case("no judge", "compare base.jsonl new.jsonl", ("--judge openai/MODEL", "judge.toml")),
    Case("a config that is not there", f"{COMPARE} --config gone.toml", ("gone.toml", "no such")),
    Case("a config that is a folder", f"{COMPARE} --config x", ("x", "folder"), {"x": None}),
    Case("a config that is a device", f"{COMPARE} --config zero.toml", ("zero.toml", "device"),
         {"zero.toml": device}),
    Case("a judge that is none", f"{COMPARE} --judge nonsense", ("nonsense", "provider/model")),
    Case("a judge without its key", "compare base.jsonl new.jsonl --judge openai/gpt",
         ("OPENAI_API_KEY",)),
    Case("a judge's address with a password",
         "compare base.jsonl new.jsonl --judge openai/m@http://me:secret@127.0.0.1:1/v1", ("login",)),
    Case("a judge's address that is none",
         "compare base.jsonl new.jsonl --judge openai/m@http://127.0.0.1:99999/v1", ("base_url",)),
    Case("an unknown rubric", f"{COMPARE} --rubric helpfullness", ("helpfullness", "helpfulness")),
    Case("an unknown version of a rubric", f"{COMPARE} --rubric helpfulness@99", ("helpfulness@99",)),
    Case("a rubric that was edited after it was locked", f"{COMPARE} --rubric mine@1",
         ("v1.toml", "new version"), {
             "rubrics/mine/v1.toml": rubric(),
             "rubrics/rubrics.lock": f"mine@1 sha256:{'0' * 64}\n"}),
    wrong_rubric("a template that reads an unknown variable", "`user`", "`secret`", "known",
                 more="{{ secret }}"),
    wrong_rubric("a template that reaches for Python", "`user`", more="{{ ''.__class__ }}"),
    wrong_rubric("a template that reaches for Python's subclasses", "`user`",
                 more="{{ ''.__class__.__mro__[1].__subclasses__() }}"),
    wrong_rubric("a template that counts without end", "`user`", "range",
                 more="{% for a in range(10 ** 9) %}x{% endfor %}"),
    wrong_rubric("a template that fills the memory", "`user`", more="{{ 'x' * 10 ** 12 }}"),
    wrong_rubric("a template that hides a response", "`user`", "`response_b`",
                 user="{{ boundary }} {{ question }} {{ response_a }} {{ answer_format }}"),
    wrong_rubric("a template that is no template", "`user`", "line", more="{{ unclosed"),
    wrong_rubric("a rubric without a scale", "`scale`", "missing", scale=""),
    Case("a rubric for single answers in compare", f"{COMPARE} --rubric helpfulness-single",
         ("single", "judge score")),
)  # fmt: skip

SCORED = [{**SINGLE, "item_id": f"i{n}", "score": n % 3, "len": 100 + n} for n in range(4)]
LABEL = {"item_id": "i0", "rater": "r", "system_a": "new", "system_b": "base", "label": "a"}
LABEL_TOML = """name = "mine"
version = 1
source = "human"
mode = "pairwise"
raters = ["r"]
"""
LABEL_SET: dict[str, Content] = {
    "calibration/mine/v1/set.toml": LABEL_TOML,
    "calibration/mine/v1/labels.jsonl": jsonl(LABEL),
    "calibration/mine/v1/items.jsonl": jsonl(
        {"item_id": "i0", "prompt": "p", "responses": {"new": "n", "base": "b"}}
    ),
    "calibration/mine/v1/DATASHEET.md": "# Datasheet",
}
RANK = "rank base.jsonl new.jsonl more.jsonl --judge scripted/always-A"
SCORE = "score base.jsonl new.jsonl --judge scripted/always-A"


def ranked(name: str, flags: str, *says: str) -> Case:
    """Three systems to be ranked."""
    return Case(name, f"{RANK} {flags}", says, {"more.jsonl": SOUND["new.jsonl"]})


def beside(name: str, flags: str, data: Content, *says: str) -> Case:
    """A file beside the verdicts on four single answers."""
    return Case(
        name, f"analyze s.jsonl {flags}", says, {"s.jsonl": jsonl(*SCORED), "b.jsonl": data}
    )


CONTROLS = (
    Case("--margin 0", f"{COMPARE} --margin 0", ("--margin 0.0", "above 0")),
    Case("--margin 0.5", "analyze v.jsonl --margin 0.5", ("--margin 0.5", "below 0.5")),
    ranked("--margin nan", "--margin nan", "--margin nan", "0.05"),
    Case("--merge median", f"{COMPARE} --merge median", ("median", "average", "tie-on-inconsistency")),
    Case("--merge consistent-only", "analyze v.jsonl --merge consistent-only",
         ("consistent-only", "away from 0.5", "use average")),
    Case("--repeat-share 0", f"{COMPARE} --repeats 2 --repeat-share 0",
         ("--repeat-share 0", "above 0")),
    Case("--repeat-share nan", f"{COMPARE} --repeats 2 --repeat-share nan",
         ("--repeat-share nan", "above 0")),
    Case("--repeat-share without repeats", f"{COMPARE} --repeat-share 0.5", ("--repeats 2",)),
    ranked("--design nonsense", "--design star", "--design star", "use all, ring"),
    ranked("--design with a number below 0", "--design ring:-1", "--design ring:-1", "0 or more"),
    ranked("--design with a number of 5,000 digits", f"--design ring:{'9' * 5000}", "0 or more"),
    ranked("--design baseline without one", "--design baseline", "--baseline"),
    ranked("a baseline of a ranking that is not there", "--baseline gone", "--baseline gone", "base"),
    ranked("--ties nonsense", "--ties elo", "--ties elo", "half or davidson"),
    ranked("--stop-early of a ranking", "--stop-early", "--stop-early"),
    Case("two systems to be ranked", "rank base.jsonl new.jsonl --judge scripted/always-A",
         ("three systems", "judge compare")),
    Case("--stop-early of scores without a baseline", f"{SCORE} --stop-early",
         ("--stop-early", "--baseline", "base and new")),
    Case("--stop-early of the baseline alone",
         "score base.jsonl --judge scripted/always-A --baseline base --stop-early",
         ("--stop-early", "no system but the baseline")),
    Case("--stop-early by labels without numbers", f"{SCORE} --baseline base --stop-early --rubric n.toml",
         ("--stop-early", "no numbers"), {"n.toml": single_rubric()}),
    Case("--style without its columns", "analyze v.jsonl --style", ("--style", "headers_a", "log")),
    Case("--style with a count that is none", "analyze v.jsonl --style", ("headers_a", "'many'", "count"),
         {"v.jsonl": jsonl({**PAIR, "headers_a": "many",
                            **dict.fromkeys(["headers_b", "list_items_a", "list_items_b", "bold_a",
                                             "bold_b"], 0)})}),
    beside("--style of single answers", "--style", "", "--style", "single answers"),
    beside("--length-penalty -1", "--length-penalty -1", "", "--length-penalty -1", "0 or more"),
    beside("--length-penalty nan", "--length-penalty nan", "", "--length-penalty nan", "0 or more"),
    Case("--length-penalty of pairs", "analyze v.jsonl --length-penalty 1",
         ("--length-penalty", "single answers", "leave it out")),
    Case("--padded of pairs", "analyze v.jsonl --padded v.jsonl", ("--padded", "single answers")),
    beside("--padded that is not there", "--padded gone.jsonl", "", "gone.jsonl", "no such"),
    beside("--padded without lengths", "--padded b.jsonl",
           jsonl(*({k: v for k, v in row.items() if k != "len"} for row in SCORED)),
           "b.jsonl", "`len`", "log it"),
    beside("--padded by another judge", "--padded b.jsonl",
           jsonl(*({**row, "judge": "k"} for row in SCORED)), "--padded", "'k'"),
    beside("--padded with responses", "--padded new.jsonl", "", "new.jsonl", "responses"),
    Case("--labels that are not there", "analyze v.jsonl --labels gone.jsonl", ("gone.jsonl", "no such")),
    Case("--labels that are a device", "analyze v.jsonl --labels zero.jsonl", ("zero.jsonl", "device"),
         {"zero.jsonl": device}),
    Case("--labels of a set that is not there", "analyze v.jsonl --labels support-synthetik",
         ("support-synthetik", "did you mean support-synthetic")),
    Case("a set of labels that was edited after it was locked", "analyze v.jsonl --labels mine",
         ("mine@1", "changed after it was locked", "v2"),
         {**LABEL_SET, "calibration/labels.lock": f"mine@1 sha256:{64 * '0'}\n"}),
    Case("a set.toml with an unknown key", "labels check mine", ("set.toml", "`licens`", "`licence`"),
         {**LABEL_SET, "calibration/mine/v1/set.toml": LABEL_TOML + 'licens = "CC0"\n'}),
    Case("a set whose labels are of items that it lacks", "analyze v.jsonl --labels mine",
         ("items.jsonl lacks", "i9"),
         {**LABEL_SET, "calibration/mine/v1/labels.jsonl": jsonl({**LABEL, "item_id": "i9"})}),
    Case("labels draw of more than there are", "labels draw base.jsonl --n 9 --out l.csv",
         ("--n 9", "only 4")),
    Case("labels draw over what people wrote", "labels draw base.jsonl --n 2 --out l.csv",
         ("l.csv", "choose another --out"), {"l.csv": "row_id,label\n"}),
    Case("labels draw from verdicts without texts", "labels draw v.jsonl --n 2 --out l.csv",
         ("v.jsonl", "--items")),
    Case("labels draw with judge-score of no verdicts",
         "labels draw base.jsonl --n 2 --out l.csv --stratify judge-score", ("--stratify judge-score",)),
    Case("labels import with what is no key", "labels import new.jsonl --key base.jsonl --out l.jsonl",
         ("base.jsonl", ".key.json")),
    Case("labels plan of a half width of 0", "labels plan --half-width 0", ("--half-width 0", "above 0")),
    Case("labels plan of a rate and a spread", "labels plan --rate 0.5 --sd 1", ("--rate and --sd",)),
    Case("labels lock of a file", "labels lock b.jsonl", ("b.jsonl", "cannot be locked"),
         {"b.jsonl": jsonl(LABEL)}),
    Case("--labels without a rater", "analyze v.jsonl --labels v.jsonl", ("v.jsonl", "row 1", "`rater`")),
    Case("--labels with an unknown label", "analyze v.jsonl --labels b.jsonl",
         ("b.jsonl", "row 2", "`label`", "'maybe'"),
         {"b.jsonl": jsonl(LABEL, {**LABEL, "item_id": "i1", "label": "maybe"})}),
    Case("--labels of pairs beside scores", "analyze s.jsonl --labels b.jsonl",
         ("b.jsonl", "its labels are of pairs", "system and score"),
         {"s.jsonl": jsonl(*SCORED), "b.jsonl": jsonl(LABEL)}),
    Case("--labels of pairs that were not judged", "analyze v.jsonl --labels b.jsonl",
         ("b.jsonl", "i99", "same item_id"), {"b.jsonl": jsonl({**LABEL, "item_id": "i99"})}),
)  # fmt: skip

FLAGS = (
    Case("a file as --out", f"{COMPARE} --out v.jsonl", ("v.jsonl", "--out")),
    Case("an --out below a file", f"{COMPARE} --out v.jsonl/x", ("v.jsonl/x", "--out")),
    Case("a file as --out of analyze", "analyze v.jsonl --out base.jsonl", ("base.jsonl", "--out")),
    Case("a folder as --store", f"{COMPARE} --store x", ("x", "folder"), {"x": None}),
    Case("a file that is no database as --store", f"{COMPARE} --store v.jsonl",
         ("v.jsonl", "--store")),
    Case("another program's database as --store", "runs --store other.db", ("other.db", "not a store"),
         {"other.db": database}),
    Case("a store URL with a wrong scheme", f"{COMPARE} --store mysql://me:secret@h/db",
         ("postgresql://",)),
    Case("a store below a file", f"{COMPARE} --store v.jsonl/s.db", ("v.jsonl", "--store")),
    Case("a store that is a device", "runs --store /dev/zero", ("/dev/zero", "device")),
    Case("--limit 0", f"{COMPARE} --limit 0", ("--limit", "1")),
    Case("--limit that is no number", f"{COMPARE} --limit few", ("--limit", "integer")),
    Case("--max-cost nan", f"{COMPARE} --max-cost nan", ("--max-cost nan", "dollars")),
    Case("--max-cost -1", f"{COMPARE} --max-cost -1", ("--max-cost -1", "dollars")),
    Case("--max-cost with an unknown price", f"{COMPARE} --max-cost 1", ("usd_per_mtok_in",)),
    Case("--max-missing 2", "analyze v.jsonl --max-missing 2", ("--max-missing 2", "0 to 1")),
    Case("--max-missing nan", "analyze v.jsonl --max-missing nan", ("--max-missing nan", "0 to 1")),
    Case("--repeats 0", f"{COMPARE} --repeats 0", ("--repeats 0", "1 or more")),
    Case("--concurrency 0", f"{COMPARE} --concurrency 0", ("--concurrency 0", "1 or more")),
    Case("--swap nonsense", f"{COMPARE} --swap nonsense", ("--swap nonsense", "sample:P")),
    Case("--swap sample:nan", f"{COMPARE} --swap sample:nan", ("--swap sample:nan", "0 to 1")),
    Case("--fail-if nonsense", f"{COMPARE} --fail-if nonsense", ("--fail-if nonsense", "worse")),
    Case("--map without its form", f"{COMPARE} --map response", ("FIELD=COLUMN",)),
    Case("--slice by what is not there", "analyze v.jsonl --slice topic", ("topic",)),
    Case("a run that is not there", "show 2020 i0", ("no run", "--store")),
    Case("the latest of no runs", "report latest", ("no run",)),
    Case("an export that is no format", "export latest --format csv", ("csv",)),
    Case("a diff of one run", "diff latest", ("two",)),
    Case("a doctor's file that is not there", "doctor gone.jsonl", ("gone.jsonl", "no such")),
    Case("a doctor's file that is a device", "doctor zero.jsonl", ("zero.jsonl", "device"),
         {"zero.jsonl": device}),
    Case("items that are verdicts", "items check v.jsonl", ("v.jsonl", "verdicts", "judge analyze")),
    Case("marks where no run is", "spotcheck latest --marks v.jsonl", ("no run", "--store")),
)  # fmt: skip


def audited(name: str, flags: str, *says: str, files: Mapping[str, Content] | None = None) -> Case:
    """An audit of a judge on the sound files, with these flags."""
    return Case(name, f"audit judge base.jsonl new.jsonl {AUDITOR} {flags}", says, files or {})


def worded(name: str, flags: str, *says: str, files: Mapping[str, Content] | None = None) -> Case:
    """An audit of a rubric on the sound files, with these flags."""
    return Case(name, f"audit rubric base.jsonl new.jsonl {AUDITOR} {flags}", says, files or {})


def of_system(name: str) -> str:
    """Sound rows of one system by this name."""
    return jsonl(*({**ROW, "item_id": f"i{n}", "system": name, "response": "x"} for n in range(4)))


AUDITOR = "--judge scripted/always-A"
ENDPOINT = """[[judges]]
id = "mine"
provider = "http"
model = "house"
base_url = "http://127.0.0.1:9/judge"
http.body = { a = "{response_a}", b = "{response_b}" }
http.answer = "winner"
"""
WORDINGS = [{**PAIR, "item_id": f"i{n}", "variant": v} for n in range(2) for v in ("x", "y")]

AUDITS = (
    audited("a perturbation that is none", "--only poetry", "--only poetry", "injection-verdict"),
    audited("a perturbation left out that is none", "--without poetry", "--without poetry"),
    audited("an audit with everything left out", "--only null --without null", "--without", "nothing to ask"),
    audited("an audit of 0 items", "--items 0", "--items", "1"),
    audited("an audit of two rubrics", "--rubric helpfulness --rubric helpfulness-single",
            "--rubric", "one rubric"),
    audited("an audit's gate of another command", "--fail-if worse", "--fail-if worse", "moved",
            "success_upper>X"),
    audited("a gate that an audit always passes", "--fail-if success_upper>1", "0 up to 1"),
    audited("an audit quoted for 0 days", "--certify --max-age 0", "--max-age", "1"),
    audited("an audit with labels of other items", "--labels b.jsonl", "b.jsonl", "i99", "i0",
            files={"b.jsonl": jsonl({**LABEL, "item_id": "i99"})}),
    audited("an audit with labels of scores", "--labels b.jsonl", "b.jsonl",
            files={"b.jsonl": jsonl({"item_id": "i0", "rater": "r", "system": "new", "score": 3})}),
    Case("an audit in pairs of one system", f"audit judge base.jsonl {AUDITOR} --rubric helpfulness",
         ("helpfulness@1", "one system")),
    Case("a system that is named as an audit names its own",
         f"audit judge base.jsonl x.jsonl {AUDITOR}", ("new + padding-x3", "rename"),
         {"x.jsonl": of_system("new + padding-x3")}),
    Case("a system that is named constant answer", f"audit judge base.jsonl x.jsonl {AUDITOR}",
         ("constant answer", "rename"), {"x.jsonl": of_system("constant answer")}),
    Case("an audit of nothing", "audit rubric", ("--from", "responses")),
    worded("a wording that is none", "--variant poetry", "--variant poetry", "paraphrase-1"),
    worded("an intervention that is none", "--intervention poetry", "--intervention poetry",
           "chain-of-thought"),
    worded("a base where nothing is recorded", "--base x", "--base", "--from"),
    worded("an audit in an order that is none", "--swap sometimes", "--swap sometimes"),
    worded("an audit of wordings asked never", "--repeats 0", "--repeats 0", "1 or more"),
    worded("a gate on agreement that can never be passed", "--fail-if net_agreement<0.9",
           "0 is the most to expect", "net_agreement<-0.05"),
    worded("recorded verdicts and responses at once", "--from v.jsonl", "--from", "one of both"),
    Case("recorded wordings from a file that is not there", "audit rubric --from gone.jsonl",
         ("gone.jsonl",)),
    Case("recorded wordings from one file twice", "audit rubric --from v.jsonl --from v.jsonl",
         ("v.jsonl", "twice")),
    Case("recorded wordings with a judge", f"audit rubric --from v.jsonl {AUDITOR}",
         ("--judge", "asks nothing")),
    Case("recorded wordings to certify", "audit rubric --from v.jsonl --certify",
         ("--certify", "asks nothing")),
    Case("recorded wordings without a base", "audit rubric --from w.jsonl", ("--base",),
         {"w.jsonl": jsonl(*WORDINGS)}),
    Case("recorded wordings with a base that is none", "audit rubric --from w.jsonl --base z",
         ("--base 'z'", "x, y"), {"w.jsonl": jsonl(*WORDINGS)}),
    Case("recorded wordings of other items", "audit rubric --from v.jsonl --from w.jsonl",
         ("v.jsonl", "w.jsonl", "items"), {"w.jsonl": jsonl({**PAIR, "item_id": "other"})}),
    Case("wordings that an endpoint is not shown",
         "audit rubric base.jsonl new.jsonl --judge mine --config judge.toml", ("mine", "{user}"),
         {"judge.toml": ENDPOINT}),
    Case("--padded of an audit without a store", "analyze v.jsonl --padded 2026",
         ("--padded 2026", "no such file", "--store")),
    Case("--padded of a table beside responses", f"{COMPARE} --padded v.jsonl",
         ("--padded v.jsonl", "the id of an audit")),
    Case("--padded of a run that is not there", f"{COMPARE} --padded 2026", ("--padded 2026",)),
)  # fmt: skip

CASES = (
    *(*ENCODINGS, *SHAPES, *CELLS, *PLACES, *TABLES, *SETTINGS, *CONTROLS, *FLAGS),
    *AUDITS,
)


# -- what a person sees --------------------------------------------------------------------------

ROOT = Path(__file__).parents[2]
PAGE = ROOT / "docs" / "bad-inputs.md"
_SHOWN = 160


def report(done: Done) -> dict[str, Any]:
    """The report that a command printed, empty where it printed none."""
    return dict(json.loads(done.stdout)) if done.stdout.startswith("{") else {}


def at(told: Mapping[str, Any], place: str) -> Any:
    """The value at a place of the report, as in `comparisons.0.raw.n`."""
    return reduce(lambda v, key: v[int(key) if key.isdigit() else key], place.split("."), told)


def shown(case: Case, done: Done) -> str:
    """The line that says what is wrong, or how the input was taken, shortened."""
    if case.sees:
        warned = [w for w in report(done)["warnings"] if any(s in w for s in case.says[-1:])]
        return _short(f"taken, {case_sight(case)}{f'; {warned[0]}' if warned else ''}")
    heads = ("judge: ", "Error: ")
    lines = [line for line in done.stderr.splitlines() if line.startswith(heads)]
    return _short(lines[0].partition(": ")[2])


def case_sight(case: Case) -> str:
    """What is looked at in the report: `comparisons.0.raw.n = 3`."""
    return ", ".join(f"{place} = {value!r}" for place, value in case.sees.items())


def _short(text: str) -> str:
    plain = text.replace(str(ROOT), "...").replace("|", "\\|")
    return plain if len(plain) <= _SHOWN else f"{plain[:_SHOWN]}..."


def table_row(case: Case, done: Done) -> str:
    """The case's line of the page."""
    return f"| {case.name} | `{shown(case, done).replace('`', chr(39))}` | {case.code} |"


HEAD = """\
# Bad inputs, and what is said of them

Made by `python tests/hostile/bad_inputs.py > docs/bad-inputs.md` from cases that a test carries out.
Messages are cut here. Exit code 2: something must be changed, and nothing was written.

| input | what is said | exit code |
| --- | --- | --- |
"""


def page() -> str:
    """The page in docs/, each command carried out."""
    lines = []
    for case in CASES:
        with tempfile.TemporaryDirectory() as name:
            prepare(Path(name), case)
            lines.append(table_row(case, run(Path(name), case)))
    return HEAD + "".join(f"{line}\n" for line in lines)


if __name__ == "__main__":
    sys.stdout.write(page())
