"""Acts that change what was done or said before: undo, redo, branch, a reply or words anew, discard, redaction."""

from __future__ import annotations

import random
from collections.abc import Callable, Iterable, Mapping
from typing import TYPE_CHECKING, Any, Literal

from memory_store import MemoryStore
from memory_store.errors import CannotUndo
from memory_store.journal import undoing
from tests.crash.expected import FORGOTTEN, Records
from tests.crash.looking import branches, records

if TYPE_CHECKING:
    from agent.dialogue import Dialogue
    from agent.events import Event

Way = Literal["undo", "redo"]


class Revising:
    """The part of a life that looks back."""

    store: MemoryStore
    dialogue: Dialogue
    chance: random.Random
    talk = "talk"

    if TYPE_CHECKING:

        def act(self, name: str, work: Callable[[], Mapping[str, Any]], **known: Any) -> None: ...
        def words(self) -> str: ...
        def some(self, many: int) -> list[str]: ...
        def seen(self, *keys: str) -> Mapping[str, Any]: ...
        def turn(self) -> None: ...

    def undo(self) -> None:
        self._take_back("undo")

    def redo(self) -> None:
        self._take_back("redo")

    def _take_back(self, way: Way) -> None:
        after = foreseen(self.store, way)
        if after is None:
            return

        def work() -> Mapping[str, Any]:
            getattr(self.store, way)()
            return self.seen(*after)

        self.act("change", work, after=after)

    def branch(self) -> None:
        said = [turn for turn in self.store.memories(notes=False, forgotten=None) if turn.conversation_id]
        at = self.chance.choice(sorted(said, key=lambda turn: turn.id))
        whole = self.store.history(at.conversation_id or "", forgotten=True)
        shared = [turn.id for turn in whole if turn.position <= at.position]

        def work() -> Mapping[str, Any]:
            made = self.store.branch(at.id).id
            return {"branches": {made: branches(self.store)[made]}}

        self.act("branch", work, shared=shared)

    def again(self) -> None:
        """The last reply made anew."""
        said = self.store.history(self.talk) if self._talked() else []
        last = max((place for place, turn in enumerate(said) if turn.speaker == "user"), default=None)
        if last is None:
            self.turn()
            return
        gone = [turn.id for turn in said[last + 1 :]]
        self.act(
            "again", lambda: self._came(self.dialogue.again(), gone), gone=gone, conversation=self.talk, words=None
        )

    def otherwise(self) -> None:
        """The last words said otherwise: they and what followed are discarded."""
        said = self.store.history(self.talk) if self._talked() else []
        last = max((place for place, turn in enumerate(said) if turn.speaker == "user"), default=None)
        if last is None:
            self.turn()
            return
        gone, words = [turn.id for turn in said[last:]], self.words()

        def work() -> Mapping[str, Any]:
            return self._came(self.dialogue.reply(words, instead_of=gone[0]), gone)

        self.act("again", work, gone=gone, conversation=self.talk, words=words)

    def _came(self, events: Iterable[Event], gone: list[str]) -> Mapping[str, Any]:
        from agent.events import Heard, Stored

        return self.seen(*gone, *(event.turn.id for event in [*events] if isinstance(event, Heard | Stored)))

    def _talked(self) -> bool:
        return any(one.id == self.talk for one in self.store.conversations(archived=None, deleted=None))

    def discard(self) -> None:
        ids = self.some(4)
        found = records(self.store)
        gone, back = ids[:2], ids[2:]
        after = {key: switched(found[key], on=key in gone) for key in ids}

        def work() -> Mapping[str, Any]:
            self.store.discard(gone, restoring=back)
            return self.seen(*ids)

        self.act("change", work, after=after)

    def put_away(self) -> None:
        """A conversation deleted; not the one that is gone on with, which would have it back."""
        name = self.chance.choice(["c0", "c1", "c2"])
        found = {key: one for key, one in records(self.store).items() if one[2] == name}
        if not found or self.store.conversation(name).deleted:
            return

        def work() -> Mapping[str, Any]:
            self.store.delete_conversation(name)
            return self.seen(*found)

        self.act("change", work, after={key: switched(one, on=True) for key, one in found.items()})

    def redact(self) -> None:
        """Words with a card number in them, which may be in no file, ever."""
        from agent.events import Heard, Stored

        number = card(self.chance)
        words = self.words()
        kept = f"{words}, paid with [Card Number, left out]"

        def work() -> Mapping[str, Any]:
            events = list(self.dialogue.reply(f"{words}, paid with {number}"))
            return self.seen(*(event.turn.id for event in events if isinstance(event, Heard | Stored)))

        self.act("turn", work, words=kept, conversation=self.talk, secret=number)


def foreseen(store: MemoryStore, way: Way) -> Records | None:
    """What the next undo or redo will change, each as it will be: done, looked at, and rolled back. None: there is
    none, or it cannot be."""
    from memory_store.database.base import plain_rows
    from memory_store.episodic import reading

    before = records(store)
    after: Records = {}
    with store._database.write() as connection:
        try:
            done = undoing.take_back(connection, store._journal, way, store.clock(), number=None, actor="")
        except CannotUndo:
            done = None
        every = [row[0] for row in plain_rows(connection, "SELECT seq FROM turns")]
        for seq, turn in reading.turns_by_seq(connection, every).items() if done is not None else ():
            earlier = [one.text for one in reading.revisions_of(connection, seq)]
            now = [turn.text, turn.speaker, turn.conversation_id, turn.forgotten, turn.pinned, turn.revision, earlier]
            if now != before[turn.id]:
                after[turn.id] = now
        connection.rollback()
    return None if done is None else after


def switched(one: list[Any], *, on: bool) -> list[Any]:
    """A record as it is once forgotten, or restored."""
    return [*one[:FORGOTTEN], on, *one[FORGOTTEN + 1 :]]


def card(chance: random.Random) -> str:
    """A card number that nobody has, with a valid check digit."""
    digits = [4, *(chance.randrange(10) for _ in range(14))]
    doubled = [number * 2 if place % 2 == 0 else number for place, number in enumerate(digits)]
    total = sum(number // 10 + number % 10 for number in doubled)
    return "".join(map(str, [*digits, -total % 10]))
