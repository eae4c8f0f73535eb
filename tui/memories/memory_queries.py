"""What the memory screen asks of the store. Plain functions: they run in threads and know no widget."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass, field, replace
from typing import TYPE_CHECKING

from memory_store.records import CONTRADICTING, Conflict, Conversation, Derived, Recollection, Revision, Turn
from tui.memories.memory_filters import Filter

if TYPE_CHECKING:
    from memory_store import MemoryStore

PAGE = 200
HITS = 30
CONVERSATIONS_OFFERED = 500


@dataclass(frozen=True, slots=True)
class Found:
    """A page of memories; in a search, with the recollections among them."""

    memories: tuple[Turn, ...]
    recollections: tuple[Recollection, ...] = ()
    more: bool = False
    remark: str = ""


@dataclass(frozen=True, slots=True)
class MemoryStory:
    """A memory with everything known about it."""

    memory: Turn
    around: tuple[Turn, ...]
    revisions: tuple[Revision, ...]
    used_in: tuple[Turn, ...]
    title: str
    contradictions: tuple[Conflict, ...] = ()
    """Where it is the older or the newer, but for those that are none."""
    derived: tuple[Derived, ...] = ()
    """Itself, where a language model derived it; and the notes drawn from it."""


@dataclass(frozen=True, slots=True)
class Choices:
    """What can be filtered by."""

    speakers: Mapping[str, int] = field(default_factory=dict)
    conversations: tuple[Conversation, ...] = ()


def find(store: MemoryStore, wanted: Filter, *, offset: int = 0) -> Found:
    """What is recalled for the words, then what merely contains them; without words everything, page by page.

    Raises StoreError, UnknownId for a conversation that is none.
    """
    if wanted.within:
        wanted = replace(wanted, within=store.conversation(wanted.within).id)
    if wanted.words:
        return _search(store, wanted)
    memories = _list(store, wanted, limit=PAGE + 1, offset=offset)
    return Found(tuple(memories[:PAGE]), more=len(memories) > PAGE)


def tell(store: MemoryStore, id: str) -> MemoryStory:
    """Everything known about a memory. Raises UnknownId."""
    memory = store.get(id)
    title = ""
    if memory.conversation_id is not None:
        title = store.conversation(memory.conversation_id).title
    around = tuple(store.context(id)) if memory.conversation_id is not None else (memory,)
    against = tuple(store.conflicts(CONTRADICTING, memory=id))
    revisions, used_in = tuple(store.revisions(id)), tuple(store.used_in(id))
    return MemoryStory(memory, around, revisions, used_in, title, against, tuple(store.derived(id)))


def choices(store: MemoryStore) -> Choices:
    """Speakers with how much they said, and the newest conversations."""
    listed = store.conversations(archived=None, deleted=None, limit=CONVERSATIONS_OFFERED)
    return Choices(store.stats().speakers, tuple(listed))


def _search(store: MemoryStore, wanted: Filter) -> Found:
    found = store.recall(
        wanted.words,
        limit=HITS,
        include_forgotten=wanted.scope == "forgotten",
        leave_out=lambda memory: not wanted.admits(memory),
    )
    known = {hit.memory.id for hit in found}
    literal = [turn for turn in _list(store, wanted, limit=PAGE) if turn.id not in known]
    memories = [*(hit.memory for hit in found), *literal]
    if wanted.order != "best":
        memories.sort(key=lambda memory: memory.said_at, reverse=wanted.order == "newest")
    return Found(tuple(memories), tuple(found), remark=" ".join(found.remarks))


def _list(store: MemoryStore, wanted: Filter, *, limit: int, offset: int = 0) -> list[Turn]:
    return store.memories(
        conversation=wanted.within or None,
        speaker=wanted.by or None,
        notes={"notes": True, "turns": False}.get(wanted.scope),
        pinned=True if wanted.scope == "pinned" else None,
        forgotten=wanted.scope == "forgotten",
        after=wanted.after,
        before=wanted.before,
        matching=wanted.words or None,
        limit=limit,
        offset=offset,
        newest_first=wanted.order != "oldest",
    )
