"""What is learned, in which order, for how long."""

from __future__ import annotations

from dataclasses import dataclass

SEED = 20261122
PEAK_RATE = 2.5e-3
WARM_UP_STEPS = 30


@dataclass(frozen=True, slots=True)
class Copying:
    """Nothing but finding again what was said before: meaningless phrases, once in one order, again in another."""

    steps: int
    rows: int
    phrases: int


@dataclass(frozen=True, slots=True)
class Records:
    """Meaningless facts: of ``subjects`` times ``attributes`` possible ones, ``known`` are told and asked for."""

    steps: int
    rows: int
    subjects: int
    attributes: int
    known: int


@dataclass(frozen=True, slots=True)
class Stage:
    """A stretch of chats about the made-up world."""

    steps: int
    memories: tuple[int, int]
    """Fewest and most facts remembered."""
    questions: tuple[int, int]
    """Asked of the same memories, one after the other. The product asks one; more of them teach more per token."""
    tokens: int
    """Per batch, padding included."""
    gaps: float = 0.0
    """Share of chats with holes in their positions."""
    context_weight: float = 0.02
    """Weight in the loss of a token that the assistant does not say."""


Lesson = Copying | Records | Stage

LESSONS: tuple[Lesson, ...] = (
    Copying(steps=300, rows=24, phrases=7),
    Records(steps=300, rows=20, subjects=3, attributes=2, known=5),
    Records(steps=250, rows=20, subjects=4, attributes=4, known=10),
    Stage(steps=250, memories=(3, 5), questions=(5, 7), tokens=2048),
    Stage(steps=400, memories=(2, 8), questions=(6, 9), tokens=4096, gaps=0.2),
    Stage(steps=1100, memories=(1, 12), questions=(6, 9), tokens=6144, gaps=0.3),
    Stage(steps=400, memories=(0, 12), questions=(2, 5), tokens=6144, gaps=0.3),
)
STEPS = sum(lesson.steps for lesson in LESSONS)
