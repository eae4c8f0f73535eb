"""How passages of a file are told from other memories, and how they lead back to it.

A file that was brought in is a conversation, archived and titled with the file's name: first its entry, which says what
it is, then its passages in order. Nothing else is kept of it, so what corrects, forgets, exports and erases memories
does so with files too.
"""

from __future__ import annotations

import re
from pathlib import Path
from typing import TYPE_CHECKING
from urllib.parse import unquote_to_bytes, urlsplit

from memory_store.errors import UnknownId
from memory_store.language.query import FILE

if TYPE_CHECKING:
    from memory_store.records import Turn
    from memory_store.store import MemoryStore

_ENTRY = re.compile(r"sha256:(?P<digest>[0-9a-f]{64})(?: (?P<uri>file:\S+))?")
_PASSAGE = re.compile(r"sha256:(?P<digest>[0-9a-f]{16})#(?:words|(?:page=(?P<page>\d+)&)?passage=\d+)")
_LONGEST = 900
"""Characters of an address that are kept; a source id has 1,000."""


def conversation_of(digest: str) -> str:
    """The id of the conversation that a file of this SHA-256 (hexadecimal) is."""
    return f"file-{digest[:16]}"


def speaker_of(name: str) -> str:
    """Who says what stands in the file called ``name``."""
    return f"{FILE}{name}"[:200].strip()


def entry_source(digest: str, path: Path | None) -> str:
    """The source id of a file's entry: its hash, and where it lay."""
    uri = "" if path is None else path.absolute().as_uri()
    return f"sha256:{digest} {uri}" if uri and len(uri) <= _LONGEST else f"sha256:{digest}"


def passage_source(digest: str, page: int | None, passage: int) -> str:
    """The source id of a passage, the same wherever the file lies. Both numbers count from 1."""
    return f"sha256:{digest[:16]}#{'' if page is None else f'page={page}&'}passage={passage}"


def words_source(digest: str) -> str:
    """The source id of what the user said of a file that was remembered already."""
    return f"sha256:{digest[:16]}#words"


def is_of_a_file(memory: Turn) -> bool:
    source = memory.source_id or ""
    return bool(_ENTRY.fullmatch(source) or _PASSAGE.fullmatch(source))


def page_of(memory: Turn) -> int | None:
    """The page that a passage stands on, from 1; None where the file has no pages."""
    found = _PASSAGE.fullmatch(memory.source_id or "")
    return int(found["page"]) if found and found["page"] else None


def entry_of(store: MemoryStore, conversation: str) -> Turn | None:
    """The entry of the file that ``conversation`` is; None where there is none. Raises StoreUnavailable."""
    try:
        turns = store.memories(conversation=conversation, forgotten=None, newest_first=False)
        return next((turn for turn in turns if _ENTRY.fullmatch(turn.source_id or "")), None)
    except UnknownId:
        return None


def original(store: MemoryStore, memory: Turn) -> Path | None:
    """Where the file of ``memory`` lay when it was brought in, whether it is still there or not. None: nowhere known.

    Raises StoreUnavailable."""
    if memory.conversation_id is None or not is_of_a_file(memory):
        return None
    entry = entry_of(store, memory.conversation_id)
    found = None if entry is None else _ENTRY.fullmatch(entry.source_id or "")
    if found is None or found["uri"] is None:
        return None
    import os
    from urllib.request import url2pathname

    path = urlsplit(found["uri"]).path
    return Path(os.fsdecode(unquote_to_bytes(path))) if os.sep == "/" else Path(url2pathname(path))
