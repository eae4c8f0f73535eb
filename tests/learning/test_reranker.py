"""A cross-encoder tuned for its owner: adopted where it finds more, used from the next opening on, and undone."""

from __future__ import annotations

import re
import shutil
from collections.abc import Iterator
from contextlib import contextmanager
from pathlib import Path

import pytest
import torch

from agent.learning.common import Wish
from agent.learning.rerank import Reranked, learn_to_rerank
from memory_store import MemoryStore
from memory_store.embedding import embedder_folder
from memory_store.errors import EmbedderError, NotLearned, RerankerError
from memory_store.learning import tuning
from memory_store.learning.labels import HELPFUL
from memory_store.learning.tuned import ORIGIN, Rerankers
from memory_store.learning.tuning import Tuning
from memory_store.reranking.cross_encoder import REASON
from tests.conftest import OpenStore
from tests.fakes import HashedWords
from tests.learning.making import filled
from tests.learning.test_learning import marked
from tests.reranking.making import tokenizer, untrained


class InAFolder(HashedWords):
    """An embedder from whose files something can be tuned."""

    def __init__(self, folder: Path, words: frozenset[str] = frozenset()) -> None:
        super().__init__()
        self.folder = folder
        self.words = words


@pytest.fixture(autouse=True)
def _quickly(monkeypatch: pytest.MonkeyPatch) -> None:
    """What has seen no language yet takes larger steps."""
    monkeypatch.setattr(tuning, "RATE", 3e-3)
    monkeypatch.setattr(tuning, "EPOCHS", 6)
    monkeypatch.setattr(tuning, "FROZEN", 0.0)


@pytest.fixture
def store(open_store: OpenStore) -> MemoryStore:
    return open_store()


@pytest.fixture
def embedder(store: MemoryStore, tmp_path: Path) -> InAFolder:
    """A small BERT that knows the words of the memories, and nothing about them."""
    marked(store, filled(store, 60))
    words = {word for turn in store.memories() for word in re.findall(r"\w+|[^\w\s]", turn.text.casefold())}
    made = untrained(words=len(words) + 64)
    made.bert.save_pretrained(tmp_path / "embedder")
    tokenizer({*words, "user", ":", "when", "was", "with"}).save_pretrained(tmp_path / "embedder")
    return InAFolder(tmp_path / "embedder")


@contextmanager
def silent(_what: str) -> Iterator[object]:
    yield lambda _done, _total: None


def reranked(store: MemoryStore, kept: Rerankers, embedder: InAFolder, *, dry_run: bool = False) -> Reranked:
    return learn_to_rerank(store, kept, embedder, silent, Wish(dry_run=dry_run))  # type: ignore[arg-type]


def test_what_is_tuned_finds_more_says_where_it_comes_from_and_can_be_undone(
    store: MemoryStore, embedder: InAFolder, open_store: OpenStore, tmp_path: Path
) -> None:
    kept = Rerankers(tmp_path / "profile", embedder)
    assert not reranked(store, kept, embedder, dry_run=True).adopted
    assert kept.folders() == []
    outcome = reranked(store, kept, embedder)
    assert outcome.adopted, outcome.reason
    assert outcome.trial is not None
    assert outcome.trial.compared["ndcg@10"].gain.low > 0
    assert outcome.sources == {HELPFUL: 60}
    tuned, refusal = kept.newest()
    assert refusal == ""
    assert tuned is not None
    assert (tuned.weight, tuned.provenance.queries) == (outcome.weight, 60)
    assert tuned.milliseconds > 0
    folder = kept.folders()[-1]
    assert folder.stat().st_mode & 0o077 == 0
    assert all(file.stat().st_mode & 0o077 == 0 for file in folder.iterdir())
    stage = kept.stage(pytest.fail)
    assert stage is not None
    again = open_store(stages=(stage,))
    best = [again.recall(one.text, limit=1)[0] for one in again.labels_given().items[:20]]
    assert any(REASON in hit.reasons for hit in best)
    assert sum("Monday" in hit.memory.text for hit in best) > 15
    assert kept.undo()
    assert (kept.stage(pytest.fail), kept.undo()) == (None, False)


def test_what_cannot_be_used_is_told_and_left_alone(
    store: MemoryStore, embedder: InAFolder, tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    kept = Rerankers(tmp_path / "profile", embedder)
    monkeypatch.setattr(tuning, "EPOCHS", 2)
    lessons = store.lessons_of(store.labels_given().items)
    with monkeypatch.context() as patched:
        patched.setattr(Tuning, "_loss", lambda self, _lessons: self.model.classifier.weight.sum() * torch.nan)
        with pytest.raises(NotLearned, match="no number"):
            reranked(store, kept, embedder)
    with pytest.raises(NotLearned, match="nothing to put first"):
        Tuning(embedder.folder).learn([one for one in lessons if not one.gold.any()])
    with pytest.raises(RerankerError, match="cannot be tuned"):
        Tuning(tmp_path / "nothing")
    with pytest.raises(EmbedderError, match="no model in a folder"):
        embedder_folder(HashedWords())
    assert kept.folders() == []


def test_damage_and_another_embedder_are_refused_with_the_reason(embedder: InAFolder, tmp_path: Path) -> None:
    from memory_store.learning.files import Provenance
    from memory_store.learning.tuned import Tuned

    kept = Rerankers(tmp_path / "profile", embedder)
    origin = Provenance("2026-11-25T12:00:00+00:00", embedder.fingerprint, embedder.name, {HELPFUL: 60}, 60, 60)
    for _ in range(3):
        kept.adopt(Tuning(embedder.folder).save, Tuned(origin, 0.3, 20, 5.0))
    assert [one.name for one in kept.folders()] == ["reranker-0002", "reranker-0003"]
    told: list[str] = []
    other = InAFolder(embedder.folder)
    other.fingerprint = "another"
    assert Rerankers(tmp_path / "profile", other).stage(told.append) is None
    assert "another embedding model" in told[-1]
    (kept.folders()[-1] / "config.json").unlink()
    assert kept.stage(told.append) is None
    assert "its files are damaged" in told[-1]
    file = kept.folders()[-1] / ORIGIN
    for broken in ("{", "[]", file.read_text("utf-8").replace("0.3", "-1"), '{"format": "mneme-reranker"}'):
        file.write_text(broken, "utf-8")
        assert kept.stage(told.append) is None
        assert "--undo` takes it away" in told[-1]
    assert kept.undo()
    assert kept.stage(pytest.fail) is not None
    shutil.rmtree(tmp_path / "profile")
    assert kept.stage(pytest.fail) is None
