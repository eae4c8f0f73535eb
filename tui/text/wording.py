"""How instants, numbers and places are put into words on the screen."""

from __future__ import annotations

from collections.abc import Sequence
from datetime import datetime
from itertools import pairwise
from pathlib import Path
from typing import TYPE_CHECKING

from tui.text.sanitise import one_line

if TYPE_CHECKING:
    from memory_store.journal.acts import Act, AuditEntry

LONGEST_VALUE = 40
"""Characters of one value that are shown."""

_DEEDS = {
    "edit": "corrected {memories}",
    "pin": "pinned {memories}",
    "unpin": "unpinned {memories}",
    "forget": "forgot {memories}",
    "restore": "restored {memories}",
    "prune": "pruned {memories}",
    "retention": "forgot {memories} by the policy of the settings",
    "note": "noted {memories}",
    "import": "imported {memories}",
    "export": "exported what is remembered",
    "export_conversation": "exported a conversation",
    "backup": "made a backup",
    "learn": "learned how to recall",
    "unlearn": "went back to how it recalled before",
    "restore_backup": "restored a backup",
    "encrypt": "encrypted the memory",
    "decrypt": "took the encryption away",
    "change_passphrase": "changed the passphrase",
    "read": "read {memories} for a reply",
    "purge": "erased {memories} for good",
    "discard": "discarded turns for others",
    "feedback": "judged what was recalled for a reply",
    "consolidate": "kept {memories} that a model derived",
    "revoke_derived": "revoked {memories} that a model derived",
    "resolve": "decided which of {memories} holds",
    "rename_conversation": "renamed a conversation",
    "delete_conversation": "deleted a conversation",
    "restore_conversation": "restored a conversation",
    "archive_conversation": "archived a conversation",
    "unarchive_conversation": "brought a conversation back from the archive",
    "branch_conversation": "branched a conversation",
}

KINDS = {*_DEEDS, "undo", "redo"}
"""Of acts, and ``read``."""

CONFLICT_STATES = {
    "open": "to decide",
    "both": "all of it holds",
    "newer": "the newest holds",
    "dismissed": "no contradiction",
}


def change_of(values: Sequence[str]) -> str:
    """``Porto → Lisbon → Faro``; nothing where the words alone do not tell what changed ("tea", and no longer tea)."""
    short = [one_line(value, limit=LONGEST_VALUE) for value in values]
    same = any(one.casefold() == other.casefold() for one, other in pairwise(short))
    return "" if same or not all(short) else " → ".join(short)


def day(instant: datetime) -> str:
    return f"{instant.astimezone():%Y-%m-%d}"


def minute(instant: datetime) -> str:
    return f"{instant.astimezone():%Y-%m-%d %H:%M}"


def clock(instant: datetime, *, now: datetime) -> str:
    """The time of day; with the date when it was not today."""
    local, today = instant.astimezone(), now.astimezone().date()
    return f"{local:%H:%M}" if local.date() == today else f"{local:%Y-%m-%d %H:%M}"


def count(number: int, one: str, many: str | None = None) -> str:
    """``1 memory``, ``2,048 memories``."""
    return f"{number:,} {one if number == 1 else many or one + 's'}"


def short(number: int) -> str:
    """``812``, ``4.1k``, ``131k``."""
    if number < 1000:
        return str(number)
    return f"{number / 1000:.1f}k" if number < 10_000 else f"{number // 1000}k"


def place(path: Path) -> str:
    """``path`` with the home folder as ``~``."""
    try:
        return f"~/{path.relative_to(Path.home())}"
    except (ValueError, RuntimeError):
        return str(path)


def deed(act: Act | AuditEntry) -> str:
    """What was done, in a few words: ``forgot 3 memories``."""
    words = _DEEDS.get(act.kind, act.kind.replace("_", " "))
    return words.format(memories=count(len(act.subjects), "memory", "memories"))
