"""Near duplicates: every pair that passes and none that does not, whatever the search leaves out."""

from __future__ import annotations

import random
from itertools import combinations

import pytest
from hypothesis import given
from hypothesis import strategies as st

from judge.near_duplicates import near_duplicates, shingles

# Few words, so that texts share n-grams; long enough for prefixes to be shorter than the sets.
TEXTS = st.lists(
    st.lists(st.sampled_from("abc"), max_size=24).map(" ".join), min_size=2, max_size=12
)
THRESHOLDS = st.sampled_from([0.2, 0.5, 0.75, 0.8, 0.9, 1.0])


def brute_force(texts: list[str], threshold: float) -> list[tuple[int, int]]:
    """Every pair compared. Jaccard of exact counts; a text without words is alike to none."""
    sets = [shingles(text) for text in texts]
    return [
        (i, j)
        for i, j in combinations(range(len(texts)), 2)
        if sets[i] and sets[j] and len(sets[i] & sets[j]) / len(sets[i] | sets[j]) >= threshold
    ]


@given(TEXTS, THRESHOLDS)
def test_the_pairs_are_those_of_comparing_every_pair(texts: list[str], threshold: float) -> None:
    found = near_duplicates(texts, threshold)
    assert [(p.first, p.second) for p in found.pairs] == brute_force(texts, threshold)
    assert found.complete


def test_long_texts_with_planted_edits_agree_with_comparing_every_pair() -> None:
    draw = random.Random(11)
    words = [f"w{n}" for n in range(300)]
    texts = []
    for _ in range(60):
        own = [draw.choice(words) for _ in range(draw.randint(30, 90))]
        edited = list(own)
        for _ in range(draw.randint(0, 3)):
            edited[draw.randrange(len(edited))] = "changed"
        texts += [" ".join(own), " ".join(edited)]
    found = [(p.first, p.second) for p in near_duplicates(texts).pairs]
    assert found == brute_force(texts, 0.8)
    assert 10 < len(found) <= 60


def test_one_word_changed_at_the_end_of_fifty_is_near_and_in_the_middle_is_not() -> None:
    """46 5-grams each. At the end one of them differs: 45 / 47 = .957; in the middle five: 41 / 51."""
    words = [f"w{n}" for n in range(50)]
    end, middle = [*words[:-1], "x"], [*words[:25], "x", *words[26:]]
    (pair,) = near_duplicates([" ".join(words), " ".join(end)]).pairs
    assert pair.jaccard == pytest.approx(45 / 47)
    assert near_duplicates([" ".join(words), " ".join(middle)], 0.8).pairs[0].jaccard == (
        pytest.approx(41 / 51)
    )
    assert near_duplicates([" ".join(words), " ".join(middle)], 0.81).pairs == ()


def test_case_and_punctuation_do_not_tell_texts_apart() -> None:
    (pair,) = near_duplicates(["Who wrote it, and when?", "who WROTE it and when"]).pairs
    assert pair.jaccard == 1.0


def test_texts_shorter_than_a_5_gram_are_alike_only_where_they_are_the_same() -> None:
    assert near_duplicates(["Translate this.", "Translate that."]).pairs == ()
    assert len(near_duplicates(["Translate this.", "translate this"]).pairs) == 1


def test_texts_without_a_word_are_alike_to_none() -> None:
    assert near_duplicates(["", "", "?!", "?!"]).pairs == ()


def test_scripts_without_spaces_are_compared_by_character() -> None:
    first = "请把下面这段话翻译成英文并且说明你为什么这样翻译谢谢"
    assert len(near_duplicates([first, first + "。"]).pairs) == 1
    assert len(shingles(first)) == len(first) - 4


def test_the_search_ends_where_nearly_every_pair_is_alike_and_says_so() -> None:
    shared = " ".join(f"w{n}" for n in range(200))
    texts = [f"{shared} question {n}" for n in range(300)]
    assert len(near_duplicates(texts).pairs) == 300 * 299 // 2
    found = near_duplicates(texts, most_looks=1000)
    assert not found.complete
    assert 0 < len(found.pairs) < 300 * 299 // 2


def test_the_order_of_the_texts_changes_nothing_but_the_numbers() -> None:
    texts = ["a b c d e f g h", "a b c d e f g h i", "x y z x y z x y z", "a b c d e f g"]
    found = {
        frozenset((texts[p.first], texts[p.second])) for p in near_duplicates(texts, 0.5).pairs
    }
    again = texts[::-1]
    turned = {
        frozenset((again[p.first], again[p.second])) for p in near_duplicates(again, 0.5).pairs
    }
    assert found == turned
    assert len(found) == 3
