"""What an embedder cannot read, it has no say on."""

from __future__ import annotations

import pytest

from memory_store import NewTurn
from memory_store.embedding import MiniLM
from memory_store.language.scripts import ALL, SAMPLES, gate, known, shares
from tests.conftest import OpenStore


@pytest.mark.parametrize("name", SAMPLES)
def test_each_script_is_told_by_its_letters(name: str) -> None:
    assert shares(SAMPLES[name]) == {name: 1.0}
    assert gate(shares(SAMPLES[name]), frozenset()) == 0
    assert gate(shares(SAMPLES[name]), ALL) == gate(shares(SAMPLES[name]), frozenset({name})) == 1


@pytest.mark.parametrize("text", ["", "12 + 30!", "What is it?", "Où est l'été à Łódź, naïve Ærø?", "👍🏽", "Việt Nam"])
def test_latin_and_what_has_no_letters_is_open_to_all(text: str) -> None:
    assert gate(shares(text), frozenset()) == 1


def test_a_mixed_text_is_open_in_part() -> None:
    assert shares("ab 上海") == {"cjk": 0.5}
    assert gate(shares("ab 上海 кот"), frozenset({"cjk"})) == pytest.approx(4 / 7)


def test_a_tokenizer_that_spells_a_script_or_knows_none_of_it_does_not_read_it() -> None:
    assert known(lambda text: ([7] * len(text.split()), 0)) == ALL
    assert known(lambda text: ([7] * len(text), 0)) == {"cjk"}, "a token for each letter is reading only in Chinese"
    assert known(lambda text: ([0] * len(text.split()), 0)) == frozenset()
    assert known(lambda _: ([], 0)) == frozenset()


@pytest.mark.parametrize(
    ("said", "asked"),
    [
        ("Моего кота зовут Барсик.", "Как зовут кота?"),
        ("Ο γάτος μου λέγεται Μίσο.", "γάτος"),
        ("قطتي اسمها ميسو", "ما اسم قطتي"),
        ("मेरी बिल्ली का नाम मीसो है", "बिल्ली का नाम"),
        ("החתול שלי נקרא מיסו", "איך נקרא החתול"),
    ],
)
def test_a_language_the_embedder_does_not_know_is_found_by_its_words(
    open_store: OpenStore, said: str, asked: str
) -> None:
    store = open_store(embedder=MiniLM())
    store.remember_many([*map(NewTurn, SAMPLES.values()), NewTurn(said), NewTurn("The ferry leaves at nine.")])
    store.index_now()
    found = store.recall(asked)
    assert found[0].memory.text == said
    assert found.remarks == ()
    assert all("meaning" not in item.reasons for item in found)
