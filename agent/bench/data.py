"""What a benchmark asks, of what: stores to fill and questions with the evidence they should bring back."""

from __future__ import annotations

from collections import Counter
from collections.abc import Callable, Iterator, Mapping, Sequence
from contextlib import contextmanager
from dataclasses import dataclass, field, replace
from datetime import datetime, timedelta
from typing import Literal

from memory_store.errors import ImportFailed, MnemeError
from memory_store.records import NewTurn

Unit = Literal["turn", "session"]


class DataError(MnemeError):
    """A benchmark's file cannot be read. ``line`` counts from 1; None when the fault has no single line."""

    def __init__(self, source: str, line: int | None, problem: str) -> None:
        self.source, self.line, self.problem = source, line, problem
        place = f"{source}, line {line}" if line is not None else source
        super().__init__(f"{place}: {problem}.")


@contextmanager
def as_data_error() -> Iterator[None]:
    """The interchange formats' complaints, without their remark on what was imported."""
    try:
        yield
    except ImportFailed as error:
        raise DataError(error.source, error.line, error.problem) from error


@dataclass(frozen=True, slots=True)
class Question:
    """What is asked, the keys (:attr:`Corpus.keys`) of what answers it, and the answers; either may be unknown."""

    text: str
    evidence: frozenset[str]
    category: str = ""
    as_of: datetime | None = None
    """Only what was said by then may be recalled."""
    answers: tuple[str, ...] = ()
    """Any of these is right."""


@dataclass(frozen=True, slots=True)
class Corpus:
    """What one store remembers, and what is asked of it."""

    name: str
    turns: tuple[NewTurn, ...]
    keys: tuple[str, ...]
    """For each turn, what counts as found when it is recalled: itself, or its session."""
    questions: tuple[Question, ...]

    @property
    def now(self) -> datetime | None:
        """A day after the last dated turn: from when the questions are asked. None: nothing is dated."""
        dated = [turn.said_at for turn in self.turns if turn.said_at is not None]
        return max(dated) + timedelta(days=1) if dated else None


@dataclass(frozen=True, slots=True)
class DataSet:
    """Corpora of one kind, whose questions are averaged together."""

    name: str
    unit: Unit
    corpora: tuple[Corpus, ...]
    left_out: Mapping[str, int] = field(default_factory=dict)
    """What was not loaded, as a noun in the singular with its reason -> how often."""

    @property
    def remarks(self) -> list[str]:
        """The same as sentences."""
        return [f"{counted(count, what)} left out" for what, count in self.left_out.items() if count]

    @property
    def questions(self) -> tuple[Question, ...]:
        return tuple(question for corpus in self.corpora for question in corpus.questions)

    @property
    def turns(self) -> int:
        return sum(len(corpus.turns) for corpus in self.corpora)

    def pooled(self) -> DataSet:
        """The same turns and questions in one store: everybody's memories in each other's way."""
        if len(self.corpora) < 2:
            return self
        corpora = [_marked(corpus) for corpus in self.corpora]
        one = Corpus(
            "all in one store",
            tuple(turn for corpus in corpora for turn in corpus.turns),
            tuple(key for corpus in corpora for key in corpus.keys),
            tuple(question for corpus in corpora for question in corpus.questions),
        )
        return replace(self, name=f"{self.name}, pooled", corpora=(one,))

    def asking(self, wanted: Callable[[Question], bool], others: str) -> DataSet:
        """Only the questions that are ``wanted``; ``others`` says, in the singular, what the rest is."""
        corpora = tuple(replace(corpus, questions=tuple(filter(wanted, corpus.questions))) for corpus in self.corpora)
        dropped = Counter({others: len(self.questions) - sum(len(corpus.questions) for corpus in corpora)})
        return replace(self, corpora=corpora, left_out=dict(Counter(self.left_out) + dropped))

    def limited(self, count: int) -> DataSet:
        """The first ``count`` questions, and only the stores that they are put to: for a quick look."""
        corpora: list[Corpus] = []
        for corpus in self.corpora:
            if count > 0:
                corpora.append(replace(corpus, questions=corpus.questions[:count]))
                count -= len(corpus.questions)
        return replace(self, corpora=tuple(corpora))


def merged(name: str, sets: Sequence[DataSet]) -> DataSet:
    """Several files of one kind as one set."""
    return DataSet(
        name,
        sets[0].unit,
        tuple(corpus for data in sets for corpus in data.corpora),
        dict(sum((Counter(data.left_out) for data in sets), Counter())),
    )


def counted(count: int, what: str) -> str:
    """``1 question of that kind``, ``2 questions of that kind``."""
    noun, _, rest = what.partition(" ")
    return " ".join(filter(None, (f"{count:,}", noun if count == 1 else f"{noun}s", rest)))


def _marked(corpus: Corpus) -> Corpus:
    """With the corpus's name before every key and conversation, so that they stay apart in one store."""
    mark = f"{corpus.name}\0"
    turns = tuple(
        replace(turn, id=None, conversation=turn.conversation and f"{corpus.name}/{turn.conversation}")
        for turn in corpus.turns
    )
    questions = tuple(
        replace(question, evidence=frozenset(mark + key for key in question.evidence)) for question in corpus.questions
    )
    return replace(corpus, turns=turns, keys=tuple(mark + key for key in corpus.keys), questions=questions)
