"""What stands in somebody's texts steers neither a terminal, nor a page, nor a spreadsheet."""

from __future__ import annotations

import csv
import json
import shlex
from collections.abc import Iterator
from contextlib import contextmanager
from dataclasses import dataclass
from html.parser import HTMLParser
from http.server import BaseHTTPRequestHandler, ThreadingHTTPServer
from pathlib import Path
from threading import Thread

import pytest
from bad_files import jsonl
from bad_inputs import Done, in_process

from judge.records import read_verdicts
from judge.report.words import is_hidden

# A title for the window, a link, colours, a bell, going back over what stands there, other directions,
# C1 controls, a page break, half a character; then what a page or a template would act on.
STEERING = (
    "\x1b]0;owned\x07\x1b]8;;http://x.test\x1b\\go\x1b[31m\x1b[2J\a\b\b\r\v\f\x7f\x85\x9b31m\u2028\u202e"
    "\u2066\u200b\ufeff\U000e0001"
)
MARKUP = (
    "</script><script>alert(1)</script><img src=x onerror=alert(1)><a href='javascript:alert(1)'>"
    "<svg/onload=alert(1)>{{ 7 * 7 }}{% raw %}--><style>*{display:none}</style>'\"&amp;"
)
EVIL = f"{STEERING}{MARKUP}"
FORMULAS = ("=cmd|' /C calc'!A0", "+1", "-1", "@SUM(A1)", "'=1", "'quoted", "\t=1", "\r=1")


def toml_text(text: str) -> str:
    """A text as TOML spells it: like JSON, but for halves of a pair, and DEL."""
    return json.dumps(text, ensure_ascii=False).replace("\x7f", "\\u007f")


REPLY = json.dumps({"reasoning": f"because {EVIL}", "label": "A"})
JUDGES = f"""
[[judges]]
id = "seer \\u202e"
provider = "scripted"
model = "m"
[judges.parameters]
replies = [{toml_text(REPLY)}, {toml_text(f"no verdict {EVIL}")}]
[[judges]]
id = "broken"
provider = "openai"
model = "m"
base_url = "http://127.0.0.1:{{port}}/v1"
[run]
max_missing = 1.0
"""


class _Refusing(BaseHTTPRequestHandler):
    """An API that answers every request with an error that somebody else wrote."""

    def do_POST(self) -> None:
        self.rfile.read(int(self.headers.get("content-length", 0)))
        body = json.dumps({"error": {"message": EVIL, "type": EVIL, "code": EVIL}}).encode()
        self.send_response(400)
        self.send_header("content-type", "application/json")
        self.send_header("content-length", str(len(body)))
        self.end_headers()
        self.wfile.write(body)

    def log_message(self, format: str, *args: object) -> None:
        pass


@contextmanager
def refusing_api() -> Iterator[int]:
    """The port of such an API."""
    with ThreadingHTTPServer(("127.0.0.1", 0), _Refusing) as server:
        thread = Thread(target=server.serve_forever, kwargs={"poll_interval": 0.01})
        thread.start()
        try:
            yield server.server_address[1]
        finally:
            server.shutdown()
            thread.join()


def responses(system: str) -> str:
    rows = (
        {
            "item_id": f"{formula}{n} {STEERING}",
            "prompt": f"question {n} {EVIL}",
            "response": f"{system} {n} {EVIL}" * (2 if n % 2 else 1),
            "reference": EVIL,
            "category": f"kind {n % 2} {EVIL}",
            "system": f"{system} {STEERING}{MARKUP}",
        }
        for n, formula in enumerate(FORMULAS)
    )
    return jsonl(*rows)


@dataclass(frozen=True, slots=True)
class Judged:
    """A run of such texts, its folder, and one of its items."""

    folder: Path
    run: str
    item: str

    def done(self, command: str) -> Done:
        """What came of a command on it."""
        return in_process(
            self.folder, command.replace("RUN", self.run).replace("ITEM", shlex.quote(self.item))
        )


@pytest.fixture(scope="module")
def judged(tmp_path_factory: pytest.TempPathFactory) -> Judged:
    """A run of hostile texts, judged by one that repeats them and one whose API is hostile itself."""
    made = tmp_path_factory.mktemp("hostile")
    for system in ("base", "new"):
        (made / f"{system}.jsonl").write_text(responses(system), "utf-8")
    with refusing_api() as port:
        config = JUDGES.replace("{port}", str(port))
        (made / "judge.toml").write_text(config, "utf-8")
        done = in_process(made, "compare base.jsonl new.jsonl --slice category")
    assert done.code == 0, done.stderr
    steers_nothing(done.stdout, done.stderr)
    (report,) = made.glob(".judge/runs/*/report.html")
    lines = in_process(made, f"export {report.parent.name}").stdout
    (made / "v.jsonl").write_text(lines, "utf-8")
    return Judged(made, report.parent.name, json.loads(lines.splitlines()[0])["item_id"])


def steers_nothing(*texts: str) -> None:
    for text in texts:
        hidden = {char for char in text if is_hidden(char) and char != "\n"}
        assert hidden == set(), text[-3000:]


COMMANDS = (
    "compare base.jsonl new.jsonl --dry-run --judge scripted/always-A",
    "compare base.jsonl new.jsonl --judge scripted/always-A --json",
    "compare base.jsonl gone.jsonl",
    "compare base.jsonl new.jsonl --dry-run --json",
    "report RUN",
    "report RUN --json",
    "runs",
    "show RUN ITEM",
    "diff RUN RUN --json",
    "diff RUN RUN",
    "export RUN",
    "analyze v.jsonl",
    "analyze v.jsonl --slice category",
    "analyze v.jsonl --baseline gone",
    "doctor v.jsonl",
    "doctor v.jsonl --json",
    "doctor base.jsonl",
    "items check base.jsonl new.jsonl",
    "items check base.jsonl new.jsonl --json",
    "spotcheck RUN --n 5 --out spot.csv",
    "spotcheck RUN --marks spot.csv",
)


@pytest.mark.parametrize("command", COMMANDS)
def test_no_command_prints_what_could_steer_a_terminal(command: str, judged: Judged) -> None:
    done = judged.done(command)
    assert "Traceback" not in done.stderr
    assert done.stdout or done.code == 2
    steers_nothing(done.stdout, done.stderr)


def test_what_was_hidden_is_shown_as_escapes(judged: Judged) -> None:
    """A name that hides something is told from one that does not."""
    shown = judged.done("show RUN ITEM").stdout
    for escape in (r"\x1b]0;owned\x07", r"\u202e", r"\x85"):
        assert escape in shown
    assert json.loads(judged.done("report RUN --json").stdout)["comparisons"][0]["system"] == (
        f"new {STEERING}{MARKUP}"
    )


# -- the page ------------------------------------------------------------------------------------

# What our own template and charts are made of.
OURS = """
html head meta link title style body main header nav footer section article div p span h1 h2 h3 h4 ul ol
li table caption thead tbody tr th td dl dt dd details summary blockquote pre code a em strong b i small
br hr figure figcaption svg g path rect line circle text tspan desc defs clippath polygon polyline
ellipse use symbol
"""
TAGS = frozenset(OURS.split())


class _Tags(HTMLParser):
    """The tags of a page, and the attributes that run something or lead elsewhere."""

    def __init__(self) -> None:
        super().__init__()
        self.tags: set[str] = set()
        self.acting: list[tuple[str, str, str | None]] = []
        self.text: list[str] = []

    def handle_starttag(self, tag: str, attrs: list[tuple[str, str | None]]) -> None:
        self.tags.add(tag)
        for name, value in attrs:
            leads = name in ("href", "src", "xlink:href", "action", "srcdoc", "data")
            is_ours = (value or "").startswith("#") or value == "data:,"
            if name.startswith("on") or (leads and not is_ours):
                self.acting.append((tag, name, value))

    def handle_data(self, data: str) -> None:
        self.text.append(data)


def test_a_page_of_hostile_texts_has_our_own_tags_only(judged: Judged) -> None:
    page = (judged.folder / ".judge" / "runs" / judged.run / "report.html").read_text("utf-8")
    found = _Tags()
    found.feed(page)
    assert found.tags - TAGS == set()
    assert found.acting == []
    shown = "".join(found.text)
    assert "{{ 7 * 7 }}" in shown
    assert "<img src=x onerror=alert(1)>" in shown
    assert {char for char in page if is_hidden(char) and char != "\n"} == set()


# -- spreadsheets --------------------------------------------------------------------------------

RUN_BY_SPREADSHEETS = tuple("=+-@\t\r\uff1d\uff0b\uff0d\uff20")


def test_an_exported_table_runs_nothing_and_reads_back_as_it_was(judged: Judged) -> None:
    assert judged.done("export RUN --out v.csv").code == 0
    with (judged.folder / "v.csv").open(encoding="utf-8", newline="") as file:
        cells = [cell for row in csv.reader(file) for cell in row]
    assert [cell for cell in cells if cell.startswith(RUN_BY_SPREADSHEETS)] == []
    lines, table = read_verdicts(judged.folder / "v.jsonl"), read_verdicts(judged.folder / "v.csv")
    ids = list(lines.frame["item_id"].astype(str))
    assert list(table.frame["item_id"].astype(str)) == ids
    assert all(any(i.startswith(formula) for i in ids) for formula in FORMULAS)
    assert any("alert(1)" in reason for reason in lines.frame["reason"].astype(str))
    for name in ("system_a", "system_b", "category", "cluster", "judge", "label", "reason"):
        assert list(table.frame[name].astype(str)) == list(lines.frame[name].astype(str)), name


def test_a_spot_check_runs_nothing(judged: Judged) -> None:
    assert judged.done("spotcheck RUN --n 8 --out marks.csv").code == 0
    with (judged.folder / "marks.csv").open(encoding="utf-8-sig", newline="") as file:
        cells = [cell for row in csv.reader(file) for cell in row]
    assert cells
    assert [cell for cell in cells if cell.startswith(RUN_BY_SPREADSHEETS)] == []
