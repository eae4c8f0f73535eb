"""Looks for what new words contradict: behind the conversation, when a turn's vector has been stored.

Each stored vector carries a rising stamp, and a reworded turn gets a new one; so one number in ``meta`` says how far
the examination has come, whichever process does it. Most turns claim nothing and cost a few regular expressions;
one that claims something costs one recall.
"""

from __future__ import annotations

import re
from collections.abc import Callable, Sequence
from dataclasses import dataclass
from datetime import datetime, timedelta

from sqlalchemy import Connection

from memory_store.attachments import is_of_a_file
from memory_store.database.base import Database, plain_rows
from memory_store.episodic import reading
from memory_store.knowledge import conflicts
from memory_store.knowledge.claims import NOTHING, Correction, Reading, read
from memory_store.knowledge.clashing import Clash, clash
from memory_store.knowledge.derived import SPEAKER
from memory_store.knowledge.values import values_in
from memory_store.language.query import role_of
from memory_store.language.words import terms
from memory_store.recall.recaller import Recaller
from memory_store.records import Turn
from memory_store.semantic import vectors

EXAMINED = "examined_stamp"
AT_ONCE = 64
CLOSE = 40
"""How many of the closest memories a claim is held against."""
BEFORE = 10
"""Turns of the conversation before it that a correction is held against."""
SOON = timedelta(days=1)
"""A correction of what was said longer ago names what it corrects."""

_NEW = (
    "SELECT v.stamp, v.turn_seq FROM vectors v JOIN turns t ON t.seq = v.turn_seq WHERE v.stamp > ?"
    " ORDER BY v.stamp LIMIT ?"
)
_LAST = "SELECT coalesce(max(stamp), 0) FROM vectors"


@dataclass(frozen=True, slots=True)
class Found:
    """That one memory contradicts another."""

    older: tuple[int, Turn]
    newer: tuple[int, Turn]
    clash: Clash


class Examiner:
    """Holds new turns against what they are close to. Used by one thread at a time."""

    def __init__(self, database: Database, recaller: Recaller, clock: Callable[[], datetime]) -> None:
        self._database = database
        self._recaller = recaller
        self._clock = clock

    def examine(self, going_on: Callable[[], bool] = lambda: True) -> None:
        """Examine a few turns at least, and everything new while ``going_on``; what is left is done the next time."""
        while self._some() and going_on():
            pass

    def _some(self) -> bool:
        """A few turns. False: none are left."""
        with self._database.read() as connection:
            epoch = vectors.read_meta(connection, vectors.EPOCH)
            since = int(vectors.read_meta(connection, EXAMINED) or 0)
            rows = plain_rows(connection, _NEW, since, AT_ONCE)
            if not rows:
                return False
            seqs = [row[1] for row in rows]
            turns = reading.turns_by_seq(connection, seqs)
            found: list[Found] = []
            for seq in seqs:
                if seq in turns:
                    found += self._in_turn(connection, seq, turns[seq], found)

        def keep(connection: Connection) -> None:
            # Somebody may have edited or purged one of them, or come further, in the meantime.
            same = reading.turns_by_seq(connection, {seq for one in found for seq in (one.older[0], one.newer[0])})
            for one in found:
                if all(seq in same and same[seq].text == turn.text for seq, turn in (one.older, one.newer)):
                    conflicts.mark(connection, one.older, one.newer, one.clash, self._clock())
            if vectors.read_meta(connection, vectors.EPOCH) != epoch:
                return  # a backup that was brought back numbers its vectors anew: examined again, if need be
            last = int(vectors.read_meta(connection, EXAMINED) or 0)
            vectors.write_meta(connection, EXAMINED, str(max(last, rows[-1][0])))

        self._database.written(keep)
        return len(rows) == AT_ONCE

    def _in_turn(self, connection: Connection, seq: int, turn: Turn, already: Sequence[Found]) -> list[Found]:
        """What ``turn`` contradicts, or is contradicted by; ``already``: what was found a moment ago, and not kept."""
        said = read(turn.text) if _is_somebodys(turn) else NOTHING
        found: dict[int, Found] = {}
        close = self._close(connection, turn, said)
        for number, other in sorted(close, key=lambda one: (one[1].said_at, one[0])):
            one = _between((seq, turn, said), (number, other))
            if one is not None and not self._superseded(connection, one, [*already, *found.values()]):
                found[number] = one
        for correction in said.corrections:
            corrected = self._corrected(connection, turn, correction, close)
            if corrected is not None:
                found.setdefault(corrected[0][0], Found(corrected[0], (seq, turn), corrected[1]))
        return list(found.values())

    def _close(self, connection: Connection, turn: Turn, said: Reading) -> list[tuple[int, Turn]]:
        """Memories of the same speaker that are close to ``turn``, or to what it claims, in words or meaning."""
        queries = dict.fromkeys(claim.asked for claim in said.claims)
        if said.claims or any(one.wrong for one in said.corrections):
            queries = {turn.text: None} | queries
        near: dict[str, Turn] = {}
        for query in filter(None, queries):
            hits = self._recaller.recall(
                connection, query, limit=CLOSE, now=turn.said_at, exclude=[turn.id], second_looks=False
            )
            near |= {hit.memory.id: hit.memory for hit in hits if _one_speaker(hit.memory.speaker, turn.speaker)}
        return list(zip(reading.seqs_of(connection, [*near]), near.values(), strict=True))

    def _superseded(self, connection: Connection, one: Found, already: Sequence[Found]) -> bool:
        """Something said before the newer memory supersedes the older one already."""
        older, newer = one.older[0], one.newer[1]
        before = newer.said_at - timedelta(microseconds=1)
        if any(other.older[0] == older and other.newer[1].said_at <= before for other in already):
            return True
        return bool(conflicts.successors(connection, [older], before))

    def _corrected(
        self, connection: Connection, turn: Turn, correction: Correction, close: list[tuple[int, Turn]]
    ) -> tuple[tuple[int, Turn], Clash] | None:
        """What ``correction`` puts right: said just before, or close to it and naming what was wrong."""
        if turn.is_note:
            before: list[tuple[int, Turn]] = []
        else:
            said = [
                one for one in reading.context(connection, turn.id, BEFORE, 0)[:-1] if turn.said_at - one.said_at < SOON
            ]
            numbers = reading.seqs_of(connection, [one.id for one in said])
            before = list(zip(numbers, said, strict=True))[::-1]
        question = _question(before, turn)
        for place, (number, other) in enumerate(before):
            own = _one_speaker(other.speaker, turn.speaker)
            if own or (place == 0 and role_of(other.speaker) == "assistant"):
                spot = _spot(other.text, correction, alone=not own or correction.kind in ("name", "number"))
                if spot is not None and (not own or _is_asked(other.text, spot, question)):
                    return (number, other), _correcting(spot, correction)
        if correction.wrong and correction.kind:
            words = set(terms(turn.text)) - set(terms(correction.wrong))
            for number, other in close:
                spot = _spot(other.text, correction, alone=False)
                if spot is not None and other.said_at <= turn.said_at and len(words & set(terms(other.text))) >= 2:
                    return (number, other), _correcting(spot, correction)
        return None


def _is_somebodys(turn: Turn) -> bool:
    """Whether a person said it, and it counts: no assistant, no model's note, no passage of a file."""
    own = role_of(turn.speaker) != "assistant" and turn.speaker != SPEAKER
    return own and not turn.forgotten and not is_of_a_file(turn)


def _between(this: tuple[int, Turn, Reading], other: tuple[int, Turn]) -> Found | None:
    """A clash of two turns' claims, whichever was said first."""
    seq, turn, said = this
    first, second = sorted(((seq, turn), other), key=lambda one: (one[1].said_at, one[0]))
    claims = {seq: said.claims, other[0]: read(other[1].text).claims}
    apart = second[1].said_at - first[1].said_at
    together = first[1].conversation_id is not None and first[1].conversation_id == second[1].conversation_id
    for newer in claims[second[0]]:
        for older in claims[first[0]]:
            found = clash(older, newer, apart, together=together)
            if found is not None:
                return Found(first, second, found)
    return None


def _question(before: Sequence[tuple[int, Turn]], turn: Turn) -> str:
    """What somebody else asked just before ``turn``, which answers it."""
    last = before[0][1] if before else None
    asked = (
        last is not None and not _one_speaker(last.speaker, turn.speaker) and last.text.rstrip().endswith(("?", "？"))
    )
    return last.text if asked and last is not None else ""


def _is_asked(text: str, spot: tuple[int, int], question: str) -> bool:
    """Who answers "No, on Monday" puts right what was asked; and own words only where the question repeats them."""
    return not question or text[spot[0] : spot[0] + spot[1]].casefold() in question.casefold()


def _correcting(spot: tuple[int, int], correction: Correction) -> Clash:
    return Clash("correction", spot, (correction.start, len(correction.value)))


def _spot(text: str, correction: Correction, *, alone: bool) -> tuple[int, int] | None:
    """Where ``text`` has what is corrected. ``alone``: only if it has no other value of the kind."""
    if text.rstrip().endswith(("?", "？")):
        return None
    if correction.wrong:
        place = _place(text, correction.wrong)
        if place < 0 or correction.value.casefold() in text.casefold():
            return None
        claimed = any(correction.wrong.casefold() in claim.value.casefold() for claim in read(text).claims)
        formed = correction.kind not in ("", "name") or (correction.kind == "name" and correction.cued)
        if not formed and not claimed:
            return None  # "a promise, not a result" corrects nobody
        return place, len(correction.wrong)
    new = {one.form for one in values_in(f"x {correction.value}") if one.kind == correction.kind}
    held = [one for one in values_in(text) if one.kind == correction.kind]
    if not held or any(one.form in new for one in held) or (alone and len(held) > 1):
        return None
    return held[-1].start, len(held[-1].text)


def _place(text: str, words: str) -> int:
    """Where ``words`` stand in ``text``, not within a longer word or number; -1: nowhere."""
    whole = rf"(?<![\w.,]){re.escape(words)}(?!\w|[.,]\d)" if words.isascii() else re.escape(words)
    found = re.search(whole, text, re.IGNORECASE)
    return found.start() if found else -1


def _one_speaker(one: str, other: str) -> bool:
    return one == other or (role_of(one) == role_of(other) == "user")
