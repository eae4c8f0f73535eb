"""What passes through the door: frozen values, no behaviour beyond reading themselves.

All instants are timezone-aware and in UTC. Ids are short random strings; any unique prefix of four or more characters
is accepted wherever an id is asked for.
"""

from __future__ import annotations

from collections.abc import Iterable, Mapping
from dataclasses import dataclass, field
from datetime import datetime, timedelta
from typing import Literal

TurnStatus = Literal["complete", "partial"]


@dataclass(frozen=True, slots=True)
class NewTurn:
    """A turn on its way in, for :meth:`MemoryStore.remember_many`. Fields as in :class:`Turn`."""

    text: str
    speaker: str = "user"
    conversation: str | None = None
    said_at: datetime | None = None
    source_id: str | None = None
    status: TurnStatus = "complete"
    id: str | None = None
    pinned: bool = False
    forgotten: bool = False
    revisions: tuple[Revision, ...] = ()


@dataclass(frozen=True, slots=True)
class Turn:
    """One utterance, or (with ``conversation_id`` None) a note. Seen as something to recall, it is a memory."""

    id: str
    conversation_id: str | None
    position: int
    """Place in its conversation, from 0, rising, possibly with gaps."""
    speaker: str
    text: str
    said_at: datetime
    source_id: str | None = None
    status: TurnStatus = "complete"
    """``partial``: a reply that was cancelled; what had been said by then."""
    pinned: bool = False
    forgotten: bool = False
    revision: int = 0
    """How many times it was edited."""

    @property
    def is_note(self) -> bool:
        return self.conversation_id is None

    @property
    def standing(self) -> bool:
        """Whether the user asks for something, or prefers something, for good: told by rule (standing.py)."""
        from memory_store.language.query import role_of  # rules take long to compile, and few ask for them
        from memory_store.language.standing import is_standing

        return role_of(self.speaker) == "user" and is_standing(self.text)


@dataclass(frozen=True, slots=True)
class Revision:
    """A wording that was superseded: what the turn said until ``superseded_at``."""

    revision: int
    text: str
    superseded_at: datetime


@dataclass(frozen=True, slots=True)
class Conversation:
    """An ordered thread of turns."""

    id: str
    title: str
    """As renamed; else the first words said in it."""
    created_at: datetime
    updated_at: datetime
    """When its last turn was said."""
    turns: int
    """Said in it; what a branch shares with the conversation it came from is not counted."""
    archived: bool = False
    """Out of the list, and still recalled."""
    deleted: bool = False
    """Its turns are forgotten, until it is restored."""
    branched_from: str | None = None
    """The conversation that it shares its beginning with."""
    shared: int = 0
    """Turns of that beginning."""


@dataclass(frozen=True, slots=True)
class Superseded:
    """That a memory no longer holds, as far as rules can tell, or by the user's word."""

    since: datetime
    """When what contradicts it was said."""
    by: str
    """Id of the memory that holds now."""


@dataclass(frozen=True, slots=True)
class Recollection:
    """A memory recalled for a query."""

    memory: Turn
    score: float
    reasons: Mapping[str, float]
    """Name of each term of the score -> its contribution. They sum to ``score``."""
    matched: tuple[str, ...] = ()
    """The query's words that this memory shares, rarest first."""
    folded: tuple[str, ...] = ()
    """Ids of near-duplicates that this memory stands for."""
    explains: str = ""
    """Id of a memory that cannot be understood without this one, which was said right before it."""
    superseded: Superseded | None = None
    """What holds now was recalled too, and stands before this, unless it was to be left out."""


class Recollections(list[Recollection]):
    """What :meth:`MemoryStore.recall` returns: a list, best first, that also knows how sure it is."""

    def __init__(
        self, items: list[Recollection] | None = None, *, confidence: float = 0.0, remarks: tuple[str, ...] = ()
    ) -> None:
        super().__init__(items or [])
        self.confidence = confidence
        """Absolute evidence that something relevant is remembered at all (docs/recall.md gives the formula)."""
        self.remarks = remarks
        """What the caller should know: a query that was cut, meaning not searched, ..."""

    def having(self, items: Iterable[Recollection]) -> Recollections:
        """Others, of which the same is known."""
        return Recollections(list(items), confidence=self.confidence, remarks=self.remarks)

    @property
    def found(self) -> bool:
        """False when there is probably nothing on this in memory."""
        return bool(self) and self.confidence >= CONFIDENCE_THRESHOLD


CONFIDENCE_THRESHOLD = 1.29
"""Below this confidence, "I have nothing on that" is the likelier truth."""


@dataclass(frozen=True, slots=True)
class LedgerEntry:
    """One memory that was recalled for one reply."""

    rank: int
    memory_id: str
    score: float
    reasons: Mapping[str, float]
    in_prompt: bool
    """False: recalled, but it did not fit the prompt."""
    memory: Turn | None = None
    """None once the memory has been purged."""
    number: int | None = None
    """What it was numbered in the prompt; None: it was not listed there, or the reply is from before this was kept."""
    cited: bool = False
    """The reply names it by its number."""
    superseded: Superseded | None = None
    """As it is now: whether a newer memory contradicts it."""


Signal = Literal["helpful", "wrong"]
"""What the user thinks of a memory that was recalled for a reply."""


@dataclass(frozen=True, slots=True)
class Feedback:
    """The last word of the user on one memory in one reply."""

    reply_id: str
    memory_id: str
    signal: Signal
    at: datetime


ConflictState = Literal["open", "both", "newer", "dismissed"]
"""Of a contradiction: not decided, both hold, the newer holds, or it is none."""
CONTRADICTING: tuple[ConflictState, ...] = ("open", "newer", "both")
"""All but those that are none."""


@dataclass(frozen=True, slots=True)
class Conflict:
    """Two memories that cannot both hold, as far as rules can tell, or the user."""

    id: str
    older: Turn
    newer: Turn
    state: ConflictState
    why: str
    """The relation that has another value (``live``, ``work``, ``when``, ...), or ``correction``."""
    older_value: str
    """The words of the older memory that the newer one contradicts; empty once either was edited."""
    newer_value: str
    found_at: datetime
    decided_at: datetime | None = None


@dataclass(frozen=True, slots=True)
class ConflictChain:
    """What was said of one thing over time, each statement contradicting an earlier one: decided together."""

    links: tuple[Conflict, ...]
    """In the order of their newer memories; at least one."""

    @property
    def id(self) -> str:
        """That of its last link; the id of any of its links names it."""
        return self.links[-1].id

    @property
    def why(self) -> str:
        return next((one.why for one in self.links if one.why != "correction"), "correction")

    @property
    def state(self) -> ConflictState:
        """``open`` while any link is, and otherwise that of the last."""
        return "open" if any(one.state == "open" for one in self.links) else self.links[-1].state

    @property
    def statements(self) -> tuple[tuple[Turn, str], ...]:
        """Each memory with the words in it that matter (empty once it was edited), in the order they were said."""
        said: dict[str, tuple[Turn, str]] = {}
        for one in self.links:
            for memory, value in ((one.older, one.older_value), (one.newer, one.newer_value)):
                if not said.get(memory.id, (memory, ""))[1]:
                    said[memory.id] = (memory, value)
        return tuple(sorted(said.values(), key=lambda one: one[0].said_at))


DerivedKind = Literal["fact", "preference", "summary"]


@dataclass(frozen=True, slots=True)
class NewDerived:
    """A note that a language model drew from turns, on its way in."""

    kind: DerivedKind
    text: str
    sources: tuple[str, ...]
    """Ids of the turns."""


@dataclass(frozen=True, slots=True)
class Derived:
    """A note that a language model drew from turns. Its speaker is ``derived``."""

    note: Turn
    kind: DerivedKind
    sources: tuple[Turn, ...]
    model: str
    at: datetime


MergePolicy = Literal["sources", "notes"]
"""What is not written twice. ``sources``: what comes again with its conversation, source id and words; ``notes``: that,
and a note in the words of one that is there."""

FreeingOrder = Literal["strength", "usage", "oldest", "duplicates", "information", "balanced"]
"""Which memories give way first where only so many are kept: see freeing.py."""


@dataclass(frozen=True, slots=True)
class PrunePolicy:
    """Which memories a prune proposes to forget. A memory is proposed when it meets every criterion given.

    Pinned memories are never proposed. At least one criterion is required.
    """

    older_than: timedelta | None = None
    weaker_than: float | None = None
    """Strength, 0 to 1 (see retention.py)."""
    keep_last: int | None = None
    """Spare the newest this many memories."""
    matching: str | None = None
    """Words that must all occur, case ignored."""
    similar: float | None = None
    """Cosine, 0 to 1: an older memory this close to a newer one of the same speaker is a duplicate."""
    at_most: int | None = None
    """Keep this many memories: of those that meet the other criteria, only as many go as are over it."""
    at_most_bytes: int | None = None
    """The same, for the bytes of all words and vectors that are not forgotten."""
    order: FreeingOrder = "strength"
    """Which of them go first."""

    @property
    def bounded(self) -> bool:
        """Whether it keeps to a capacity."""
        return self.at_most is not None or self.at_most_bytes is not None


@dataclass(frozen=True, slots=True)
class PruneRow:
    memory: Turn
    reason: str
    strength: float


@dataclass(frozen=True, slots=True)
class PrunePlan:
    """What a prune would forget, and why. Nothing has happened yet: pass it to :meth:`MemoryStore.apply`."""

    policy: PrunePolicy
    rows: tuple[PruneRow, ...]
    considered: int
    """Memories looked at (not forgotten already)."""


@dataclass(frozen=True, slots=True)
class Forecast:
    """What a policy would forget some time from now."""

    ahead: timedelta
    at: datetime
    plan: PrunePlan


@dataclass(frozen=True, slots=True)
class PruneReceipt:
    forgotten: tuple[str, ...]
    skipped: tuple[str, ...]
    """Pinned, edited or purged since the plan was made."""


@dataclass(frozen=True, slots=True)
class PurgeReceipt:
    """What a purge erased, with the proof: where every file was searched for the words and vectors afterwards."""

    purged: tuple[str, ...]
    files_searched: int
    bytes_searched: int
    traces: tuple[str, ...]
    """Files that still hold a byte sequence of what was purged. Empty means proved clean."""
    unsearched: str = ""
    """What may still hold it and cannot be searched from here: a database server's own files. Empty: nothing."""
    pending: tuple[str, ...] = ()
    """What another process still has to do (it holds the index)."""
    backups: tuple[str, ...] = ()
    """Backups of the profile that still hold some of it, or are damaged, so that nobody can tell."""
    rewritten: tuple[str, ...] = ()
    """Backups that it was taken out of."""


@dataclass(frozen=True, slots=True)
class HealthReport:
    """Whether words and meaning are in step."""

    ok: bool
    words: int
    """Turns and notes, forgotten ones included."""
    vectors: int
    """Stored vectors made by the present embedder from the present wording."""
    indexed: int
    """Vectors in Chroma. -1: Chroma is held by another process and was not looked at."""
    queued: int
    """Turns waiting to be embedded or indexed."""
    problems: tuple[str, ...] = ()
    repaired: tuple[str, ...] = ()


@dataclass(frozen=True, slots=True)
class StoreStats:
    """Counts and bytes."""

    memories: int
    notes: int
    conversations: int
    pinned: int
    forgotten: int
    speakers: Mapping[str, int] = field(default_factory=dict)
    vectors: int = 0
    queued: int = 0
    embedder: str = ""
    schema: str = ""
    database_bytes: int = 0
    index_bytes: int = 0
    first_said_at: datetime | None = None
    last_said_at: datetime | None = None
    search: str = ""
    """How meaning is searched just now: ``exact`` over the stored vectors, or ``chroma``."""
    index: str = ""
    """How the index of meaning is, a few words: ``in order``, ``open``, ..."""
    damaged_index: str = ""
    """When and why an index was set aside as damaged, if one is kept."""
    damaged_index_bytes: int = 0
    encrypted: bool = False
    """Whether the whole database is under a passphrase."""


@dataclass(frozen=True, slots=True)
class IndexState:
    """What the indexer is doing, for a status line."""

    queued: int
    """Turns waiting to be embedded or indexed."""
    holds_lock: bool
    working: bool
    problem: str = ""
    filling: tuple[int, int] | None = None
    """While the index is built anew: vectors in it, and of how many. Search goes on, exactly, over those stored."""
    refused: bool = False
    """Whether another process holds the index; until this one has asked for it, False."""
    advice: str = ""
    """What the light check of a start found wrong, and what mends it."""
