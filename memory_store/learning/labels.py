"""Which memories were wanted for which query, from what the user said and did."""

from __future__ import annotations

from collections import Counter, defaultdict
from collections.abc import Iterator, Mapping
from dataclasses import dataclass, field, replace
from datetime import datetime, timedelta

from sqlalchemy import Connection

from memory_store.database.base import plain_rows
from memory_store.episodic.reading import history, turns_by_seq
from memory_store.language.leaning import leans
from memory_store.language.query import role_of
from memory_store.records import Turn
from memory_store.schema import from_micros

WINDOW = 20
"""Turns of the conversation that are before the model anyway, so that nobody wants them recalled."""

HELPFUL, WRONG, CITED, PINNED = "marked helpful", "marked wrong", "cited in a reply", "pinned after it was recalled"
OPENED = "opened from a search"

FORGOTTEN = "label of a memory that is forgotten"
"""Why a label is of no use."""

_FEEDBACK = "SELECT reply_seq, memory_seq, signal FROM feedback"
_CITED = "SELECT reply_seq, memory_seq FROM ledger WHERE cited <> 0"
_PINNED = (  # only the last reply it was recalled for before it was pinned
    "SELECT max(l.reply_seq), l.memory_seq FROM ledger l JOIN turns m ON m.seq = l.memory_seq"
    " JOIN turns r ON r.seq = l.reply_seq WHERE m.pinned_at IS NOT NULL AND r.recorded_at <= m.pinned_at"
    " AND l.score > 0 GROUP BY l.memory_seq"
)
_OPENED = "SELECT query, memory_seq, at FROM openings ORDER BY at"


@dataclass(frozen=True, slots=True)
class Label:
    """One query, and what was wanted for it."""

    text: str
    gold: frozenset[str]
    """Keys: ids of memories, or what :func:`~memory_store.learning.looks.examples` is told they belong to."""
    wrong: frozenset[str] = frozenset()
    as_of: datetime | None = None
    """Only what was said by then could be recalled."""
    context: str = ""
    exclude: tuple[str, ...] = ()
    group: str = ""
    """Queries of one group are learned from or tried on together."""
    sources: tuple[str, ...] = ()
    """For each pair of query and memory, what it is known from."""
    turn: str | None = None
    """The id of the turn that asked it, where one did: its vector is stored already."""


@dataclass(slots=True)
class Labels:
    """What there is to learn from."""

    items: list[Label] = field(default_factory=list)
    skipped: Counter[str] = field(default_factory=Counter)
    """Reason -> how many labels are of no use."""

    @property
    def sources(self) -> Counter[str]:
        return Counter(source for one in self.items for source in one.sources)


def from_the_user(connection: Connection) -> Labels:
    """What the user marked, cited (in replies that stand), pinned after it was recalled, and opened from a search."""
    found = Labels()
    said = list(_signals(connection, found.skipped))
    turns = turns_by_seq(connection, {seq for row in said for seq in row[:2]})
    by_reply: dict[int, dict[int, str]] = defaultdict(dict)
    for reply, memory, source in said:  # what was marked comes first, and stands
        if turns[reply].forgotten:
            found.skipped["label in a reply that was discarded"] += 1
        elif turns[memory].forgotten:
            found.skipped[FORGOTTEN] += 1
        else:
            by_reply[reply].setdefault(memory, source)
    for reply, judged in by_reply.items():
        label = _label(connection, turns, reply, judged)
        if label is None:
            found.skipped["label in a reply to nothing"] += len(judged)
        else:
            found.items.append(label)
    found.items += _searches(connection, found.skipped)
    found.skipped = +found.skipped
    return without_contradictions(found)


def _searches(connection: Connection, skipped: Counter[str]) -> Iterator[Label]:
    """Each search, and what was opened from it."""
    opened: dict[str, list[tuple[int, int]]] = defaultdict(list)
    for query, memory, at in plain_rows(connection, _OPENED):
        opened[query].append((memory, at))
    turns = turns_by_seq(connection, {memory for pairs in opened.values() for memory, _ in pairs})
    for query, pairs in opened.items():
        there = [memory for memory, _ in pairs if not turns[memory].forgotten]
        skipped[FORGOTTEN] += len(pairs) - len(there)
        if there:
            gold, at = frozenset(turns[memory].id for memory in there), from_micros(max(at for _, at in pairs))
            yield Label(query, gold, as_of=at, group=f"search {query}", sources=(OPENED,) * len(gold))


def _signals(connection: Connection, skipped: Counter[str]) -> Iterator[tuple[int, int, str]]:
    """(reply, memory, source), what the user said outright first."""
    for reply, memory, signal in plain_rows(connection, _FEEDBACK):
        yield reply, memory, HELPFUL if signal == "helpful" else WRONG
    for reply, memory in plain_rows(connection, _CITED):
        if memory is None:
            skipped["label of a memory that was purged"] += 1
        else:
            yield reply, memory, CITED
    for reply, memory in plain_rows(connection, _PINNED):
        yield reply, memory, PINNED


def _label(connection: Connection, turns: Mapping[int, Turn], reply: int, judged: Mapping[int, str]) -> Label | None:
    """What was said before the reply, and what was judged in it; None: nothing was."""
    answer = turns[reply]
    if answer.conversation_id is None:
        return None
    before = history(connection, answer.conversation_id, WINDOW + 1, answer.position)
    while before and role_of(before[-1].speaker) == "assistant":
        before.pop()  # what was said in vain before it
    if not before:
        return None
    asked = before.pop()
    gold = frozenset(turns[seq].id for seq, source in judged.items() if source != WRONG)
    wrong = frozenset(turns[seq].id for seq, source in judged.items() if source == WRONG)
    heard = [turn.text for turn in before[-3:] if role_of(turn.speaker) == "assistant"]
    return Label(
        asked.text,
        gold,
        wrong,
        as_of=asked.said_at - timedelta(microseconds=1),
        context=heard[-1] if heard and leans(asked.text) else "",
        exclude=tuple(turn.id for turn in (*before, asked) if turn.id not in gold | wrong),
        group=answer.conversation_id,
        sources=tuple(judged.values()),
        turn=asked.id,
    )


def without_contradictions(found: Labels) -> Labels:
    """Without pairs of one query and one memory that are both wanted and wrong, in different places."""
    gold, wrong = (
        {(one.text.casefold().strip(), key) for one in found.items for key in getattr(one, side)}
        for side in ("gold", "wrong")
    )
    both = gold & wrong
    if not both:
        return found
    kept = Labels(skipped=found.skipped + Counter({"label contradicted elsewhere": len(both)}))
    for one in found.items:
        against = {key for text, key in both if text == one.text.casefold().strip()}
        left = replace(one, gold=one.gold - against, wrong=one.wrong - against)
        if left.gold or left.wrong:
            kept.items.append(left)
    return kept
