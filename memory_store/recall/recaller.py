"""Query -> candidates -> addressing -> recollections, each with its reasons. docs/recall.md explains the formula."""

from __future__ import annotations

import time
from collections.abc import Callable, Collection, Sequence
from dataclasses import replace
from datetime import datetime
from functools import partial

import numpy as np
from sqlalchemy import Connection

from memory_store import addressing
from memory_store.addressing import Floats, Ints, Weights
from memory_store.database.base import Database, plain_rows
from memory_store.embedding.base import Embedder, Vectors
from memory_store.episodic import lexical
from memory_store.episodic.lexical import Matches
from memory_store.episodic.postings import NEWEST_OF_ALL, Common
from memory_store.episodic.reading import turns_by_seq, worded_as_of
from memory_store.errors import EmbedderError, RerankerError
from memory_store.language import query
from memory_store.language.when import asks_only_for_a_time, events, intervals
from memory_store.learning.weighing import Learned
from memory_store.lookups import among, distinct
from memory_store.recall import candidates, literal, rewording
from memory_store.recall.candidates import NO_CONVERSATION, Candidates, Scope
from memory_store.recall.dense import BLIND, NEWEST, NOTHING_READ, DenseChannel, Meaning, Read, Search
from memory_store.recall.looking import Evidence, Look
from memory_store.recall.narrowing import narrows, with_meaning
from memory_store.recall.places import Places
from memory_store.recall.signals import Signals, content_terms, ranked, weighed
from memory_store.records import Recollection, Recollections
from memory_store.reranking.base import Stage
from memory_store.schema import to_micros
from memory_store.semantic.chroma import SemanticIndex
from memory_store.semantic.vectors import EPOCH, read_meta

_SPEAKERS = "SELECT seq, name FROM speakers"
SMALLEST_REASON = 1e-6
AHEAD_PAUSE_S = 0.005
"""Between two readings ahead: they take a fifth of one core."""

STILL_OPENING = (
    f"Meaning was compared for the newest {NEWEST:,} memories, and for those that share words with the query: the index"
    " of all of them is still being opened."
)


class Recaller:
    """Answers queries over one store. Thread-safe."""

    def __init__(
        self,
        embedder: Embedder,
        index: Callable[[], SemanticIndex | None],
        weights: Weights | None = None,
        stages: Sequence[Stage] = (),
        learned: Learned | None = None,
        coming: Callable[[], bool] = lambda: False,
    ) -> None:
        self.dense = DenseChannel(embedder, index, coming=coming)
        self._weights = weights or Weights()
        self._common = Common()
        self._places = Places()
        self._stages = tuple(stages)
        self._learned = learned if weights is None else None  # a head is one for the frozen constants
        self._narrows = narrows(self._weights)
        self._epoch: str | None = None

    def recall(
        self,
        connection: Connection,
        text: str,
        *,
        limit: int,
        now: datetime,
        as_of: datetime | None = None,
        exclude: Collection[str] = (),
        include_forgotten: bool = False,
        context: str = "",
        second_looks: bool = True,
        derived: bool = False,
    ) -> Recollections:
        """The memories that matter for ``text``, best first, at most ``limit``.

        ``now`` is what "last week" is seen from, unless ``as_of`` is given. ``context`` is searched with ``text``;
        whose words and which times are meant is read from ``text`` alone. ``second_looks``: False for questions that
        mneme puts to itself: they are answered by the fixed formula, whatever was learned.
        """
        look = self.look(
            connection,
            text,
            now=now,
            as_of=as_of,
            exclude=exclude,
            include_forgotten=include_forgotten,
            context=context,
            derived=derived,
            deep=self._deep(limit, second_looks=second_looks),
        )
        pool, found = look.pool, look.evidence
        if not len(pool):
            return Recollections(remarks=look.remarks)
        terms, remarks = self.terms(connection, look, learned=second_looks)
        if second_looks and self._stages:
            remarks += self._look_again(connection, pool, terms, found.asked, look.speakers)
        items = _recollections(connection, look, terms, limit, as_of)
        return Recollections(items, confidence=look.confidence, remarks=remarks)

    def look(
        self,
        connection: Connection,
        text: str,
        *,
        now: datetime,
        as_of: datetime | None = None,
        exclude: Collection[str] = (),
        include_forgotten: bool = False,
        context: str = "",
        derived: bool = False,
        deep: int | None = None,
        vector: Vectors | None = None,
        said_by_then: Ints | None = None,
    ) -> Look:
        """The candidates for ``text`` and what is known of them, before anything is weighed; see :meth:`recall`.

        ``deep``: only the best so many matter, by the fixed formula: of the others not all is read. ``vector``: of this
        question, see :meth:`meant`. ``said_by_then``: the turns said by ``as_of``, sorted, where they are known.
        """
        asked = query.read(text, context)
        instant = None if as_of is None else to_micros(as_of)
        where = candidates.scope(
            connection, exclude, instant, include_forgotten=include_forgotten, derived=derived, said_by=said_by_then
        )
        speakers: dict[int, str] = dict(plain_rows(connection, _SPEAKERS))
        nearest = self.dense.begin(connection, _nameless(asked, speakers), asked.written_in, where, vector)
        matches = self._words(connection, asked, where)
        again = partial(self.recall, connection, limit=1, now=now, as_of=as_of, exclude=exclude)
        # Second looks are slow, and what dates an event need not be the very best.
        dated = partial(again, include_forgotten=include_forgotten, second_looks=False)
        times = _times(asked.text, as_of or now, dated)
        then_said = candidates.said_during(connection, times)
        by_words = candidates.best(matches.seqs, matches.scores)
        ahead = NOTHING_READ
        if nearest.at_work:
            self._places.of(connection, candidates.around(by_words))
            ahead = NOTHING_READ if deep is None else self.dense.ahead(connection, by_words)
        meaning, remarks = self._meaning(connection, nearest)
        matches, meaning, reworded = self._worded_then(connection, asked, where, instant, matches, meaning)
        best = (
            candidates.best(matches.seqs, matches.scores),
            candidates.best(meaning.seqs, meaning.cosines) if meaning.gate > 0 else BLIND.seqs,
            then_said,
        )
        pool = candidates.gather(connection, self._places, distinct(np.concatenate(best)), where)
        users = {seq for seq, name in speakers.items() if query.role_of(name) == "user"}
        wanted = query.wanted_speakers(asked, speakers)
        chat = {seq for seq, name in speakers.items() if query.role_of(name) in ("user", "assistant")}
        only_when = bool(times) and asks_only_for_a_time(_nameless(asked, speakers), as_of or now)
        evidence = Evidence(
            asked, matches, meaning, wanted, users, chat, tuple(times), to_micros(as_of or now), only_when, reworded
        )
        signals = self._signals(connection, pool, evidence, deep, ahead)
        return Look(pool, evidence, signals, speakers, asked.remarks + remarks)

    def meant(self, connection: Connection, questions: Sequence[tuple[str, str]]) -> list[str]:
        """What :meth:`look` compares with memories for each text and its context: ``vector`` is to be of this."""
        speakers: dict[int, str] = dict(plain_rows(connection, _SPEAKERS))
        return [_nameless(query.read(*one), speakers) for one in questions]

    def let_go(self) -> None:
        """Drop what memory holds of words and vectors: some of them were purged."""
        self.dense.let_go()
        for stage in self._stages:
            stage.reranker.let_go()

    def read_ahead(self, database: Database, going: Callable[[], bool]) -> None:
        """Read what recall keeps of each turn into memory, gently, as long as ``going`` says so."""
        while going():
            with database.read() as connection:
                if not self._places.read_ahead(connection) and not self.dense.read_ahead(connection):
                    return
            time.sleep(AHEAD_PAUSE_S)

    def close(self) -> None:
        """End what works behind recall."""
        self.dense.close()

    def _deep(self, limit: int, *, second_looks: bool) -> int | None:
        """How many of the best are looked at; None: all are, and must be known."""
        stages, learned = (self._stages, self._learned) if second_looks else ((), None)
        if not self._narrows or (learned is not None and learned.heads.in_force()[0] is not None):
            return None
        return max([limit, *(stage.top for stage in stages)])

    def _worded_then(
        self,
        connection: Connection,
        asked: query.Query,
        where: Scope,
        instant: int | None,
        matches: Matches,
        meaning: Meaning,
    ) -> tuple[Matches, Meaning, Ints]:
        """What both channels find at ``instant`` (microseconds; None: now), and the turns worded otherwise then."""
        if instant is None or not (then := rewording.keys_then(connection, instant)):
            return matches, meaning, np.empty(0, np.int64)
        then = {seq: key for seq, key in then.items() if where.admits(np.array([seq])).all()}
        reworded = np.array(sorted(then), np.int64)
        documents = self.dense.population.turns(connection)
        words = rewording.words_then(matches, asked.terms, asked.emphasis, documents, then)
        return words, rewording.meaning_without(meaning, reworded), reworded

    def _words(self, connection: Connection, asked: query.Query, where: Scope) -> Matches:
        if asked.terms:
            documents = self.dense.population.turns(connection)
            up_to = NEWEST_OF_ALL if where.allowed is None else int(where.allowed.max(initial=0))
            found = lexical.search(connection, asked.terms, documents, asked.emphasis, self._common, up_to)
            found = replace(found, side_by_side=lexical.phrases(connection, asked.terms, found, documents))
        else:
            found = literal.search(connection, asked.text)
        return found.among(where.admits(found.seqs)) if where.limits else found

    def _meaning(self, connection: Connection, nearest: Search) -> tuple[Meaning, tuple[str, ...]]:
        try:
            found = nearest.answer()
        except EmbedderError as error:
            return BLIND, (f"Meaning was not searched. {error}",)
        if found.partial:
            return found, (STILL_OPENING,)
        if len(found.seqs) or not (maker := self.dense.stranger(connection)):
            return found, ()
        return found, (f"Meaning was not searched: what is stored of it is by another embedding model ({maker}).",)

    def _signals(
        self, connection: Connection, pool: Candidates, evidence: Evidence, deep: int | None, ahead: Read
    ) -> Signals:
        """What the terms of the score are made of. ``deep``: see :meth:`look`."""
        matches, meaning = evidence.matches, evidence.meaning
        bm25, held = matches.of(pool.seqs)
        phrase = lexical.phrase_scores(matches.side_by_side, pool.seqs)
        if len(evidence.reworded):
            phrase[among(pool.seqs, evidence.reworded)] = 0.0
        wanted, users, chat = (np.array(sorted(s), np.int64) for s in (evidence.wanted, evidence.users, evidence.chat))
        in_chat = addressing.speaker_gate(pool.speakers, chat)
        talked = in_chat * (pool.conversations != NO_CONVERSATION)
        signals = Signals(
            words=addressing.lexical_content(bm25, matches.best, matches.ceiling),
            meaning=np.zeros(len(pool)),
            unread=np.zeros(len(pool), np.bool_),
            phrase=phrase,
            held=held,
            session_words=addressing.session_words(list(held), pool.sessions),
            speaker=addressing.speaker_gate(pool.speakers, wanted),
            date=addressing.date_gate(pool.said_at, evidence.times),
            standing=pool.standing * addressing.speaker_gate(pool.speakers, users),
            recency=talked * addressing.recency(pool.said_at, evidence.now),
            asks=pool.asks,
            follows=pool.follows,
            sessions=pool.sessions,
            chat=in_chat > 0,
            gate=meaning.gate,
        )
        read = partial(self.dense.cosines, connection, meaning=meaning, ahead=ahead)
        return with_meaning(signals, pool.seqs, evidence, read, self._weights, deep)

    def terms(
        self, connection: Connection, look: Look, *, learned: bool = True
    ) -> tuple[dict[str, Floats], tuple[str, ...]]:
        """Every term of the score by name, each of shape (n,), their sum being the score; and what there is to say."""
        weights, remarks = self._weights, look.remarks
        if learned and self._learned is not None:
            found, refusal = self._learned.terms(connection, look)
            remarks += (refusal,) if refusal else ()
            if found is not None:
                return found, remarks
        terms = weighed(look.signals, weights)
        if weights.second_hop and look.evidence.meaning.gate > 0:
            terms["second hop"] = weights.second_hop * self.hop(connection, look, weights)
        return terms, remarks

    def hop(self, connection: Connection, look: Look, weights: Weights) -> Floats:
        """Shape (n,): what a second read finds, with the query moved towards what the first found."""
        meaning = look.evidence.meaning
        if meaning.gate <= 0:
            return np.zeros(len(look.pool))
        content = np.sum(content_terms(look.signals, weights), axis=0)
        rows = self.dense.rows(connection, look.pool.seqs.tolist()).astype(np.float64)
        return addressing.second_hop(meaning.vector.astype(np.float64), rows, content, meaning.gate)

    def _look_again(
        self,
        connection: Connection,
        pool: Candidates,
        terms: dict[str, Floats],
        asked: query.Query,
        speakers: dict[int, str],
    ) -> tuple[str, ...]:
        """Add a term for each second look at the best so far. A look that fails adds nothing but a remark."""
        remarks: list[str] = []
        epoch = read_meta(connection, EPOCH)
        if epoch != self._epoch:  # another process may have purged what a reranker keeps
            self._epoch = epoch
            for stage in self._stages:
                stage.reranker.let_go()
        for stage in self._stages:
            best = ranked(terms, pool.seqs, pool.said_at)[: stage.top]
            found = turns_by_seq(connection, pool.seqs[best].tolist())
            turns = [found[seq] for seq in pool.seqs[best].tolist()]
            named = stage.reranker.sees_speakers
            texts = [f"{turn.speaker}: {turn.text}" if named else turn.text for turn in turns]
            try:
                values = stage.term(asked.text if named else _nameless(asked, speakers), texts, asked.written_in)
            except (EmbedderError, RerankerError) as error:
                remarks.append(f"There was no second look. {error}")
                continue
            terms[stage.reranker.reason] = np.zeros(len(pool))
            terms[stage.reranker.reason][best] = values
        return tuple(remarks)


def _times(text: str, seen_from: datetime, find: Callable[[str], Recollections]) -> list[tuple[int, int]]:
    """The intervals that ``text`` speaks of, in microseconds; an event is dated by what ``find`` finds best on it."""
    times = [(to_micros(start), to_micros(end)) for start, end in intervals(text, seen_from)]
    for event in events(text, seen_from):
        same = find(event.words)
        if same.found:
            times.append(event.side_of(to_micros(same[0].memory.said_at)))
    return times


def _nameless(asked: query.Query, speakers: dict[int, str]) -> str:
    """The query without the names of those who speak here, unless nothing else is in it."""
    named = {speakers[seq] for seq in query.named_speakers(asked.text, speakers)}
    return query.without_names(asked.meant, named) or asked.meant


def _recollections(
    connection: Connection,
    look: Look,
    terms: dict[str, Floats],
    limit: int,
    as_of: datetime | None,
) -> list[Recollection]:
    """The best, as records."""
    pool, words, held = look.pool, look.evidence.matches.words, look.signals.held
    order = ranked(terms, pool.seqs, pool.said_at)[:limit]
    found = turns_by_seq(connection, pool.seqs[order].tolist())
    if as_of is not None:
        found = worded_as_of(connection, found, as_of)
    items = []
    parts = np.array([part[order] for part in terms.values()]).T.tolist()
    for seq, values, holding in zip(pool.seqs[order].tolist(), parts, held[:, order].T.tolist(), strict=True):
        reasons = {name: one for name, one in zip(terms, values, strict=True) if abs(one) > SMALLEST_REASON}
        matched = tuple(word for word, holds in zip(words, holding, strict=True) if holds)
        items.append(Recollection(found[seq], sum(reasons.values()), reasons, matched))
    return items
