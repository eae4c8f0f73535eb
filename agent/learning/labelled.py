"""Labelled files to learn from: what `mneme bench recall` reads, and questions on one's own memory."""

from __future__ import annotations

import tempfile
from collections import Counter
from collections.abc import Callable, Mapping, Sequence
from dataclasses import dataclass, field
from functools import partial
from pathlib import Path
from typing import Generic, Protocol, TypeVar

import numpy as np
from numpy.typing import NDArray

from agent.bench.data import Corpus, DataError
from agent.bench.embedding import CachingEmbedder
from agent.bench.formats.files import read_lines
from agent.bench.formats.labelled import load_labelled
from agent.bench.formats.loading import detected, load
from agent.bench.site import Progress, imported
from memory_store import MemoryStore
from memory_store.errors import AmbiguousId, UnknownId
from memory_store.interchange.entries import FieldError, a_list, instant, text
from memory_store.learning.examples import Example
from memory_store.learning.labels import FORGOTTEN, Label, Labels, without_contradictions

NOT_HERE = "label of a memory that is not here"


Move = Callable[[int, int], None]


class Asked(Protocol):
    """What came of a question that was put to a store."""

    @property
    def wanted(self) -> int: ...
    @property
    def gold(self) -> NDArray[np.bool_]: ...
    @property
    def wrong(self) -> NDArray[np.bool_]: ...


Kind = TypeVar("Kind", bound=Asked)
Ask = Callable[[MemoryStore, Sequence[Label], Mapping[str, str] | None, Move], list[Kind]]
"""Puts questions to a store; the mapping says what counts as found when a memory is recalled, if not itself."""


def as_examples(
    store: MemoryStore, labels: Sequence[Label], keys: Mapping[str, str] | None, move: Move, *, hops: bool = False
) -> list[Example]:
    return store.examples_of(labels, keys=keys, hops=hops, progress=move)


@dataclass(slots=True)
class Gathered(Generic[Kind]):
    """What labelled files gave."""

    examples: list[Kind] = field(default_factory=list)
    own: Labels = field(default_factory=Labels)
    """Questions on the profile's own memories."""
    sources: Counter[str] = field(default_factory=Counter)
    skipped: Counter[str] = field(default_factory=Counter)


def gathered(
    paths: Sequence[Path],
    store: MemoryStore,
    embedder: CachingEmbedder,
    progress: Progress,
    format: str | None,
    ask: Ask[Kind],
) -> Gathered[Kind]:
    """Everything that ``paths`` hold. Files that bring their memories are put into scratch stores, thrown away after.

    Raises DataError, with the line; InvalidInput, EmbedderError, StoreUnavailable.
    """
    found: Gathered[Kind] = Gathered()
    for path in paths:
        if not path.exists():
            raise DataError(str(path), None, "there is no such file or folder")
        if format in {None, "jsonl"} and path.suffix == ".jsonl" and _only_asks(path):
            _questions(path, store, found)
        else:
            _corpora(path, format, embedder, progress, found, ask)
    found.own = without_contradictions(found.own)
    found.skipped += found.own.skipped
    return found


def _only_asks(path: Path) -> bool:
    """Whether there are questions in it, and no memories: it asks about the profile's own."""
    kinds = {str(row.get("type")) for _, row in read_lines(path) if "type" in row}
    return kinds == {"question"}


def _questions(path: Path, store: MemoryStore, into: Gathered[Kind]) -> None:
    for line, row in read_lines(path):
        if row.get("type") != "question":
            continue
        try:
            nothing: list[str] | None = [] if "wrong" in row else None
            named = [str(one) for one in a_list(row.get("evidence", nothing), '"evidence"')]
            wrong = [str(one) for one in a_list(row.get("wrong", []), '"wrong"')]
            asked, as_of = text(row, "text"), instant(row, "as_of")
        except FieldError as bad:
            raise DataError(str(path), line, str(bad)) from bad
        gold, not_gold = (_known(ids, store, into) for ids in (named, wrong))
        if gold or not_gold:
            into.own.items.append(Label(asked, gold, not_gold, as_of, sources=("labelled",) * len(gold | not_gold)))


def _known(ids: Sequence[str], store: MemoryStore, into: Gathered[Kind]) -> frozenset[str]:
    found = set()
    for one in ids:
        try:
            memory = store.get(one)
        except (UnknownId, AmbiguousId):
            into.skipped[NOT_HERE] += 1
            continue
        if memory.forgotten:
            into.skipped[FORGOTTEN] += 1
        else:
            found.add(memory.id)
    return frozenset(found)


def _corpora(
    path: Path,
    format: str | None,
    embedder: CachingEmbedder,
    progress: Progress,
    into: Gathered[Kind],
    ask: Ask[Kind],
) -> None:
    kind = format or detected(path)
    sets = [load_labelled(path, skip_unknown=True)] if kind == "jsonl" else load([path], kind)
    for data in sets:
        into.skipped += Counter({what: count for what, count in data.left_out.items() if count})
        for corpus in data.corpora:
            found = corpus_asked(corpus, embedder, progress, ask)
            into.examples += found
            into.sources[data.name] += sum(one.wanted for one in found)


def corpus_asked(corpus: Corpus, embedder: CachingEmbedder, progress: Progress, ask: Ask[Kind]) -> list[Kind]:
    """The questions of one corpus, put to a scratch store that holds it."""
    labels = [
        Label(one.text, one.evidence, as_of=one.as_of, group=corpus.name) for one in corpus.questions if one.evidence
    ]
    if not labels:
        return []
    with tempfile.TemporaryDirectory(prefix="mneme-learn-") as folder:
        site = imported(Path(folder), corpus, embedder, progress)
        keys = {name: corpus.keys[place] for name, place in site.places.items()}
        with site.open() as scratch, progress(f"{corpus.name}: asking") as move:
            return ask(scratch, labels, keys, move)


def corpus_examples(
    corpus: Corpus, embedder: CachingEmbedder, progress: Progress, *, hops: bool = False
) -> list[Example]:
    """The same, as examples for a head; ``hops``: with what a second hop reads."""
    return corpus_asked(corpus, embedder, progress, partial(as_examples, hops=hops))
