"""The commands that change the memory: what is meant, what is done, and what is said of it."""

from __future__ import annotations

from collections.abc import Callable
from typing import TYPE_CHECKING

from memory_store.errors import InvalidInput
from memory_store.records import ConflictState, Conversation, Signal
from tui.memories import undo
from tui.slash import attaching
from tui.slash.references import Shown, meant

if TYPE_CHECKING:
    from memory_store import MemoryStore

Making = Callable[["MemoryStore", str, Shown], undo.Done]


def remember(store: MemoryStore, rest: str, shown: Shown) -> undo.Done:
    del shown
    return undo.remember(rest)(store)


def pin(store: MemoryStore, rest: str, shown: Shown) -> undo.Done:
    memory = meant(store, rest, shown)
    return _already("pinned") if memory.pinned else undo.pin(memory)(store)


def unpin(store: MemoryStore, rest: str, shown: Shown) -> undo.Done:
    memory = meant(store, rest, shown)
    return undo.pin(memory)(store) if memory.pinned else _already("not pinned")


def forget(store: MemoryStore, rest: str, shown: Shown) -> undo.Done:
    memory = meant(store, rest, shown)
    return _already("forgotten") if memory.forgotten else undo.forget(memory)(store)


def restore(store: MemoryStore, rest: str, shown: Shown) -> undo.Done:
    memory = meant(store, rest, shown)
    return undo.restore(memory)(store) if memory.forgotten else _already("not forgotten")


def edit(store: MemoryStore, rest: str, shown: Shown) -> undo.Done:
    """With the new words after the memory."""
    which, _, words = rest.partition(" ")
    memory = meant(store, which, shown)
    if not words.strip():
        raise InvalidInput("The new words are missing: /edit MEMORY NEW WORDS.")
    return undo.edit(memory, words.strip())(store)


def helpful(store: MemoryStore, rest: str, shown: Shown) -> undo.Done:
    return judge(store, rest, shown, "helpful")


def wrong(store: MemoryStore, rest: str, shown: Shown) -> undo.Done:
    return judge(store, rest, shown, "wrong")


def judge(store: MemoryStore, rest: str, shown: Shown, signal: Signal) -> undo.Done:
    memory = meant(store, rest, shown)
    if shown.reply is None:
        raise InvalidInput("There is no remembered reply that it was recalled for.")
    return undo.judge(memory, shown.reply, signal)(store)


STATES: dict[str, ConflictState] = {"newer": "newer", "both": "both", "dismiss": "dismissed", "reopen": "open"}


def decide(rest: str) -> undo.Change:
    """``ID newer``: which of the memories in a chain holds. Raises InvalidInput."""
    which, _, how = rest.partition(" ")
    state = STATES.get(how.strip())
    if state is None:
        raise InvalidInput("/conflicts ID newer, both or dismiss: which holds.")
    return lambda store: undo.decide(store.conflict_chain(which), state)(store)


def title(store: MemoryStore, rest: str, conversation: str) -> undo.Done:
    return undo.rename(store.conversation(conversation), rest)(store)


def branch(store: MemoryStore, turn: str, conversation: str) -> Conversation:
    """Begin a conversation with what was said up to a turn; without one, with all that was said."""
    last = turn or next((one.id for one in reversed(store.history(conversation))), "")
    if not last:
        raise InvalidInput("Nothing has been said here that a branch could begin with.")
    return store.branch(last)


def _already(what: str) -> undo.Done:
    return undo.Done(f"It is {what} already.")


MAKING: dict[str, Making] = {
    "remember": remember,
    "attach": attaching.attach,
    "pin": pin,
    "unpin": unpin,
    "forget": forget,
    "restore": restore,
    "edit": edit,
    "helpful": helpful,
    "wrong": wrong,
}
"""By the name of the command."""
