"""What the memory screen asks of the store. Plain functions: they run in threads and know no widget."""

from __future__ import annotations

from dataclasses import dataclass
from typing import TYPE_CHECKING, Literal

from memory_store.records import Recollection, Revision, Turn

if TYPE_CHECKING:
    from memory_store import MemoryStore

Scope = Literal["all", "pinned", "notes", "forgotten"]
SCOPES: tuple[Scope, ...] = ("all", "pinned", "notes", "forgotten")
PAGE = 200
HITS = 30


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


def find(store: MemoryStore, query: str, scope: Scope, *, offset: int = 0) -> Found:
    """What is recalled for ``query``, then what merely contains it; with no query the newest. Raises StoreError."""
    if query.strip():
        return _search(store, query, scope)
    memories = _list(store, scope, limit=PAGE + 1, offset=offset)
    return Found(tuple(memories[:PAGE]), more=len(memories) > PAGE)


def tell(store: MemoryStore, id: str) -> MemoryStory:
    """Everything known about a memory. Raises UnknownId."""
    memory = store.get(id)
    title = ""
    if memory.conversation_id is not None:
        title = store.conversation(memory.conversation_id).title
    around = tuple(store.context(id)) if memory.conversation_id is not None else (memory,)
    return MemoryStory(memory, around, tuple(store.revisions(id)), tuple(store.used_in(id)), title)


def _search(store: MemoryStore, query: str, scope: Scope) -> Found:
    found = store.recall(query, limit=HITS, include_forgotten=scope == "forgotten")
    hits = [hit for hit in found if _fits(hit.memory, scope)]
    known = {hit.memory.id for hit in hits}
    literal = [turn for turn in _list(store, scope, matching=query.strip(), limit=PAGE) if turn.id not in known]
    memories = (*(hit.memory for hit in hits), *literal)
    return Found(memories, tuple(hits), remark=" ".join(found.remarks))


def _fits(memory: Turn, scope: Scope) -> bool:
    match scope:
        case "pinned":
            return memory.pinned
        case "notes":
            return memory.is_note
        case "forgotten":
            return memory.forgotten
        case "all":
            return True


def _list(store: MemoryStore, scope: Scope, *, limit: int, offset: int = 0, matching: str | None = None) -> list[Turn]:
    return store.memories(
        pinned=True if scope == "pinned" else None,
        notes=True if scope == "notes" else None,
        forgotten=scope == "forgotten",
        matching=matching,
        limit=limit,
        offset=offset,
    )
