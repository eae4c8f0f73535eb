"""A conversation as a document: Markdown to read, JSON for programs."""

from __future__ import annotations

import re
from collections.abc import Sequence
from pathlib import Path
from typing import TYPE_CHECKING, Literal, get_args

from memory_store.records import Conversation, Turn
from tui.text import show
from tui.text.files import written
from tui.text.sanitise import clean, one_line

if TYPE_CHECKING:
    from memory_store import MemoryStore

Format = Literal["markdown", "json"]
FORMATS = get_args(Format)
SUFFIXES: dict[str, Format] = {".json": "json", ".md": "markdown", ".markdown": "markdown"}
LONGEST_NAME = 48


def format_of(file: Path | None) -> Format:
    """By a file's ending; Markdown where it says nothing."""
    return SUFFIXES.get(file.suffix.casefold(), "markdown") if file is not None else "markdown"


def file_name(conversation: Conversation) -> str:
    """``The trip to Lisbon`` -> ``the-trip-to-lisbon.md``."""
    words = re.sub(r"[^\w]+", "-", conversation.title.casefold()).strip("-_")[:LONGEST_NAME].rstrip("-")
    return f"{words or conversation.id}.md"


def export(store: MemoryStore, id: str, file: Path) -> None:
    """Write a conversation to a new file, in the format of its ending. Raises UnknownId, MnemeError."""
    conversation = store.conversation(id)
    turns = all_turns(store, conversation)
    with written(file, force=False, or_else="") as stream:
        stream.write(as_document(conversation, turns, format_of(file)))


def all_turns(store: MemoryStore, conversation: Conversation) -> list[Turn]:
    """What was said in it, without what was forgotten; of a deleted conversation, all of it."""
    return store.history(conversation.id, forgotten=conversation.deleted)


def as_document(conversation: Conversation, turns: Sequence[Turn], format: Format) -> str:
    return as_json(conversation, turns) if format == "json" else as_markdown(conversation, turns)


def as_json(conversation: Conversation, turns: Sequence[Turn]) -> str:
    """What ``mneme conversations show --json`` prints."""
    from memory_store.jsonable import conversation_json, turn_json

    document = conversation_json(conversation) | {"said": [turn_json(turn) for turn in turns]}
    return show.as_json(document) + "\n"


def as_markdown(conversation: Conversation, turns: Sequence[Turn]) -> str:
    """Words are as they were said, without what a terminal would obey; dates are in the reader's time zone."""
    parts = [f"# {one_line(conversation.title, limit=200)}"]
    for turn in turns:
        stopped = ", stopped before its end" if turn.status == "partial" else ""
        when = f"{turn.said_at.astimezone():%Y-%m-%d %H:%M}"
        parts += [f"**{one_line(turn.speaker)}**, {when}{stopped}", clean(turn.text)]
    return "\n\n".join(parts) + "\n"
