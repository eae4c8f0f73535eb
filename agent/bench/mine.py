"""Known-item queries on one's own memory: a turn is picked and asked for by a few of its rarer words.

This needs no labels (Azzopardi et al. 2007): what was picked is the answer. It is easier than real questions, which use
other words than the answer does; its worth is the comparison, on the memory at hand.
"""

from __future__ import annotations

import sqlite3
from collections import Counter
from collections.abc import Sequence
from contextlib import closing
from dataclasses import replace
from pathlib import Path

import numpy as np

from agent.bench.data import Corpus, DataSet, Question, counted
from agent.bench.embedding import CachingEmbedder
from agent.bench.running import Measured, Wanted, measure_site
from agent.bench.site import Progress, Site
from memory_store.clock import utc_now
from memory_store.database.location import DATABASE
from memory_store.encryption import cipher
from memory_store.errors import InvalidInput, StoreDamaged, UnknownId
from memory_store.language.query import role_of
from memory_store.language.words import cjk_share, stem, tells_something, terms
from memory_store.records import NewTurn, Turn

ASKED_FOR = 3
"""Words of each query."""
SHORTEST = 3
"""Letters of a word worth asking for; of an unspaced script, two."""
FORMS = ("keywords", "question")


def snapshot(profile: Path, into: Path, passphrase: str | None = None) -> None:
    """A copy of a profile's database as it is at this instant. Nothing in the profile is written, not even a lock.
    The copy of an encrypted one is encrypted alike.

    Raises UnknownId when there is no memory there, StoreDamaged when it cannot be read.
    """
    file = profile / DATABASE
    if not file.exists():
        raise UnknownId("Nothing is remembered in this profile yet, so there is nothing to ask about.")
    # A read-only connection leaves its files behind where there were none; an immutable one makes none. The latter may
    # not be used beside a writer, and a writer is there only where its log is.
    way = "mode=ro" if file.with_name(f"{DATABASE}-wal").exists() else "mode=ro&immutable=1"
    if passphrase is not None:
        key = cipher.unlock(file, passphrase)
        with closing(cipher.connect(file, key, way)) as source, closing(cipher.connect(into / DATABASE, key)) as copy:
            source.backup(copy)
        return
    try:
        with (
            closing(sqlite3.connect(f"{file.absolute().as_uri()}?{way}", uri=True)) as source,
            closing(sqlite3.connect(into / DATABASE)) as copy,
        ):
            source.backup(copy)
    except sqlite3.DatabaseError as error:
        raise StoreDamaged(f"{file} cannot be read ({error}). `mneme memory check` says more.") from error


def measure_mine(
    folder: Path,
    embedder: CachingEmbedder,
    *,
    count: int,
    seed: int,
    wanted: Wanted,
    progress: Progress,
    passphrase: str | None = None,
) -> Measured:
    """Ask ``count`` known-item queries of the store in ``folder``, which is a snapshot and may be written.

    Raises InvalidInput when too little is remembered to ask about.
    """
    site = Site(folder, Corpus("", (), (), ()), {}, embedder, utc_now(), passphrase)
    with site.open(indexing="manual") as store:
        with progress("embedding what is new") as move:
            store.embed_now(progress=move)
        turns = store.memories(newest_first=False)
    corpus = known_items(turns, count, seed)
    if not corpus.questions:
        seen = counted(len(turns), "turn")
        raise InvalidInput(f"None of {seen} here has {ASKED_FOR} words to ask for. Talk some more first.")
    into = Measured(DataSet("your memory", "turn", (corpus,)))
    places = {turn.id: place for place, turn in enumerate(turns)}
    measure_site(replace(site, corpus=corpus, places=places), "turn", wanted, progress, into)
    return into


def known_items(turns: Sequence[Turn], count: int, seed: int) -> Corpus:
    """At most ``count`` queries, the same for the same memories and seed; half of them worded as questions."""
    words = [_words(turn.text) for turn in turns]
    holding = Counter(root for own in words for root in own)
    random = np.random.default_rng(seed)
    able = [place for place, own in enumerate(words) if len(own) >= ASKED_FOR]
    picked = sorted(random.choice(able, min(count, len(able)), replace=False).tolist()) if able else []
    questions = []
    for number, place in enumerate(picked):
        rarer = _rarer(words[place], holding)
        chosen = [rarer[at] for at in random.permutation(len(rarer))[:ASKED_FOR]]
        form = FORMS[number % 2]
        text = " ".join(chosen) if form == "keywords" else _question(chosen, turns[place].speaker)
        questions.append(Question(text, frozenset((_key(turns[place]),)), form))
    as_new = tuple(NewTurn(turn.text, turn.speaker, turn.conversation_id, turn.said_at) for turn in turns)
    return Corpus("your memory", as_new, tuple(map(_key, turns)), tuple(questions))


def _key(turn: Turn) -> str:
    """Memories of the same words answer the same question."""
    return " ".join(turn.text.casefold().split())


def _words(text: str) -> dict[str, str]:
    """Stem -> word, of each word worth asking for."""
    found: dict[str, str] = {}
    for word in terms(text):
        long_enough = len(word) >= (2 if cjk_share(word) else SHORTEST)
        if long_enough and tells_something(word) and not word.isdigit():
            found.setdefault(stem(word), word)
    return found


def _rarer(own: dict[str, str], holding: Counter[str]) -> list[str]:
    """The rarer half of a turn's words, those that other memories share first: a word that occurs nowhere else would
    give its turn away alone."""
    ranked = sorted(own, key=lambda root: (holding[root] == 1, holding[root], root))
    return [own[root] for root in ranked[: max(ASKED_FOR, len(ranked) // 2)]]


def _question(words: list[str], speaker: str) -> str:
    role = role_of(speaker)
    if cjk_share("".join(words)) > 0.5:
        who = {"user": "我", "assistant": "你"}.get(role, speaker)
        return f"关于{'、'.join(words[:-1])}和{words[-1]}，{who}说过什么？"
    who = {"user": "I", "assistant": "you"}.get(role, speaker)
    return f"What did {who} say about {', '.join(words[:-1])} and {words[-1]}?"
