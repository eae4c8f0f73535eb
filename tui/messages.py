"""What the widgets tell their screens."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from pathlib import Path
from typing import Literal

from textual.message import Message

from memory_store.records import ConflictChain, Conversation, LedgerEntry, PurgeReceipt, Signal, Turn
from tui.memories.conversation_queries import Preview
from tui.memories.memory_queries import Found, MemoryStory
from tui.memories.undo import Change, Done
from tui.slash.completing import Offer
from tui.talking.entries import Entry


@dataclass
class Submitted(Message):
    """The user sent what is in the prompt."""

    words: str
    instead_of: str | None = None
    """The earlier turn whose place they take."""


@dataclass
class TakeBackWanted(Message):
    """The user wants the last words back that nobody has heard yet."""


@dataclass
class CompletionWanted(Message):
    """A command is written, and the beginning of what follows it."""

    typed: str


@dataclass
class Completed(Message):
    """What may follow what was written."""

    typed: str
    offers: Sequence[Offer]


@dataclass
class EntryAct(Message):
    """The user wants something done with a turn on the transcript."""

    act: Literal["regenerate", "rewrite", "takeback", "code", "branch"]
    entry: Entry


@dataclass
class EntrySelected(Message):
    """A turn on the transcript was selected: show what was recalled for it."""

    entry: Entry


@dataclass
class MemoryAct(Message):
    """The user wants something done to a memory."""

    act: Literal["open", "pin", "forget", "helpful", "wrong", "without"]
    memory: Turn


@dataclass
class MemoryWanted(Message):
    """A citation was followed: show the memory with this id among what was said around it."""

    id: str


@dataclass
class MemoryHighlighted(Message):
    """The cursor of a table of memories is on this one, or on none."""

    memory: Turn | None


@dataclass
class SelectionChanged(Message):
    """Other memories are selected in a table."""


@dataclass
class Purged(Message):
    """Memories were erased for good."""

    memories: Sequence[Turn]
    receipt: PurgeReceipt


@dataclass
class MoreWanted(Message):
    """The cursor is near the end of a list of which there is more."""


@dataclass
class MemoriesFound(Message):
    """A search is back. ``asked`` numbers the searches, so that a late one cannot overwrite a newer one."""

    asked: int
    found: Found
    appended: bool = False


@dataclass
class StoryTold(Message):
    """The details of a memory are back."""

    story: MemoryStory


@dataclass
class ConflictsFound(Message):
    """Contradictions are back, with the titles of the conversations they are from, by id."""

    chains: Sequence[ConflictChain]
    titles: Mapping[str, str]
    waiting: int
    """How many of all there are wait for the user's word."""


@dataclass
class LedgerRead(Message):
    """What was recalled for an old reply is back."""

    entry: Entry
    ledger: Sequence[LedgerEntry]


@dataclass
class ConversationRead(Message):
    """What was said in a conversation is back, in order."""

    conversation: Conversation
    turns: Sequence[Turn]
    citations: Mapping[str, Mapping[int, str]]


@dataclass
class SideRead(Message):
    """What belongs beside the memories of the panel is back."""

    entry: Entry
    titles: Mapping[str, str]
    """Conversation -> its title."""
    signals: Mapping[str, Signal]
    """Memory -> what the user thinks of it here."""


@dataclass
class ActDone(Message):
    """A change of the memory was made, and this is what it came to."""

    done: Done
    undoable: bool
    """Whether there is anything (left) to take back."""


@dataclass
class ActFailed(Message):
    """A change of the memory was refused."""

    problem: str


@dataclass
class SecretHeld(Message):
    """A change was refused until it is settled what becomes of the secrets in its words."""

    kinds: str
    change: Change
    typed: str = ""
    """The command that asked for it, as it was written."""


@dataclass
class ConversationsRead(Message):
    """The list of conversations is back."""

    conversations: Sequence[Conversation]


@dataclass
class PreviewRead(Message):
    """The turns of a conversation are back."""

    preview: Preview


@dataclass
class Exported(Message):
    """A conversation was written to a file."""

    file: Path


@dataclass
class Branched(Message):
    """A branch was begun."""

    conversation: Conversation
