"""Files into a store: the format found out, nothing half-done, the report."""

from __future__ import annotations

import json
from datetime import UTC, datetime
from pathlib import Path
from typing import Any

import pytest

from memory_store.clock import VirtualClock
from memory_store.errors import ImportFailed, InvalidInput
from memory_store.interchange import FORMATS, export_file, import_file
from memory_store.interchange import importing as importing_module
from memory_store.store import MemoryStore
from tests.conftest import ON_BOTH, OpenStore

NOW = datetime(2026, 11, 22, tzinfo=UTC)
HELLO = {"role": "user", "content": "Hello"}
HI = {"role": "assistant", "content": "Hi"}
LOCOMO = {
    "sample_id": "conv-7",
    "conversation": {
        "speaker_a": "Ana",
        "speaker_b": "Bo",
        "session_1_date_time": "1:56 pm on 8 May, 2023",
        "session_1": [{"speaker": "Ana", "dia_id": "D1:1", "text": "Hi!"}],
    },
}


@pytest.fixture
def store(open_store: OpenStore) -> MemoryStore:
    return open_store(clock=VirtualClock(NOW), indexing="off")


def write(folder: Path, content: Any, *, lines: bool = False, **how: Any) -> Path:
    path = folder / "log.json"
    words = "".join(json.dumps(row) + "\n" for row in content) if lines else json.dumps(content, **how)
    path.write_text(words)
    return path


def texts(store: MemoryStore) -> list[str]:
    return [turn.text for turn in store.memories(newest_first=False)]


@pytest.mark.parametrize("how", [{}, {"indent": 2}])
@pytest.mark.parametrize(
    ("content", "format"),
    [
        ([HELLO, HI], "openai-messages"),
        ({"messages": [HELLO, HI]}, "openai-messages"),
        ([LOCOMO], "locomo"),
        (LOCOMO, "locomo"),
    ],
)
def test_a_document_is_recognised(store: MemoryStore, tmp_path: Path, content: Any, format: str, how: Any) -> None:
    report = import_file(store, write(tmp_path, content, **how))
    assert (report.format, report.turns_known, report.conversations) == (format, 0, 1)
    assert report.turns_new == len(texts(store)) > 0
    assert import_file(store, tmp_path / "log.json", format=format).turns_new == 0


@pytest.mark.parametrize("rows", [[HELLO, HI], [{"messages": [HELLO]}, {"messages": [HI]}]])
@pytest.mark.parametrize("format", [None, "jsonl", "openai-messages"])
def test_lines_are_recognised(store: MemoryStore, tmp_path: Path, rows: Any, format: str | None) -> None:
    path = write(tmp_path, rows, lines=True)
    assert import_file(store, path, format=format).turns_new == 2
    assert texts(store) == ["Hello", "Hi"]


@pytest.mark.parametrize("format", [None, "jsonl", "mneme"])
def test_an_export_is_recognised(store: MemoryStore, tmp_path: Path, format: str | None) -> None:
    store.remember("Hello")
    export_file(store, tmp_path / "out")
    report = import_file(store, tmp_path / "out", format=format)
    assert (report.format, report.turns_known) == ("mneme", 1)


def test_every_format_has_a_name_and_no_other(store: MemoryStore, tmp_path: Path) -> None:
    with pytest.raises(InvalidInput, match=f"There is no format 'xml'. Choose one of: {', '.join(FORMATS)}."):
        import_file(store, write(tmp_path, [HELLO]), format="xml")


@pytest.mark.parametrize("content", [b"", b"\n \n", b"\xef\xbb\xbf"])
def test_an_empty_file(store: MemoryStore, tmp_path: Path, content: bytes) -> None:
    (tmp_path / "log").write_bytes(content)
    with pytest.raises(ImportFailed, match=r"the file is empty\. Nothing was imported\."):
        import_file(store, tmp_path / "log")


@pytest.mark.parametrize("content", [{}, [], 3, "words", {"a": 1}, [[]], [1]])
def test_something_else(store: MemoryStore, tmp_path: Path, content: Any) -> None:
    with pytest.raises(ImportFailed, match="none of the formats mneme reads"):
        import_file(store, write(tmp_path, content))


def test_a_broken_last_line_imports_nothing(
    store: MemoryStore, tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr(importing_module, "BATCH", 2)
    path = write(tmp_path, [HELLO, HI] * 5, lines=True)
    path.write_text(path.read_text() + '{"role": "user", "content": "cut o')
    with pytest.raises(ImportFailed, match=r"log\.json, line 11: not valid JSON .*\. Nothing was imported\."):
        import_file(store, path)
    assert texts(store) == []
    assert store.conversations(archived=None) == []


def test_marks_endings_and_blank_lines_make_no_difference(store: MemoryStore, tmp_path: Path) -> None:
    plain = write(tmp_path, [HELLO, HI], lines=True)
    import_file(store, plain)
    plain.write_bytes(b"\xef\xbb\xbf" + plain.read_bytes().replace(b"\n", b"\r\n\r\n"))
    assert import_file(store, plain).turns_known == 2


def test_progress_and_batches(store: MemoryStore, tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(importing_module, "BATCH", 2)
    seen: list[tuple[int, int]] = []
    path = write(tmp_path, [HELLO | {"content": str(n)} for n in range(5)], lines=True)
    report = import_file(store, path, progress=lambda done, total: seen.append((done, total)))
    assert seen == [(2, 5), (4, 5), (5, 5)]
    assert report.turns_new == 5
    monkeypatch.setattr(importing_module, "BATCH_LETTERS", 3)
    seen.clear()
    path = write(tmp_path, [HELLO | {"content": text} for text in ("long words", "a", "b")], lines=True)
    import_file(store, path, progress=lambda done, total: seen.append((done, total)))
    assert seen == [(1, 3), (3, 3)]


def test_dates_are_those_of_the_source(store: MemoryStore, tmp_path: Path) -> None:
    import_file(store, write(tmp_path, LOCOMO))
    (thread,) = store.conversations()
    assert (thread.id, thread.title) == ("conv-7/session_1", "Ana & Bo, session 1 (conv-7)")
    assert thread.created_at == thread.updated_at == datetime(2023, 5, 8, 13, 56, tzinfo=UTC)
    (turn,) = store.memories()
    assert (turn.said_at, turn.source_id, turn.speaker) == (thread.created_at, "D1:1", "Ana")


def test_a_message_without_a_date_is_dated_by_its_neighbours(store: MemoryStore, tmp_path: Path) -> None:
    rows = [HELLO, HI | {"timestamp": 0}, HELLO, HI | {"timestamp": 60}, {"role": "user", "content": "Bye"}]
    report = import_file(store, write(tmp_path, rows, lines=True))
    assert [turn.said_at.timestamp() for turn in store.memories(newest_first=False)] == [0, 0, 0, 60, 60]
    assert report.notes == ("3 messages had no date: dated like the one before, or now.",)


def test_without_any_date_it_is_now(store: MemoryStore, tmp_path: Path) -> None:
    import_file(store, write(tmp_path, [HELLO, HI], lines=True))
    assert {turn.said_at for turn in store.memories()} == {NOW}
    assert [turn.text for turn in store.history(store.conversations()[0].id)] == ["Hello", "Hi"]


def test_what_was_skipped_is_reported(store: MemoryStore, tmp_path: Path) -> None:
    system, silent = {"role": "system", "content": "x"}, {"role": "assistant", "content": None}
    report = import_file(store, write(tmp_path, [system, HELLO | {"timestamp": 0}, silent, silent], lines=True))
    assert report.notes == ("2 messages without text skipped.", "1 system message skipped.")
    assert report.turns_new == 1


@ON_BOTH
def test_a_log_that_grew_adds_what_is_new(store: MemoryStore, tmp_path: Path) -> None:
    import_file(store, write(tmp_path, [HELLO, HI], lines=True))
    report = import_file(store, write(tmp_path, [HELLO, HI, HELLO], lines=True))
    assert (report.turns_new, report.turns_known) == (1, 2)
    assert [turn.text for turn in store.history(store.conversations()[0].id)] == ["Hello", "Hi", "Hello"]


@ON_BOTH
def test_what_was_edited_or_forgotten_does_not_come_back(store: MemoryStore, tmp_path: Path) -> None:
    path = write(tmp_path, [HELLO, HI], lines=True)
    import_file(store, path)
    first, second = store.memories(newest_first=False)
    store.edit(first.id, "Good morning")
    store.forget(second.id)
    assert import_file(store, path).turns_new == 0
    assert texts(store) == ["Good morning"]


def test_ids_that_stand_twice_in_a_file_are_told_of(store: MemoryStore, tmp_path: Path) -> None:
    rows = [HELLO | {"id": "1"}, HI | {"id": "1"}, HELLO | {"id": "2"}, HELLO | {"id": "2"}]
    report = import_file(store, write(tmp_path, rows))
    assert (report.turns_new, report.turns_known) == (3, 1)
    assert "1 message had the id of an earlier one and other words: each is kept." in report.notes
    assert "1 message stood in the file before, with the same id and words: kept once." in report.notes
