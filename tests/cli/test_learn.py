"""`mneme learn` as a person runs it."""

from __future__ import annotations

import json
from pathlib import Path

import numpy as np
import pytest

from agent.opening import open_memory
from agent.settings import load_settings
from memory_store.embedding import default_embedder
from memory_store.learning.files import Provenance
from tests.command import Run
from tests.learning.test_head import drawn_head

FIGURE = {"formula": 0.5, "head": 0.6, "gain": 0.1, "low": 0.05, "high": 0.15}


def adopted(home: Path) -> None:
    """What an earlier `mneme learn` left."""
    embedder = default_embedder()
    known = Provenance(
        "2026-11-25T12:00:00+00:00",
        embedder.fingerprint,
        embedder.name,
        {"marked helpful": 60},
        60,
        60,
        held_out={"ndcg@10": FIGURE},
    )
    with open_memory(load_settings(home, None), indexing="off") as store:
        store.adopt_head(drawn_head(np.random.default_rng(1), strength=0.3), known)


def test_nothing_to_learn_from(mneme: Run) -> None:
    mneme("memory", "note", "My cat is called Miso.").done()
    ran = mneme("learn")
    assert ran.code == 0
    assert ran.out.startswith("There is nothing to learn from yet.")
    found = mneme("learn", "--json").done().json
    assert found["adopted"] is False
    assert found["pairs"] == 0
    assert found["held_out"] is None


def test_questions_on_ones_own_memory_skip_what_is_not_there(mneme: Run, tmp_path: Path) -> None:
    note = mneme("memory", "note", "My cat is called Miso.", "--json").done().json[0]["id"]
    file = tmp_path / "questions.jsonl"
    hidden = mneme("memory", "note", "My dog is called Rex.", "--json").done().json[0]["id"]
    mneme("memory", "forget", hidden).done()
    rows = [{"type": "question", "text": "Who is Miso?", "evidence": [one]} for one in (note, "gone1", hidden)]
    file.write_text("".join(json.dumps(row) + "\n" for row in rows), "utf-8")
    found = mneme("learn", "--from", str(file), "--json").done().json
    assert found["sources"] == {"labelled": 1}
    assert found["skipped"] == {"label of a memory that is not here": 1, "label of a memory that is forgotten": 1}
    assert "of the 40 queries needed" in found["reason"]


def test_a_file_that_cannot_be_read_is_told_with_its_line(mneme: Run, tmp_path: Path) -> None:
    file = tmp_path / "questions.jsonl"
    file.write_text('{"type": "question", "text": "Who?", "evidence": "k3f9"}\n', "utf-8")
    ran = mneme("learn", "--from", str(file))
    assert ran.code == 2
    assert "line 1" in ran.err
    assert mneme("learn", "--from", str(tmp_path / "none.jsonl")).code == 2
    assert mneme("learn", "--undo", "--dry-run").code == 2


def test_a_folder_that_vanishes_while_it_is_looked_through(
    mneme: Run, tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    def gone(_path: Path) -> bool:
        raise FileNotFoundError(2, "No such file or directory")

    monkeypatch.setattr("agent.bench.formats.loading.is_beam", gone)
    ran = mneme("learn", "--from", str(tmp_path))
    assert (ran.code, "cannot be looked through: No such file" in ran.err) == (2, True)


def test_what_was_wrong_may_be_said_alone(mneme: Run, tmp_path: Path) -> None:
    note = mneme("memory", "note", "My cat is called Miso.", "--json").done().json[0]["id"]
    file = tmp_path / "questions.jsonl"
    file.write_text(json.dumps({"type": "question", "text": "Who is Rex?", "wrong": [note]}) + "\n", "utf-8")
    assert "nothing what was wanted" in mneme("learn", "--from", str(file)).done().out


def test_status_and_undo(mneme: Run, home: Path) -> None:
    mneme("memory", "note", "My cat is called Miso.").done()
    adopted(home)
    told = mneme("learn", "--status").done().out
    assert told.startswith("What was learned is in force.")
    assert "50.0 -> 60.0" in told
    why = mneme("memory", "search", "cat", "--json").done().json[0]
    assert why["score"] == pytest.approx(sum(why["reasons"].values()))
    off = mneme("learn", "--status", "--json", env={"MNEME_RECALL__LEARNED": "false"}).done().json
    assert (off["in_force"], off["switched_on"], off["kept"]) == (False, False, 1)
    assert "The fixed formula is in force" in mneme("learn", "--undo").done().out
    assert mneme("learn", "--undo").err.startswith("Nothing was learned here")


def test_a_reranker_that_there_is_too_little_for(mneme: Run, home: Path) -> None:
    mneme("memory", "note", "My cat is called Miso.").done()
    assert mneme("learn", "--reranker").done().out.startswith("There is nothing to learn from yet.")
    found = mneme("learn", "--reranker", "--json").done().json
    assert (found["adopted"], found["weight"], found["held_out"]) == (False, 0, None)
    assert mneme("learn", "--reranker", "--undo").err.startswith("No reranker was tuned here.")
    broken = home / "profiles" / "default" / "learned" / "reranker-0001"
    broken.mkdir(parents=True)
    assert "A reranker was tuned, and cannot be used" in mneme("learn", "--status").done().out
    assert "is not used: its file cannot be read" in mneme("memory", "search", "cat").done().err
    assert "tuned by `mneme learn --reranker`" in mneme("memory", "policy").done().out
    mneme("learn", "--reranker", "--undo").done()
    assert not broken.exists()
    assert mneme("memory", "search", "cat").done().err == ""
