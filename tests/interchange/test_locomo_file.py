"""The real LoCoMo conversations, where they are at hand. They may not be shipped with mneme."""

from __future__ import annotations

import json
from collections.abc import Iterator
from pathlib import Path
from typing import Any

import pytest

from memory_store.interchange import import_file
from memory_store.store import MemoryStore

FILE = Path(__file__).parents[3] / "shared" / "data" / "locomo-dev.json"
pytestmark = pytest.mark.skipif(
    not FILE.exists(), reason=f"LoCoMo is not in {FILE.parent}: its licence forbids shipping it"
)


@pytest.fixture(scope="module")
def samples() -> Any:
    return json.loads(FILE.read_text())


@pytest.fixture(scope="module")
def store(tmp_path_factory: pytest.TempPathFactory) -> Iterator[MemoryStore]:
    with MemoryStore.open(tmp_path_factory.mktemp("locomo"), indexing="off") as opened:
        import_file(opened, FILE, format="locomo")
        yield opened


def turns_of(sample: Any) -> Iterator[tuple[str, Any]]:
    for key, value in sample["conversation"].items():
        if isinstance(value, list):
            for turn in value:
                yield f"{sample['sample_id']}/{key}", turn


def test_every_turn_is_there_word_for_word(store: MemoryStore, samples: Any) -> None:
    there = {(turn.conversation_id, turn.source_id): turn for turn in store.memories()}
    wanted = [pair for sample in samples for pair in turns_of(sample)]
    assert len(there) == len(wanted)
    for conversation, turn in wanted:
        kept = there[conversation, turn["dia_id"]]
        caption = turn.get("blip_caption")
        assert kept.text == turn["text"] + (f" [caption: {caption.strip()}]" if caption else "")
        assert kept.speaker == turn["speaker"]


def test_sessions_are_in_order_and_dated(store: MemoryStore, samples: Any) -> None:
    for conversation in store.conversations():
        turns = store.history(conversation.id)
        said = [turn.said_at for turn in turns]
        assert said == sorted(said)
        numbers = [int(turn.source_id.split(":")[1]) for turn in turns if turn.source_id is not None]
        assert numbers == sorted(numbers)
        assert 2022 <= conversation.created_at.year <= 2024


def test_all_evidence_can_be_found_by_its_id(store: MemoryStore, samples: Any) -> None:
    ids = {(str(turn.conversation_id).split("/")[0], turn.source_id) for turn in store.memories()}
    evidence = [(sample["sample_id"], turn) for sample in samples for one in sample["qa"] for turn in one["evidence"]]
    clean = [pair for pair in evidence if ":" in pair[1] and ";" not in pair[1] and " " not in pair[1]]
    assert sum(pair in ids for pair in clean) / len(clean) > 0.99


def test_importing_again_changes_nothing(store: MemoryStore, samples: Any) -> None:
    before = store.stats().memories
    report = import_file(store, FILE)
    assert (report.format, report.turns_new, report.turns_known) == ("locomo", 0, before)
