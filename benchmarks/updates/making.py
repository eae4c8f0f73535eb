"""People out of the templates: what each said over some weeks, and which of it contradicts what."""

from __future__ import annotations

import random
from collections.abc import Iterator
from dataclasses import dataclass
from datetime import UTC, datetime, timedelta

from benchmarks.updates.wording import CHAT, CHINESE, ENGLISH, Relation
from memory_store.records import NewTurn

BEGAN = datetime(2026, 3, 2, 9, tzinfo=UTC)
LATER = timedelta(days=9)
RELATIONS = {"en": ENGLISH, "zh": CHINESE}
NOTED = {"en": "Noted.", "zh": "好的。"}


@dataclass(frozen=True, slots=True)
class Case:
    """Two statements of one person, by their source ids, and whether the newer contradicts the older."""

    kind: str
    """``update``, ``correction``, or ``kept``: no contradiction."""
    relation: str
    older: str
    newer: str
    words: str
    """Of the newer."""
    question: str = ""
    right: str = ""
    wrong: str = ""


@dataclass(frozen=True, slots=True)
class Person:
    turns: tuple[NewTurn, ...]
    cases: tuple[Case, ...]


def people(language: str, portion: str, number: int, seed: int) -> list[Person]:
    """``language``: en or zh; ``portion``: dev or test."""
    source = random.Random(f"{language} {portion} {seed}")
    return [_person(language, portion, source) for _ in range(number)]


class _Talk:
    """Turns in the order they are said, each with an id."""

    def __init__(self, language: str, portion: str, source: random.Random) -> None:
        self._language, self._source = language, source
        self._chat = list(CHAT[language][portion])
        source.shuffle(self._chat)
        self.turns: list[NewTurn] = []
        self._at = BEGAN

    def says(self, words: str, conversation: str, speaker: str = "user") -> str:
        self._at += timedelta(minutes=self._source.randint(1, 40))
        name = f"t{len(self.turns)}"
        self.turns.append(NewTurn(words, speaker, conversation, self._at, name))
        return name

    def chats(self, conversation: str) -> None:
        if self._chat and self._source.random() < 0.7:
            self.says(self._chat.pop(), conversation)
            self.says(NOTED[self._language], conversation, "assistant")

    def pause(self) -> None:
        self._at += LATER


def _person(language: str, portion: str, source: random.Random) -> Person:
    talk = _Talk(language, portion, source)
    planned = []
    cases: list[Case] = []
    for relation in RELATIONS[language]:
        kinds = ["update", "kept"] + ["correction"] * (portion in relation.corrections)
        kind = source.choice(kinds)
        filled = _filled(relation, portion, kind, source)
        older = talk.says(filled.older, "first")
        if kind == "correction":  # of what was said just before: nothing else comes between
            talk.says(NOTED[language], "first", "assistant")
            newer = talk.says(filled.newer, "first")
            cases.append(_case(kind, relation, older, newer, filled))
        else:
            planned.append((kind, relation, older, filled))
        talk.chats("first")
    talk.pause()
    source.shuffle(planned)
    for kind, relation, older, filled in planned:
        newer = talk.says(filled.newer, "later")
        cases.append(_case(kind, relation, older, newer, filled))
        talk.chats("later")
    return Person(tuple(talk.turns), tuple(cases))


@dataclass(frozen=True, slots=True)
class _Filled:
    older: str
    newer: str
    question: str
    right: str
    wrong: str


def _filled(relation: Relation, portion: str, kind: str, source: random.Random) -> _Filled:
    was, now = source.sample(relation.values, 2)
    what = source.choice(relation.what.get(portion, ("",)))
    templates = {"update": relation.newer, "kept": relation.kept, "correction": relation.corrections}[kind]
    newer = source.choice(templates[portion])
    older = source.choice(relation.older[portion])
    says_now = kind != "kept" and "{b}" in newer
    fill = {"a": was, "b": now, "what": what}
    return _Filled(
        older.format(**fill),
        newer.format(**fill),
        relation.question.format(**fill),
        now if says_now else was if kind == "kept" else "",
        was if says_now else "",
    )


def _case(kind: str, relation: Relation, older: str, newer: str, filled: _Filled) -> Case:
    return Case(kind, relation.name, older, newer, filled.newer, filled.question, filled.right, filled.wrong)


def updates(person: Person) -> Iterator[Case]:
    """Those with a question whose answer is the newer value."""
    return (case for case in person.cases if case.question and case.kind != "kept" and case.right)
