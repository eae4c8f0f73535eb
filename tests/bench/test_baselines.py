"""The plain tools that mneme is compared with."""

from __future__ import annotations

import math

import numpy as np
import pytest

from agent.bench.baselines import FUSED, VECTORS, WORDS, Baselines, Bm25
from agent.bench.embedding import CachingEmbedder
from tests.bench.making import BagOfWords

TEXTS = ["user: cats sleep all day", "user: dogs run", "Ana: the dog chased a cat and another cat"]
ALL = np.ones(3, np.bool_)


def test_bm25_by_hand() -> None:
    # lengths without stop words: user cats sleep day; user dogs run; Ana dog chased cat another cat
    scores = Bm25(TEXTS).scores("Which dog?")
    idf = math.log(1 + (3 - 2 + 0.5) / 2.5)
    mean = (4 + 3 + 6) / 3
    assert scores[0] == 0
    assert scores[1] == pytest.approx(idf * 2.2 / (1 + 1.2 * (0.25 + 0.75 * 3 / mean)))
    assert scores[2] == pytest.approx(idf * 2.2 / (1 + 1.2 * (0.25 + 0.75 * 6 / mean)))


def test_a_query_word_counts_once_and_unknown_words_not_at_all() -> None:
    words = Bm25(TEXTS)
    assert words.scores("dog dogs zebra") == pytest.approx(words.scores("dog"))
    assert not words.scores("zebra").any()


def test_no_turns_at_all() -> None:
    assert Bm25([]).scores("dog").shape == (0,)


def test_rankings(embedder: CachingEmbedder) -> None:
    baselines = Baselines(TEXTS, embedder, lambda done, total: None)
    found = baselines.rankings("dog cat", ALL, 10)
    assert found[WORDS].tolist() == [2, 0, 1] or found[WORDS].tolist() == [2, 1, 0]
    assert sorted(found[VECTORS].tolist()) == [0, 1, 2]
    assert found[FUSED][0] == 2


def test_bm25_ranks_only_what_shares_a_word_and_the_others_fill_up(embedder: CachingEmbedder) -> None:
    found = Baselines(TEXTS, embedder, lambda done, total: None).rankings("sleep", ALL, 10)
    assert found[WORDS].tolist() == [0]
    assert found[FUSED].tolist()[0] == 0
    assert len(found[FUSED]) == 3


def test_what_may_not_be_recalled_is_in_no_ranking(embedder: CachingEmbedder) -> None:
    baselines = Baselines(TEXTS, embedder, lambda done, total: None)
    for ranking in baselines.rankings("dog cat", np.array([True, True, False]), 10).values():
        assert 2 not in ranking


def test_rrf_by_hand(embedder: CachingEmbedder) -> None:
    baselines = Baselines(TEXTS, embedder, lambda done, total: None)
    by = baselines.rankings("dogs run", ALL, 10)
    expected = {
        place: sum(
            1 / (60 + ranking.tolist().index(place) + 1) for ranking in (by[VECTORS], by[WORDS]) if place in ranking
        )
        for place in range(3)
    }
    assert by[FUSED].tolist() == sorted(expected, key=lambda place: -expected[place])


def test_each_text_is_embedded_once_in_a_run(words: BagOfWords, embedder: CachingEmbedder) -> None:
    first = embedder.encode(["a cat", "a dog", "a cat"])
    again = embedder.encode(["a dog", "a cat"])
    assert words.encoded == ["a cat", "a dog"]
    assert (first[[1, 0]] == again).all()
    assert embedder.encode([]).shape == (0, 64)


def test_only_queries_are_timed_by_themselves(embedder: CachingEmbedder) -> None:
    embedder.encode(["many", "texts"])
    embedder.encode(["a query"])
    embedder.encode(["a query"])
    assert len(embedder.singles) == 1
    assert embedder.seconds >= embedder.singles[0] > 0
