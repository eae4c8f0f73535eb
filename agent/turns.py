"""The turns of one dialogue: those that are written, and those that live here alone because nothing is to be kept."""

from __future__ import annotations

from collections.abc import Sequence
from contextlib import nullcontext
from typing import TYPE_CHECKING, Any

from agent.prompt import ASSISTANT
from memory_store.errors import InvalidInput, UnknownId
from memory_store.language.words import accepted
from memory_store.records import Turn, TurnStatus

if TYPE_CHECKING:
    from memory_store import MemoryStore


class Turns:
    """``written=False``: new turns are kept in this object, after those that the store has, and go with it."""

    def __init__(self, store: MemoryStore, conversation: str | None, *, written: bool) -> None:
        self.conversation_id = conversation
        """None until the first words are heard."""
        self.written = written
        self._store = store
        self._unwritten: list[Turn] = []
        self._count = 0

    def keep(
        self,
        text: str,
        speaker: str,
        status: TurnStatus = "complete",
        *,
        instead_of: Sequence[Turn] = (),
        **ledger: Any,
    ) -> Turn:
        """One more turn, in the place of others if need be. ``ledger``: as MemoryStore.remember takes it.

        What the agent says is nobody's to ask about: there the policy for secrets redacts or keeps.

        Raises InvalidInput, SecretInWords, StoreUnavailable."""
        accepted(text)  # before a conversation is begun for it
        gone = [turn.id for turn in instead_of]
        if not self.written:
            self._unwritten = [turn for turn in self._unwritten if turn.id not in gone]
            return self._keep_here(text, speaker, status)
        with self._store.secrets_settled("keep") if speaker == ASSISTANT else nullcontext():
            text = self._store.screened(text)
            if self.conversation_id is None:
                self.conversation_id = self._store.begin_conversation().id
            return self._store.remember(
                text, speaker=speaker, conversation=self.conversation_id, status=status, instead_of=gone, **ledger
            )

    def _keep_here(self, text: str, speaker: str, status: TurnStatus) -> Turn:
        last = self.before(None, most=1)[-1:]
        self._count += 1
        turn = Turn(
            id=f"unwritten-{self._count}",
            conversation_id=self.conversation_id,
            position=last[0].position + 1 if last else 0,
            speaker=speaker,
            text=text,
            said_at=self._store.clock(),
            status=status,
        )
        self._unwritten.append(turn)
        return turn

    def before(self, turn: Turn | None, *, most: int) -> list[Turn]:
        """At least the last ``most`` turns before one of them, in order; None: the last of all."""
        end = None if turn is None else turn.position
        written: list[Turn] = []
        if self.conversation_id is not None:
            written = self._store.history(self.conversation_id, limit=most + 1, before=end)
        return [item for item in [*written, *self._unwritten] if end is None or item.position < end]

    def last_words(self) -> Turn | None:
        """The last turn that is no reply."""
        return next((turn for turn in reversed(self.all()) if turn.speaker != ASSISTANT), None)

    def since(self, id: str) -> tuple[Turn, ...]:
        """The turn ``id`` and all after it: what other words may take the place of. Raises UnknownId, InvalidInput."""
        turns = self.all()
        found = turns[_place(turns, id) :]
        self._replaceable(found)
        return tuple(found)

    def asked(self, reply: str | None, *, keep: bool) -> tuple[Turn, tuple[Turn, ...]]:
        """The words that a reply (None: the last one, if any) answered, and what came after them.

        Raises UnknownId, InvalidInput."""
        turns = self.all()
        end = len(turns) if reply is None else _place(turns, reply) + 1
        place = next((n for n in reversed(range(end)) if turns[n].speaker != ASSISTANT), None)
        if place is None:
            raise InvalidInput("There is nothing to answer again yet.")
        if keep:
            self._replaceable(turns[place + 1 :])
        return turns[place], tuple(turns[place + 1 :])

    def _replaceable(self, turns: Sequence[Turn]) -> None:
        if not self.written and any(turn not in self._unwritten for turn in turns):
            raise InvalidInput("What is remembered cannot be replaced by what is not. Begin a new conversation.")
        if any(turn.conversation_id != self.conversation_id for turn in turns):
            raise InvalidInput("Said before the branch, so it stays as it is here. Branch off before it instead.")

    def all(self) -> list[Turn]:
        """The whole conversation, in order."""
        written = self._store.history(self.conversation_id) if self.conversation_id else []
        return [*written, *self._unwritten]


def _place(turns: Sequence[Turn], id: str) -> int:
    place = next((place for place, turn in enumerate(turns) if turn.id == id), None)
    if place is None:
        raise UnknownId(f"There is no turn '{id[:40]}' in this conversation.")
    return place
