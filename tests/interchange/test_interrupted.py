"""A kill -9 in the middle of an import; the same command again finishes the work."""

from __future__ import annotations

import io
import json
import os
import signal
import subprocess
import sys
from pathlib import Path

import pytest

from memory_store.interchange import export_file, export_jsonl, import_file
from memory_store.store import MemoryStore

TURNS = 60
SCRIPT = """
import sys
from memory_store.interchange import import_file, importing
from memory_store.store import MemoryStore

importing.BATCH = 7
with MemoryStore.open(sys.argv[1], indexing="off") as store:
    def progress(done, total):
        print(done, flush=True)
        sys.stdin.readline()
    import_file(store, sys.argv[2], progress=progress)
"""


def killed_import(store: Path, file: Path, batches: int) -> int:
    """Import in another process and kill it after ``batches`` acknowledged ones. Returns how many turns these held."""
    command = [sys.executable, "-c", SCRIPT, str(store), str(file)]
    with subprocess.Popen(command, stdin=subprocess.PIPE, stdout=subprocess.PIPE, text=True) as process:
        assert process.stdin is not None
        assert process.stdout is not None
        done = 0
        for _ in range(batches):
            done = int(process.stdout.readline())
            process.stdin.write("\n")
            process.stdin.flush()
        os.kill(process.pid, signal.SIGKILL)
    assert process.returncode == -signal.SIGKILL
    return done


def exported(store: MemoryStore) -> str:
    stream = io.StringIO()
    export_jsonl(store, stream, forgotten=True)
    return stream.getvalue()


@pytest.fixture
def backup(tmp_path: Path) -> Path:
    """Three conversations, one of them put away, notes, an edit, a pin."""
    with MemoryStore.open(tmp_path / "first", indexing="off") as store:
        for number in range(TURNS):
            thread = ("a", "b", "c", None)[number % 4]
            turn = store.remember(f"number {number}", conversation=thread, source_id=str(number))
            if number % 10 == 0:
                store.edit(turn.id, f"number {number}, really")
                store.pin(turn.id)
        store.delete_conversation("b")
        export_file(store, tmp_path / "backup.jsonl", forgotten=True)
    return tmp_path / "backup.jsonl"


@pytest.mark.parametrize("batches", [1, 4, 8])
def test_an_export_is_completed(tmp_path: Path, backup: Path, batches: int) -> None:
    done = killed_import(tmp_path / "second", backup, batches)
    with MemoryStore.open(tmp_path / "second", indexing="off") as store:
        present = len(store.memories(forgotten=None))
        assert done <= present < TURNS
        report = import_file(store, backup)
        assert (report.turns_new, report.turns_known) == (TURNS - present, present)
        assert exported(store) == backup.read_text()


def test_a_log_is_completed(tmp_path: Path) -> None:
    log = tmp_path / "log.jsonl"
    log.write_text(
        "".join(json.dumps({"role": "user", "content": str(n), "timestamp": n}) + "\n" for n in range(TURNS))
    )
    done = killed_import(tmp_path / "second", log, 3)
    with MemoryStore.open(tmp_path / "second", indexing="off") as store:
        assert done <= len(store.memories())
        import_file(store, log)
        (thread,) = store.conversations()
        assert [turn.text for turn in store.history(thread.id)] == [str(n) for n in range(TURNS)]
