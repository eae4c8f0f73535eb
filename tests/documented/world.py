"""A home in which every example of the documentation has what it speaks of."""

from __future__ import annotations

import json
import shutil
from datetime import UTC, datetime, timedelta
from pathlib import Path

from memory_store import MemoryStore, VirtualClock
from memory_store.interchange import import_file
from tests.bench.making import locomo_sample, question
from tests.bench.making import memory as line
from tests.documented.examples import ROOT
from tests.interchange.exports import making
from tests.interchange.files import making as files
from tests.tiny_model.fixtures import CHECKPOINT

CONVERSATION = "c81dk2m9x4qa"
ELSEWHERE = {"/media/stick": "stick", "3fa2": "c81d"}
"""What an example names, and what stands for it here."""


def make_files(place: Path) -> None:
    """What the examples read, in the folder they are run in; it is the user's home folder too."""
    (place / "stick").mkdir(parents=True)
    (place / "scripts").mkdir()
    (place / "models").mkdir()
    (place / "docs").symlink_to(ROOT / "docs")
    for model in ("my-model", "models/small-chat", "models/qwen"):
        (place / model).symlink_to(CHECKPOINT)
    examples = ROOT / "docs" / "examples"
    for script in ("month.yaml", "talk.yaml", "scripts/one.yaml", "scripts/two.yaml"):
        shutil.copy(examples / "a-month-later.yaml", place / script)
    shutil.copy(examples / "recorded-chat.jsonl", place / "talk.jsonl")
    said = ["Hello Ben.", "My boat is called Aurora.", "A fine name.", "It is blue."]
    asked = {"question": "What is Ben's boat called?", "answer": "Aurora", "evidence": ["D1:2"], "category": 1}
    sample = locomo_sample("conv-1", "Ana", "Ben", said, qa=[asked])
    (place / "locomo10.json").write_text(json.dumps([sample]), "utf-8")
    questions = [
        question("What is my cat called?", "m1", answer="Miso"),
        question("Who has the key?", "m2", answer="Ana"),
    ]
    memories = [line("m1", "My cat is called Miso."), line("m2", "The spare key is with Ana.")]
    rows = [{"format": "mneme-memory", "version": 1}, *memories, *questions]
    (place / "questions.jsonl").write_text("".join(json.dumps(row) + "\n" for row in rows), "utf-8")
    chat = {"role": "user", "content": "My cat is called Miso.", "timestamp": "2026-10-20T18:00:00Z"}
    (place / "chat.json").write_text(json.dumps([chat]), "utf-8")
    (place / "lease.pdf").write_bytes(files.pdf(["The notice period is three months."]))
    (place / "notes").mkdir()
    (place / "notes" / "trips.md").write_text("# Trips\n\nLisbon.", "utf-8")
    files.picture(place / "bike.jpg", ["Frame 58"])
    making.zipped(place / "chatgpt-export.zip", {"conversations.json": making.chatgpt()})
    making.zipped(place / "WhatsApp Chat - Ana.zip", {"_chat.txt": making.WHATSAPP_PHONE})


def make_memory(home: Path, place: Path) -> None:
    """A memory of some weeks: a talk whose turns the examples name, notes, a forgotten one, acts, and seven backups."""
    clock = VirtualClock(datetime(2026, 10, 20, 18, tzinfo=UTC))
    with MemoryStore.open(home / "profiles" / "default", clock=clock, indexing="manual") as store:
        import_file(store, written(place / "memories.jsonl"))
        for number in range(17):
            store.remember(f"Note number {number} about the garden.")
            clock.advance(timedelta(hours=1))
        store.forget("p7aaw2c8n5ty")
        store.remember("Something to take back.")
        store.undo()
        for _ in range(7):
            clock.advance(timedelta(minutes=1))
            made = store.backup()
    shutil.copy(made.backup.file, place / "stick" / "0007-20261125T091810Z.zip")
    shutil.copy(place / "memories.jsonl", place / "backup.jsonl")


def written(file: Path) -> Path:
    talk = {"type": "conversation", "id": CONVERSATION, "title": "Holidays", "created_at": "2026-01-20T18:00:00Z"}
    turns = [
        ("q2w8e5r1t6yu", "user", "My cat is called Mizo."),
        ("k3f9v2d7hq0a", "user", "We took a trip to Lisbon with my cat Miso."),
        ("p7aaw2c8n5ty", "Ana", "The ferry was late."),
        ("z8p1c0w5re6t", "assistant", "A fine trip."),
    ]
    rows = [
        line(name, text, speaker=who, conversation=CONVERSATION, said_at=f"2026-01-20T18:0{minute}:00Z")
        for minute, (name, who, text) in enumerate(turns)
    ]
    file.write_text("".join(json.dumps(row) + "\n" for row in [{"format": "mneme-memory", "version": 2}, talk, *rows]))
    return file
