"""Batches without meaning: what looking things up needs, and nothing of the language."""

from __future__ import annotations

from collections.abc import Iterator
from random import Random

from tests.tiny_model.batches import Batch, Row, collate
from tests.tiny_model.curriculum import Copying, Records
from tests.tiny_model.tokenizer import SPECIAL_TOKENS, VOCABULARY


def copying_batches(drill: Copying, random: Random) -> Iterator[Batch]:
    while True:
        yield collate([_phrases_twice(drill, random) for _ in range(drill.rows)])


def record_batches(drill: Records, random: Random) -> Iterator[Batch]:
    while True:
        yield collate([_records(drill, random) for _ in range(drill.rows)])


def _phrase(random: Random, shortest: int, longest: int) -> list[int]:
    return [random.randrange(len(SPECIAL_TOKENS), VOCABULARY) for _ in range(random.randint(shortest, longest))]


def _phrases_twice(drill: Copying, random: Random) -> Row:
    phrases = [_phrase(random, 3, 6) for _ in range(drill.phrases)]
    first = [token for phrase in phrases for token in phrase]
    random.shuffle(phrases)
    second = [token for phrase in phrases for token in phrase]
    # The first token of a phrase cannot be foreseen; the others can.
    weights = [float(n > 0) for phrase in phrases for n in range(len(phrase))]
    return Row([*first, *second], [0.0] * len(first) + weights)


def _records(drill: Records, random: Random) -> Row:
    """Subject, attribute, value; some attributes stand before their subject. Asked for in another order."""
    subjects = [_phrase(random, 2, 4) for _ in range(drill.subjects)]
    attributes = [
        (_phrase(random, 1, 3), _phrase(random, 1, 2), random.random() < 0.3) for _ in range(drill.attributes)
    ]
    cells = [(subject, attribute) for subject in subjects for attribute in attributes]
    facts = [(*cell, [*_phrase(random, 1, 4)]) for cell in random.sample(cells, k=drill.known)]
    end = _phrase(random, 1, 1)
    ids: list[int] = []
    weights: list[float] = []
    for number, (subject, (words, link, before), value) in enumerate([*facts, *random.sample(facts, k=len(facts))]):
        key = [*words, *subject, *link] if before else [*subject, *words, *link]
        ids += [*key, *value, *end]
        spoken = float(number >= len(facts))
        weights += [0.0] * len(key) + [spoken] * (len(value) + 1)
    return Row(ids, weights)
