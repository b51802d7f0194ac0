"""How a ranking is told: who leads, what is not told apart, and what one order hides."""

from __future__ import annotations

import json
from typing import Any

import pytest
from report_samples import e, judge, report, sections

from judge.report import html, markdown, rank_words, terminal
from judge.report.blocks import Block, Bullets, Disclosure, Forest, Heading, Paragraph, Table
from judge.report.schema import (
    JudgeOrder,
    Misfit,
    RankedSystem,
    Ranking,
    Report,
    RunModel,
    to_json,
)
from judge.report.sections import conclusion, ranking


def system(
    name: str, ranks: tuple[int, int], wins: float, letters: str, **changes: Any
) -> RankedSystem:
    known: dict[str, Any] = {
        "system": name,
        "strength": e(wins - 0.5, wins - 0.6, wins - 0.4, unit="log-odds"),
        "win_probability": e(wins, wins - 0.05, wins + 0.05),
        "rank_low": ranks[0],
        "rank_high": ranks[1],
        "p_best": 0.5,
        "letters": list(letters),
    }
    return RankedSystem(**(known | changes))


def misfit(p: float | None = 0.4, **changes: Any) -> Misfit:
    known: dict[str, Any] = {
        "system": "beta",
        "other": "alpha",
        "direct": 0.55,
        "fitted": 0.45,
        "p_value": p,
        "n_tested": 3,
        "cycles": 0,
        "note": "",
    }
    return Misfit(**(known | changes))


def made(*systems: RankedSystem, **changes: Any) -> Ranking:
    known: dict[str, Any] = {
        "systems": [*systems],
        "connected": True,
        "components": [sorted(row.system for row in systems)],
        "judge": "panel",
        "members": ["j1", "j2"],
        "baseline": None,
        "tie_model": "half",
        "tie_parameter": e(unit="ratio"),
        "transitivity": misfit(),
        "judges": [
            JudgeOrder(
                judge=name,
                rubric="helpfulness@1",
                variant="",
                systems=["alpha", "beta", "gamma"],
                kendall_tau=e(tau, unit="correlation"),
            )
            for name, tau in (("j1", 1.0), ("j2", 0.33))
        ],
        "confidence": 0.95,
        "note": "",
    }
    return Ranking(**(known | changes))


TWO_LEAD = (
    system("alpha", (1, 2), 0.62, "a", p_best=0.8),
    system("beta", (1, 2), 0.58, "a", p_best=0.1999),
    system("gamma", (3, 3), 0.30, "b", p_best=0.0),
)


def told(of: Ranking, **changes: Any) -> Report:
    """A report of a ranking alone."""
    known: dict[str, Any] = {"comparisons": None, "ranking": of, "run": RunModel(command="rank")}
    return report(**(known | changes))


def texts(blocks: list[Block]) -> list[str]:
    found = [b.text for b in blocks if isinstance(b, Paragraph | Heading)]
    return [*found, *(item for b in blocks if isinstance(b, Bullets) for item in b.items)]


@pytest.mark.parametrize(
    ("of", "said"),
    [
        (made(*TWO_LEAD), "alpha and beta lead: their ranks overlap (1 to 2)"),
        (
            made(system("alpha", (1, 1), 0.7, "a"), system("b", (2, 3), 0.4, "b")),
            "alpha leads: it is better than every other system, and it wins 70.0 % (95 % interval "
            "65.0 to 75.0 %) against the others.",
        ),
        (
            made(system("alpha", (1, 3), 0.5, "a"), system("beta", (1, 3), 0.5, "a")),
            "No system was shown to be better than another: all 2 may have any rank.",
        ),
        (
            made(
                system("alpha", (1, 2), 0.7, "a"),
                system("beta", (2, 3), 0.5, "ab"),
                system("c", (2, 3), 0.3, "b"),
            ),
            "alpha leads: its rank is 1 to 2",
        ),
        (
            made(
                connected=False,
                components=[["a", "b", "c"], ["d", "e"]],
                note="the judged pairs do not join all systems, directly or through others",
            ),
            "There is no one ranking: the judged pairs do not join all systems, directly or through "
            "others. The parts: a, b and c; d and e.",
        ),
        (
            made(components=[["a"]], note="there are no ties"),
            "There is no ranking: there are no ties.",
        ),
    ],
    ids=["two lead", "one leads", "nobody", "in doubt", "disconnected", "no model"],
)
def test_one_sentence_says_what_was_found(of: Ranking, said: str) -> None:
    assert said in rank_words.sentence(of)


def test_the_sentence_stands_first_where_the_ranking_is_all_there_is() -> None:
    page = conclusion.blocks(told(made(*TWO_LEAD)))
    assert page[0] == Heading("Ranking of 3 systems", level=1)
    assert isinstance(page[1], Paragraph)
    assert page[1].text.startswith("alpha and beta lead")
    assert not any("alpha and beta lead" in t for t in texts(ranking.blocks(told(made(*TWO_LEAD)))))


def test_beside_comparisons_it_stands_after_these_in_the_conclusion_and_is_not_said_again() -> None:
    both = report(ranking=made(*TWO_LEAD, baseline="gamma"))
    (found,) = (b for b in conclusion.blocks(both) if isinstance(b, Bullets))
    assert found.items[0].startswith("tuned is better than base")
    assert found.items[1].startswith("alpha and beta lead")
    assert not any("alpha and beta lead" in text for text in texts(ranking.blocks(both)))


def test_beside_comparisons_the_plot_is_of_strengths_with_the_baseline() -> None:
    both = report(ranking=made(*TWO_LEAD, baseline="gamma"))
    (plot,) = (b for b in ranking.blocks(both) if isinstance(b, Forest))
    assert [mark.label for mark in plot.marks] == ["alpha", "beta", "gamma"]
    assert [mark.value for mark in plot.marks] == [row.strength.value for row in TWO_LEAD]
    assert plot.axis.middle == 0.0
    assert "log-odds" in plot.caption


def test_a_terminal_does_not_list_many_systems_twice() -> None:
    many = [system(f"s{n}", (1, 7), 0.5, "a") for n in range(7)]
    both = report(ranking=made(*many, transitivity=misfit(0.004)))
    assert not any(isinstance(b, Table) for b in ranking.brief(both))
    assert any("all 7 systems: see the HTML report" in text for text in texts(ranking.brief(both)))
    assert any("One order does not say it all" in text for text in texts(ranking.brief(both)))
    assert any(isinstance(b, Table) for b in ranking.brief(told(made(*many))))


def test_a_report_without_a_ranking_has_no_section() -> None:
    assert ranking.blocks(report()) == []


def test_the_table_has_ranks_wins_groups_and_p_best() -> None:
    (table,) = (b for b in ranking.blocks(told(made(*TWO_LEAD))) if isinstance(b, Table))
    assert [column.title for column in table.columns][:6] == [
        *("rank", "system", "wins", "95 % interval", "groups", "P(best)"),
    ]
    assert table.rows[0][:6] == ("1 to 2", "alpha", "62.0 %", "57.0 to 67.0 %", "a", "80.0 %")
    assert table.rows[2][:6] == ("3", "gamma", "30.0 %", "25.0 to 35.0 %", "b", "<0.1 %")


@pytest.mark.parametrize(
    ("p", "said"),
    [(None, "–"), (0.0, "<0.1 %"), (1.0, ">99.9 %"), (0.9, "90.0 %"), (0.001, "0.1 %")],
)
def test_p_best_comes_of_draws_and_is_neither_0_nor_1(p: float | None, said: str) -> None:
    assert rank_words.best(p) == said


def test_the_plot_shows_win_probabilities_and_marks_who_may_be_the_best() -> None:
    (plot,) = (b for b in ranking.blocks(told(made(*TWO_LEAD))) if isinstance(b, Forest))
    assert [(mark.label, mark.value, mark.strong) for mark in plot.marks] == [
        ("alpha", 0.62, True),
        ("beta", 0.58, True),
        ("gamma", 0.30, False),
    ]


def test_the_baseline_has_no_mark_and_is_named_on_its_side() -> None:
    base = system("gamma", (3, 3), 0.3, "b", win_probability=e(note="this is the baseline"))
    of = made(*TWO_LEAD[:2], base, baseline="gamma")
    (plot,) = (b for b in ranking.blocks(told(of)) if isinstance(b, Forest))
    assert [mark.label for mark in plot.marks] == ["alpha", "beta"]
    assert plot.sides[0] == "← gamma wins"
    assert "against gamma" in plot.caption


@pytest.mark.parametrize(
    ("fit", "said", "tone"),
    [
        (misfit(), "checked on 3 pairs, nothing found", "note"),
        (
            misfit(0.004),
            "One order does not say it all: beta wins 55.0 % against alpha, and by this order it would be "
            "45.0 % (p 0.004, corrected for 3 pairs).",
            "warning",
        ),
        (misfit(0.2, cycles=1), "Three systems go round in a circle", "warning"),
        (misfit(0.004, cycles=2), "2 groups of three systems go round", "warning"),
        (
            misfit(
                None, system=None, other=None, direct=None, fitted=None, n_tested=0, note="no loop"
            ),
            "was not checked: no loop.",
            "note",
        ),
    ],
    ids=["nothing", "a pair", "a circle", "both", "not checked"],
)
def test_what_one_order_hides_is_one_sentence(fit: Misfit, said: str, tone: str) -> None:
    blocks = ranking.blocks(told(made(*TWO_LEAD, transitivity=fit)))
    found = [b for b in blocks if isinstance(b, Paragraph) and said in b.text]
    assert [block.tone for block in found] == [tone]


def test_each_judges_order_stands_behind_a_line_and_not_on_a_terminal() -> None:
    of = told(made(*TWO_LEAD))
    (behind,) = (b for b in ranking.blocks(of) if isinstance(b, Disclosure))
    (table,) = behind.blocks
    assert isinstance(table, Table)
    assert table.rows[1] == ("j2, helpfulness@1", "0.33", "alpha > beta > gamma")
    assert any("tau 0.33 to 1.00" in text for text in texts(ranking.blocks(of)))
    assert not any(isinstance(b, Disclosure) for b in ranking.brief(of))


def test_notes_name_missing_pairs_priors_and_the_tie_parameter() -> None:
    bare = system(
        "alpha", (1, 3), 0.9, "a", strength=e(2.0, unit="log-odds", n=60, n_missing=2), p_best=None
    )
    of = made(
        bare,
        system(
            "beta", (1, 3), 0.4, "a", strength=e(0.1, 0, 0.2, unit="log-odds", n=60, n_missing=2)
        ),
        note="some system always won or lost",
        tie_parameter=e(0.86, 0.5, 1.4, unit="ratio"),
        tie_model="davidson",
    )
    said = texts(ranking.blocks(told(of)))
    assert "Made from 60 pairs of answers; 2 pairs without all verdicts left out." in said
    assert "Without the interval of a strength: alpha." in said
    assert "some system always won or lost." in said
    assert "Ties have a parameter of their own: 0.86 (0.50 to 1.40)." in said


def test_where_there_is_no_order_the_section_warns_and_shows_no_table() -> None:
    of = made(connected=False, components=[["a", "b"], ["c"]], note="the pairs do not join")
    blocks = ranking.blocks(told(of))
    assert not any(isinstance(b, Table | Forest) for b in blocks)
    assert isinstance(blocks[1], Paragraph)
    assert blocks[1].tone == "warning"


def test_every_writer_shows_it_and_the_terminal_keeps_to_80_columns() -> None:
    names = ["a-very-long-name-of-a-system-that-somebody-tuned", "beta", "gamma"]
    rows = [system(name, (1, 3), 0.5, "abc") for name in names]
    of = told(made(*rows), judges=[judge("j1"), judge("j2")])
    text = terminal.render(of, sections(), width=80, color=False, files=[])
    assert "Ranking" in text
    assert max(map(len, text.splitlines())) <= 80
    assert "P(best)" in html.render(of, sections())
    assert "P(best)" in markdown.render(of, sections())


def test_hostile_names_are_harmless_in_sentences() -> None:
    of = made(system("\x1b[2J\u202eevil", (1, 1), 0.7, "a"), system("b", (2, 2), 0.3, "b"))
    assert "\x1b" not in rank_words.sentence(of)
    assert "\u202e" not in rank_words.sentence(of)


def test_the_json_has_the_documented_keys() -> None:
    plain = json.loads(to_json(told(made(*TWO_LEAD))))["ranking"]
    assert {"systems", "connected"} <= set(plain)
    assert list(plain["systems"][0]) == [
        *("system", "strength", "win_probability", "rank_low", "rank_high", "p_best", "letters"),
    ]
    assert Report.model_validate_json(to_json(told(made(*TWO_LEAD)))).ranking == made(*TWO_LEAD)
