"""Key-value memory networks on questions: over a knowledge base drawn anew each time, and over stories.

Texts go in as bags of words; which memories are looked at is decided by key hashing, with the function of the module.
"""

from __future__ import annotations

from collections import defaultdict
from collections.abc import Callable, Sequence
from dataclasses import dataclass
from random import Random
from time import process_time

import torch
from torch import Tensor, nn

from benchmarks.neural import knowledge, stories
from benchmarks.neural.training import EVERY, Watch
from memory_store.neural.key_value import KeyValueMemory, hash_keys

ROWS, TESTED = 64, 1000


@dataclass(frozen=True, slots=True)
class Question:
    """One example in words: memories (key, value), a question, its answer, and under which name it is counted."""

    memories: Sequence[tuple[str, str]]
    question: str
    answer: str
    kind: str


Ask = Callable[[Random], Question]


@dataclass(frozen=True, slots=True)
class Quiz:
    """``train`` and ``test`` draw examples; ``most``: memories looked at, those that share the rarest words first."""

    train: Ask
    test: Ask
    answers: Sequence[str]
    most: int
    hops: int
    examples: int
    steps: int
    rate: float
    enough: float = 0.95


def knowledge_base(quick: bool) -> Quiz:
    """Twelve films, 96 facts; combinations of subject and relation that training never asked about are the test."""

    def ask(random: Random, *, held_out: bool) -> Question:
        asked = knowledge.drawn(random, films=12, held_out=held_out)
        return Question(asked.facts, asked.question, asked.answer, ("one fact", "two facts")[asked.hops - 1])

    return Quiz(
        lambda random: ask(random, held_out=False),
        lambda random: ask(random, held_out=True),
        knowledge.ANSWERS,
        most=24,
        hops=2,
        examples=6000 if quick else 20000,
        steps=1500 if quick else 4000,
        rate=5e-3,
    )


def babi(quick: bool) -> Quiz:
    """Stories of 3 to 10 sentences; each sentence is a memory, with a word for how long ago it was."""

    def ask(random: Random, sentences: int) -> Question:
        story = stories.told(random, sentences)
        aged = [f"{line} ago{sentences - place}" for place, line in enumerate(story.sentences)]
        return Question([(line, line) for line in aged], story.question, story.answer, story.kind)

    return Quiz(
        lambda random: ask(random, random.randint(3, 10)),
        lambda random: ask(random, random.randint(3, 10)),
        stories.ANSWERS,
        most=10,
        hops=3,
        examples=6000 if quick else 20000,
        steps=3000 if quick else 10000,
        rate=5e-3,
    )


QUIZZES = {"knowledge-base": knowledge_base, "stories": babi}


class Words(dict[str, int]):
    """Word -> its number; new ones are numbered from 1 as they come."""

    def __missing__(self, word: str) -> int:
        self[word] = len(self) + 1
        return self[word]

    def ids(self, text: str) -> list[int]:
        return [self[word] for word in text.split()]


@dataclass(frozen=True, slots=True)
class Sheet:
    """Examples as word numbers, 0 where there is none: question (B, L), keys and values (B, N, L), answers (B,)."""

    question: Tensor
    keys: Tensor
    values: Tensor
    answers: Tensor
    kinds: Sequence[str]

    @classmethod
    def of(cls, questions: Sequence[Question], quiz: Quiz, words: Words) -> Sheet:
        asked, keys, values = [], [], []
        for one in questions:
            ids = words.ids(one.question)
            known = [(words.ids(key), words.ids(value)) for key, value in one.memories]
            found = hashed(ids, known, quiz.most)
            asked.append(ids)
            keys.append([known[place][0] for place in found])
            values.append([known[place][1] for place in found])
        number = {answer: place for place, answer in enumerate(quiz.answers)}
        answers = torch.tensor([number[one.answer] for one in questions])
        question = _padded([[ids] for ids in asked]).squeeze(1)
        return cls(question, _padded(keys), _padded(values), answers, [one.kind for one in questions])


def hashed(question: list[int], memories: Sequence[tuple[list[int], list[int]]], most: int) -> list[int]:
    """Places of the memories that are looked at, at most ``most``: those whose key shares a word with the question,
    then, for a second hop, those whose key shares one with what the first would read. In the order they came."""
    holding: dict[int, list[int]] = defaultdict(list)
    for place, (key, _) in enumerate(memories):
        for word in set(key):
            holding[word].append(place)
    first = hash_keys(question, holding, most=most)
    read = [word for place in first for word in memories[place][1]]
    more = [place for place in hash_keys(read, holding, most=most) if place not in set(first)]
    return sorted([*first, *more][:most])


def _padded(rows: Sequence[Sequence[Sequence[int]]]) -> Tensor:
    """(rows, memories, words)."""
    width = max(len(text) for row in rows for text in row)
    height = max(map(len, rows))
    empty = [0] * width
    return torch.tensor([[[*t, *empty[len(t) :]] for t in row] + [empty] * (height - len(row)) for row in rows])


@dataclass(frozen=True, slots=True)
class Marks:
    """Shares of right answers: of all, of each kind, and of all when the memories are taken away."""

    right: float
    kinds: dict[str, float]
    without_memory: float
    steps: int
    cpu_seconds: float
    parameters: int
    losses: tuple[float, float]
    """Of the first step and of the last."""


def sit(quiz: Quiz, seed: int, watch: Watch) -> Marks:
    """Train on one side of the split and answer the other."""
    began = process_time()
    random, words = Random(seed), Words()
    exercise = Sheet.of([quiz.train(random) for _ in range(quiz.examples)], quiz, words)
    exam = Sheet.of([quiz.test(random) for _ in range(TESTED)], quiz, words)
    torch.manual_seed(seed)
    network = KeyValueMemory(len(words) + 1, len(quiz.answers), hops=quiz.hops)
    losses = _learn(network, exercise, quiz, watch)
    with torch.no_grad():
        right = (network(exam.question, exam.keys, exam.values).argmax(-1) == exam.answers).float()
        blind = network(exam.question, torch.zeros_like(exam.keys), exam.values).argmax(-1) == exam.answers
    kinds = {
        kind: right[torch.tensor([found == kind for found in exam.kinds])].mean().item()
        for kind in sorted(set(exam.kinds))
    }
    size = sum(value.numel() for value in network.parameters())
    return Marks(
        right.mean().item(), kinds, blind.float().mean().item(), quiz.steps, process_time() - began, size, losses
    )


def _learn(network: KeyValueMemory, sheet: Sheet, quiz: Quiz, watch: Watch) -> tuple[float, float]:
    optimiser = torch.optim.Adam(network.parameters(), lr=quiz.rate)
    falling = torch.optim.lr_scheduler.CosineAnnealingLR(optimiser, quiz.steps)
    first = last = 0.0
    for step in range(1, quiz.steps + 1):
        rows = torch.randint(len(sheet.kinds), (ROWS,))
        scores = network(sheet.question[rows], sheet.keys[rows], sheet.values[rows])
        loss = nn.functional.cross_entropy(scores, sheet.answers[rows])
        optimiser.zero_grad()
        loss.backward()
        nn.utils.clip_grad_norm_(network.parameters(), 1.0)
        optimiser.step()
        falling.step()
        if step % EVERY == 0:
            watch(f"step {step} of {quiz.steps}, loss {loss.item():.4f}")
        first, last = first or loss.item(), loss.item()
    return first, last
