"""What only the whole script shows: clocks that go backwards, labels used twice, references to nothing."""

from __future__ import annotations

import difflib
from collections.abc import Iterator, Sequence
from datetime import datetime

from agent.errors import ScriptError
from agent.replay.script import DEFAULT_START, Script, Step, reply_label
from agent.replay.source import Place, Source
from agent.replay.times import show_instant
from agent.replay.vocabulary import (
    Action,
    Edit,
    Forget,
    Header,
    Hear,
    Note,
    Pin,
    Prune,
    Purge,
    RecallExpectation,
    Restore,
    Say,
    Search,
    Unpin,
)


def check(source: Source, header: Header, actions: Sequence[Action]) -> Script:
    """Number the steps, set the clock of each and resolve every reference. Raises ScriptError."""
    start = header.start or DEFAULT_START
    checker = _Checker(source, start)
    lines = _lines_by_step(source, len(actions))
    steps = tuple(checker.step(number, action, lines[number]) for number, action in enumerate(actions))
    return Script(source.name, header.title or source.name, start, steps)


def _lines_by_step(source: Source, count: int) -> list[dict[Place, int]]:
    found: list[dict[Place, int]] = [{} for _ in range(count)]
    for place, line in source.lines.items():
        if len(place) > 1 and isinstance(number := place[1], int):
            found[number][place[2:]] = line
    return found


class _Checker:
    """Walks the steps in order and knows what came before."""

    def __init__(self, source: Source, start: datetime) -> None:
        self._source = source
        self._now = start
        self._turns = 0
        self._known: dict[str, int] = {}
        self._purged: dict[str, int] = {}

    def step(self, number: int, action: Action, lines: dict[Place, int]) -> Step:
        place: Place = ("steps", number)
        line = self._source.line(place)
        self._move_clock(place, action)
        for where, reference in _references(action):
            self._resolve((*place, *where), reference, erased_is_fine=where[0] == "expect")
        if isinstance(action, Purge):
            self._purged |= dict.fromkeys(action.purge, line)
        label = self._name_turn(place, action) if isinstance(action, Say | Hear | Note) else ""
        return Step(number + 1, line, self._now, action, label, lines)

    def _fail(self, place: Place, problem: str) -> ScriptError:
        return ScriptError(self._source.name, self._source.line(place), problem)

    def _move_clock(self, place: Place, action: Action) -> None:
        if action.after is not None:
            try:
                self._now = action.after.after(self._now)
            except OverflowError:
                raise self._fail((*place, "after"), f"'after: {action.after.text}' ends past the year 9999") from None
        if action.at is not None:
            if action.at < self._now:
                went = f"{show_instant(action.at)} is before {show_instant(self._now)}, where the clock stands"
                raise self._fail((*place, "at"), f"'at' goes backwards: {went}; write a later date, or move the step")
            self._now = action.at

    def _name_turn(self, place: Place, action: Say | Hear | Note) -> str:
        self._turns += 1
        label = action.label or f"#{self._turns}"
        line = self._source.line((*place, "label"))
        if label in self._known:
            first = f"line {self._known[label]} has it already"
            raise self._fail((*place, "label"), f"label '{label}' a second time ({first}); choose another")
        self._known[label] = line
        if isinstance(action, Say):
            self._known[reply_label(label)] = line
        return label

    def _resolve(self, place: Place, reference: str, *, erased_is_fine: bool) -> None:
        if reference not in self._known:
            known = [label for label in self._known if not label.startswith("#")]
            raise self._fail(place, f"unknown turn '{reference}'; {_advice(reference, known)}")
        if reference in self._purged and not erased_is_fine:
            raise self._fail(place, f"'{reference}' was purged on line {self._purged[reference]}; it cannot come back")


def _advice(reference: str, known: Sequence[str]) -> str:
    if reference.endswith(reply_label("")) and reference.removesuffix(reply_label("")) in known:
        return "only a turn with 'say' has a reply"
    near = difflib.get_close_matches(reference, known, n=1, cutoff=0.6)
    if near:
        return f"did you mean '{near[0]}'?"
    listed = ", ".join(known[:10]) + (", ..." if len(known) > 10 else "")
    return f"labels so far: {listed}" if listed else "no turn before this step has a label; add 'label:' to one"


def _references(action: Action) -> Iterator[tuple[Place, str]]:
    """Every label a step mentions, and where in the step."""
    match action:
        case Edit():
            yield ("edit",), action.edit
        case Pin() | Unpin() | Forget() | Restore() | Purge():
            verb = type(action).__name__.lower()
            yield from (((verb, index), label) for index, label in enumerate(getattr(action, verb)))
        case Say() | Search() if isinstance(action.expect, RecallExpectation):
            yield from _listed("recalls", action.expect.recalls)
            yield from _listed("does_not_recall", action.expect.does_not_recall)
        case Prune() if action.expect is not None:
            yield from _listed("forgets", action.expect.forgets)
            yield from _listed("keeps", action.expect.keeps)


def _listed(key: str, labels: Sequence[str]) -> Iterator[tuple[Place, str]]:
    return ((("expect", key, index), label) for index, label in enumerate(labels))
