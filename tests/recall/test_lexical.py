"""Full-text search is BM25: the same as a page of Python that counts words, on any small set of turns."""

from __future__ import annotations

import math
from collections import Counter
from pathlib import Path

import numpy as np
import pytest
from hypothesis import HealthCheck, example, given, settings
from hypothesis import strategies as st
from sqlalchemy import Connection, create_engine, text

from memory_store.episodic import lexical
from memory_store.language.words import stem, terms
from memory_store.lookups import distinct

VOCABULARY = ["cat", "cats", "running", "run", "tea", "garden", "gardens", "猫", "猫叫", "2019", "café"]
TURNS = st.lists(st.lists(st.sampled_from(VOCABULARY), min_size=1, max_size=8).map(" ".join), min_size=1, max_size=12)


def indexed(keys: list[str]) -> Connection:
    connection = create_engine("sqlite://").connect()
    connection.execute(
        text(
            "CREATE VIRTUAL TABLE turns_fts"
            " USING fts5(key, content='', tokenize='porter unicode61 remove_diacritics 0')"
        )
    )
    connection.execute(text("CREATE VIRTUAL TABLE turns_terms USING fts5vocab('turns_fts', 'row')"))
    lexical.add(connection, enumerate(keys, start=1))
    return connection


def by_hand(keys: list[str], query: list[str], emphasis: list[str]) -> dict[int, float]:
    """BM25 with k1 = 1.2, b = .75 over stems, each distinct stem of the query once, emphasised ones twice."""
    documents = [[stem(word) for word in key.split()] for key in keys]
    mean = sum(map(len, documents)) / len(documents)
    scores: Counter[int] = Counter()
    for root in {stem(word) for word in query}:
        holding = sum(root in document for document in documents)
        weight = 2 if root in {stem(word) for word in emphasis} else 1
        idf = math.log(1 + (len(documents) - holding + 0.5) / (holding + 0.5))
        for number, document in enumerate(documents, start=1):
            if found := document.count(root):
                spread = 1.2 * (0.25 + 0.75 * len(document) / mean)
                scores[number] += weight * idf * found * 2.2 / (found + spread)
    return dict(scores)


@settings(max_examples=80, deadline=None)
@given(TURNS, st.lists(st.sampled_from(VOCABULARY), max_size=5), st.lists(st.sampled_from(VOCABULARY), max_size=2))
def test_scores_are_bm25(said: list[str], query: list[str], emphasis: list[str]) -> None:
    keys = [" ".join(terms(words)) for words in said]
    asked, again = [[term for word in part for term in terms(word)] for part in (query, emphasis)]
    with indexed(keys) as connection:
        found = lexical.search(connection, asked, len(keys), again)
    expected = by_hand(keys, asked, again)
    assert found.seqs.tolist() == sorted(expected)
    assert found.scores.tolist() == pytest.approx([expected[seq] for seq in sorted(expected)], rel=1e-6)
    assert found.best <= found.ceiling * (2 if again else 1) + 1e-9


@settings(max_examples=150, deadline=None, suppress_health_check=list(HealthCheck))
@given(st.text(st.characters(exclude_categories=["Cs"]), max_size=40))
@example("js ls apology assembly øres saying yes-ies")
@example('NEAR("a b") AND col:x OR -y* ^z')
@example("𞤀𞤣𞤤𞤢𞤥 𰀀 ﷽ Ⅷ ǅ ſt İ ß")
def test_a_text_is_found_by_its_own_terms(words: str) -> None:
    """Whatever Python calls a word, the engine must know again, however it stems it or cuts it up."""
    query = list(terms(words))
    with indexed([" ".join(query), "something else entirely"]) as connection:
        for term in query:
            found = lexical.search(connection, [term], 2)
            known = connection.execute(text("SELECT count(*) FROM turns_fts('\"' || :t || '\"')"), {"t": term}).scalar()
            assert (1 in found.seqs.tolist()) is bool(known)
            if term.isascii():
                assert known


@pytest.mark.parametrize("word", "js ls apology assembly cats running øres naïve 猫叫 2019".split())
def test_a_stem_is_what_the_engine_filed_it_under(word: str) -> None:
    with indexed([word]) as connection:
        assert connection.execute(text("SELECT term FROM turns_terms")).scalars().all() == [stem(word)]


def matched(found: lexical.Matches, seq: int) -> tuple[str, ...]:
    """The query's terms that turn ``seq`` was found to hold, rarest first."""
    return tuple(word for word, held in zip(found.words, found.held, strict=True) if seq in found.seqs[held].tolist())


def phrases_of(connection: Connection, query: list[str], found: lexical.Matches, documents: int) -> list[float]:
    """How much of the query's phrases each turn found holds."""
    return lexical.phrase_scores(lexical.phrases(connection, query, found, documents), found.seqs).tolist()


def test_distinct_is_sorted_and_each_once() -> None:
    for numbers in ([], [3], [3, -1, 3, 3, 0, -1]):
        assert distinct(np.array(numbers, np.int64)).tolist() == sorted(set(numbers))


def test_phrases_are_pairs_side_by_side(tmp_path: Path) -> None:
    keys = ["green tea garden", "tea green", "green garden tea", "tea"]
    with indexed(keys) as connection:
        query = ["green", "tea"]
        found = lexical.search(connection, query, len(keys))
        assert phrases_of(connection, query, found, len(keys)) == [1, 0, 0, 0]
        assert matched(found, 3) == ("green", "tea")
        assert matched(found, 4) == ("tea",)


def test_made_anew_it_answers_the_same() -> None:
    keys = ["green tea", "black tea", "a garden"]
    with indexed(keys) as connection:
        before = lexical.search(connection, ["tea"], 3)
        lexical.make_anew(connection, enumerate(keys, start=1))
        after = lexical.search(connection, ["tea"], 3)
    assert (before.seqs.tolist(), before.scores.tolist()) == (after.seqs.tolist(), after.scores.tolist())


@given(st.text(alphabet="abIT'stm d09_.-\n\x00\x1cé’", max_size=40))
def test_the_short_way_for_ascii_cuts_the_same_terms(words: str) -> None:
    """A letter beyond ASCII sends the whole text the long way: the other terms must not notice."""
    plain = words.encode("ascii", "ignore").decode()
    assert [*terms(plain)] == [*terms(f"{plain} 我")][: len([*terms(plain)])]
    assert [*terms(f"{plain} 我")][-1:] == ["我"]
    assert len([*terms(f"{plain} 我")]) == len([*terms(plain)]) + 1
