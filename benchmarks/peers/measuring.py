"""A data set measured: mneme and its baselines as `mneme bench recall` does it, then each peer on the same."""

from __future__ import annotations

from collections.abc import Callable
from contextlib import AbstractContextManager
from dataclasses import dataclass, field
from pathlib import Path
from typing import Any

import numpy as np

from agent.bench.asking import Answers
from agent.bench.data import DataSet
from agent.bench.embedding import CachingEmbedder
from agent.bench.report import report
from agent.bench.running import DEPTHS, Wanted, measure
from agent.bench.site import Progress
from benchmarks.peers.catalogue import Peer, PeerFailed
from benchmarks.peers.driving import Heard, ask_peer
from benchmarks.peers.environments import Say, python_of
from benchmarks.peers.plan import texts

Row = dict[str, Any]
Building = Callable[[str], AbstractContextManager[Say]]
"""Begins something slow; what it gives is told each step."""


@dataclass(slots=True)
class Pythons:
    """Each peer's interpreter, or why there is none."""

    found: dict[str, Path] = field(default_factory=dict)
    failed: dict[str, str] = field(default_factory=dict)


def prepared(peers: tuple[Peer, ...], root: Path, building: Building) -> Pythons:
    """Environments for all of them. A peer whose environment cannot be built is left out, with the reason."""
    pythons = Pythons()
    for peer in peers:
        try:
            with building(f"building an environment for {peer.title}, once") as say:
                pythons.found[peer.name] = python_of(peer, root, say)
        except PeerFailed as reason:
            pythons.failed[peer.name] = str(reason)
    return pythons


def side_by_side(
    data: DataSet,
    peers: tuple[Peer, ...],
    pythons: Pythons,
    embedder: CachingEmbedder,
    progress: Progress,
    *,
    minutes: float,
    seed: int,
) -> Row:
    """The report of `mneme bench recall` with the peers as further methods, and ``peers``: their versions, times and
    failures.

    Raises InvalidInput for words that no store accepts, EmbedderError, StoreUnavailable (disk full).
    """
    measured = measure(data, embedder, Wanted(terms=False), progress)
    told: Row = {}
    for peer in peers:
        try:
            if peer.name in pythons.failed:
                raise PeerFailed(pythons.failed[peer.name])
            answers, heard = _all_stores(peer, pythons.found[peer.name], data, embedder, progress, minutes)
        except PeerFailed as reason:
            told[peer.name] = {"title": peer.title, "failed": str(reason)}
        else:
            measured.answers[peer.title] = answers
            told[peer.name] = _told(peer, answers, heard)
    found = report(measured, seed=seed)
    return found | {"peers": told}


def _all_stores(
    peer: Peer, python: Path, data: DataSet, embedder: CachingEmbedder, progress: Progress, minutes: float
) -> tuple[Answers, list[Heard]]:
    """One store a corpus, as mneme has. Keys as the data set counts them: turns, or their sessions."""
    answers, all_heard = Answers(), []
    for corpus in data.corpora:
        if not corpus.questions:
            continue
        with progress(f"{peer.title}: {corpus.name}") as move:
            embedder.encode(texts(corpus))  # together: a product that adds one at a time shall not wait for that
            heard = ask_peer(peer, python, corpus, DEPTHS[data.unit], embedder, move, minutes=minutes)
        all_heard.append(heard)
        for number in range(len(corpus.questions)):
            answers.ranked.append([corpus.keys[place] for place in heard.found[number]])
            answers.seconds.append(heard.seconds[number])
    return answers, all_heard


def _told(peer: Peer, answers: Answers, heard: list[Heard]) -> Row:
    return {
        "title": peer.title,
        "version": heard[-1].version,
        "ms": {
            "median": round(float(np.median(answers.seconds)) * 1000, 2),
            "p95": round(float(np.percentile(answers.seconds, 95)) * 1000, 2),
        },
        "reached_for": sorted({host for one in heard for host in one.reached_for}),
    }
