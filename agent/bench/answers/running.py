"""All questions of a data set, in every mode asked for."""

from __future__ import annotations

import tempfile
from collections.abc import Sequence
from dataclasses import dataclass, field
from pathlib import Path
from typing import TYPE_CHECKING

from agent.bench.answers.answering import NAMES, Examiner, Mode, Reply
from agent.bench.data import DataSet
from agent.bench.embedding import CachingEmbedder
from agent.bench.site import Progress, imported
from agent.models.base import LanguageModel

if TYPE_CHECKING:
    from agent.settings import Settings


@dataclass(slots=True)
class Answered:
    """Replies by mode, each over all questions of the set, in the set's order."""

    data: DataSet
    replies: dict[Mode, list[Reply]] = field(default_factory=dict)


def answer(
    data: DataSet,
    embedder: CachingEmbedder,
    model: LanguageModel,
    settings: Settings,
    modes: Sequence[Mode],
    progress: Progress,
) -> Answered:
    """Ask everything. Each corpus is imported into a scratch store of its own, thrown away after it.

    Raises ModelError, InvalidInput for words that no store accepts, EmbedderError, StoreUnavailable (disk full).
    """
    into = Answered(data, {mode: [] for mode in modes})
    for corpus in data.corpora:
        if not corpus.questions:
            continue
        with tempfile.TemporaryDirectory(prefix="mneme-bench-") as folder:
            site = imported(Path(folder), corpus, embedder, progress)
            with site.open() as store:
                examiner = Examiner(site, store, model, settings)
                for mode in modes:
                    with progress(f"{corpus.name}: {NAMES[mode]}") as move:
                        for done, question in enumerate(corpus.questions, start=1):
                            into.replies[mode].append(examiner.ask(question, mode))
                            move(done, len(corpus.questions))
    return into
