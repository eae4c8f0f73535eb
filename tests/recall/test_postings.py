"""How much of the full-text index a query reads where terms are common: here, where more than a few turns hold them."""

from __future__ import annotations

from collections.abc import Iterator

import pytest
from sqlalchemy import Connection

from memory_store.episodic import lexical, postings
from tests.recall.test_lexical import indexed, matched, phrases_of

TURNS = 60


@pytest.fixture
def lake(monkeypatch: pytest.MonkeyPatch) -> Iterator[Connection]:
    """Turns that all speak of a lake, every second one of a boat too, every third of rain; three of a heron."""
    monkeypatch.setattr(postings, "MAX_POSTINGS", 10)
    keys = []
    for number in range(1, TURNS + 1):
        words = (
            ["lake"] + ["boat"] * (number % 2 == 0) + ["rain"] * (number % 3 == 0) + ["heron"] * (number in {7, 8, 12})
        )
        keys.append(" ".join(words))
    with indexed(keys) as connection:
        yield connection


def test_common_words_rank_what_rare_ones_found(lake: Connection) -> None:
    found = lexical.search(lake, ["lake", "heron", "rain", "boat"], TURNS)
    scores = dict(zip(found.seqs.tolist(), found.scores.tolist(), strict=True))
    assert max(scores, key=lambda seq: scores[seq]) == 12
    assert scores[12] > scores[8] > scores[7]
    assert matched(found, 7) == ("heron", "lake")
    assert matched(found, 12) == ("heron", "rain", "boat", "lake")


def test_two_common_words_together_are_found_without_a_rare_one(lake: Connection) -> None:
    found = lexical.search(lake, ["heron", "rain", "boat"], TURNS)
    assert {6, 18, 54} <= set(found.seqs.tolist())
    assert matched(found, 54) == ("rain", "boat")
    assert 9 not in found.seqs.tolist()


def test_of_a_word_that_everybody_says_the_newest_are_read(lake: Connection) -> None:
    assert lexical.search(lake, ["lake"], TURNS).seqs.tolist() == list(range(51, 61))
    assert lexical.search(lake, ["lake"], TURNS, up_to=20).seqs.tolist() == list(range(11, 21))


def test_how_common_a_word_is_counts_although_not_all_is_read(lake: Connection) -> None:
    found = lexical.search(lake, ["lake"], TURNS)
    assert found.best == pytest.approx(lexical.idf(TURNS, TURNS))
    assert found.ceiling == pytest.approx(lexical.SATURATION * found.best)


def test_a_phrase_of_common_words_is_found(lake: Connection) -> None:
    found = lexical.search(lake, ["boat", "rain"], TURNS)
    near = phrases_of(lake, ["boat", "rain"], found, TURNS)
    assert {seq for seq, score in zip(found.seqs.tolist(), near, strict=True) if score} == {
        seq for seq in range(6, TURNS + 1, 6) if seq in found.seqs.tolist()
    }


def test_a_long_text_reads_no_more(lake: Connection) -> None:
    """Beside the rare words, so many common ones are looked for and no more."""
    reads: list[str] = []
    lake.connection.driver_connection.set_trace_callback(reads.append)  # type: ignore[union-attr]
    many = ["heron", "lake", "boat", "rain"] * 40
    lexical.search(lake, many, TURNS)
    assert (
        len([one for one in reads if "MATCH" in one])
        <= 1 + postings.MEETING + postings.PAIRED * (postings.PAIRED - 1) / 2
    )
