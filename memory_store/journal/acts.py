"""Acts as the door gives them out: frozen values, like :mod:`memory_store.records`."""

from __future__ import annotations

from dataclasses import dataclass
from datetime import datetime
from typing import Final, Literal

from memory_store.records import Conversation, Turn

Way = Literal["undo", "redo"]

UNDO: Final = "undo"
REDO: Final = "redo"


@dataclass(frozen=True, slots=True)
class Act:
    """Something that was done to the memory."""

    number: int
    """Rising; the newest act has the highest."""
    at: datetime
    kind: str
    """``edit``, ``pin``, ``unpin``, ``forget``, ``restore``, ``prune``, ``note``, ``import``, ``purge``, ``export``,
    ``rename_conversation``, ``delete_conversation``, ``restore_conversation``, ``undo``, ``redo``, ..."""
    actor: str
    """The command that did it, as ``memory edit`` or ``app``; empty where nobody said."""
    subjects: tuple[str, ...]
    """Ids of what it was done to: memories, or for an act on a conversation that."""
    undoable: bool = False
    """It changed something that can be changed back."""
    undone: bool = False
    """It was taken back, and not done again since."""
    original: int | None = None
    """For an undo or a redo: the number of the act that it took back or did again."""


@dataclass(frozen=True, slots=True)
class TakenBack:
    """An act that was taken back, or done again, and what it changed, as that is now."""

    act: Act
    memories: tuple[Turn, ...] = ()
    """At most :data:`SHOWN` of those that were changed."""
    conversations: tuple[Conversation, ...] = ()
    changed: int = 0
    """Memories that were changed."""
    gone: int = 0
    """Memories that were part of the act and have been purged since."""


SHOWN = 20


READ: Final = "read"


@dataclass(frozen=True, slots=True)
class AuditEntry:
    """A line of the audit: an act, or that memories were read into the prompt of a reply."""

    at: datetime
    kind: str
    """An act's, or ``read``."""
    actor: str
    subjects: tuple[str, ...]
    """Ids: of what it was done to, or of the memories that were read."""
    act: Act | None = None
    reply: str | None = None
    """For ``read``: the id of the reply."""


@dataclass(frozen=True, slots=True)
class AuditFilter:
    """Which lines of the audit are wanted: those that meet every condition given."""

    since: datetime | None = None
    """Inclusive; ``until`` is not."""
    until: datetime | None = None
    kind: str = ""
    actor: str = ""
    memory: str = ""
    """The id of a memory, a conversation or a reply, also of a purged one."""
