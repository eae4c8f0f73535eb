"""A memory in which the fixed formula cannot tell what is wanted, and a head can learn to: "when" wants a date."""

from __future__ import annotations

import random
from collections.abc import Iterator
from datetime import UTC, datetime, timedelta

from memory_store import MemoryStore, NewTurn
from memory_store.learning.labels import Label

BEGAN = datetime(2026, 1, 5, 9, 0, tzinfo=UTC)
_NAMES = "bela cora dino eva finn gita hugo iris juri kaja leon mira nils olga pius quin rosa sven tara udo".split()
_DEEDS = "sailing skating painting climbing cycling cooking reading dancing singing fishing hiking skiing".split()


def matters() -> Iterator[tuple[str, str]]:
    """A person and what they did: no pair comes twice."""
    lots = random.Random(7)
    pairs = [(name, deed) for name in _NAMES for deed in _DEEDS]
    lots.shuffle(pairs)
    yield from pairs


def filled(store: MemoryStore, count: int) -> list[Label]:
    """``count`` short conversations, and a question on each: of two turns alike but for a date, the dated is wanted."""
    labels = []
    for number, (name, deed) in zip(range(count), matters(), strict=False):
        said_at, thread = BEGAN + timedelta(days=number), f"talk {number}"
        plain = f"My friend {name} really loves {deed} so much, you know"
        dated = f"My friend {name} went {deed} last Monday, on 3 May, two days"
        first, second = (plain, dated) if number % 2 else (dated, plain)
        kept = store.remember_many(
            [
                NewTurn(words, "user", thread, said_at + timedelta(hours=12 * place))  # sessions of their own
                for place, words in enumerate((first, "Fine weather here, nothing else", second))
            ]
        )
        wanted = next(turn for turn in kept if turn.text == dated)
        labels.append(Label(f"When was {deed} with {name}?", frozenset({wanted.id}), group=thread))
    store.embed_now()
    return labels
