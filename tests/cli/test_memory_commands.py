"""Seeing, correcting and erasing memories, through the real command."""

from __future__ import annotations

import os
import stat
from concurrent.futures import ThreadPoolExecutor
from pathlib import Path
from typing import Any

import pytest

from tests.command import Run

FIELDS = {"id", "source_id", "conversation", "speaker", "text", "said_at"}


@pytest.fixture
def note(mneme: Any) -> str:
    return str(mneme("memory", "note", "My cat is called Miso.", "--json").done().json[0]["id"])


def texts(ran: Any) -> list[str]:
    return [memory["text"] for memory in ran.done().json]


def test_a_note_is_listed_with_exactly_the_documented_fields(mneme: Any, note: str) -> None:
    [memory] = mneme("memory", "list", "--json").done().json
    assert set(memory) == FIELDS | {"standing", "pinned", "forgotten"}
    assert memory["id"] == note
    assert memory["text"] == "My cat is called Miso."
    assert memory["conversation"] is None
    assert memory["said_at"].endswith("Z")
    assert note in mneme("memory", "list").done().out


def test_search_gives_exactly_the_documented_fields_best_first(mneme: Any, note: str) -> None:
    mneme("memory", "note", "The spare key is with Ana.").done()
    found = mneme("memory", "search", "name of my cat", "--limit", "2", "--json").done().json
    more = {"score", "reasons", "standing", "folded", "explains", "superseded"}
    assert [set(one) for one in found] == [FIELDS | more] * len(found)
    assert found[0]["id"] == note
    assert found[0]["score"] == pytest.approx(sum(found[0]["reasons"].values()), abs=1e-3)
    printed = mneme("memory", "search", "name of my cat").done().out
    assert note in printed
    assert "because " in printed


def test_pin_forget_restore_take_the_beginning_of_an_id(mneme: Any, note: str) -> None:
    assert mneme("memory", "pin", note[:6]).done().out == f"{note}\n"
    assert mneme("memory", "list", "--pinned", "--json").done().json[0]["pinned"] is True
    mneme("memory", "unpin", note).done()
    assert mneme("memory", "list", "--pinned", "--json").done().json == []
    mneme("memory", "forget", note).done()
    assert mneme("memory", "list", "--json").done().json == []
    assert texts(mneme("memory", "list", "--forgotten", "--json")) == ["My cat is called Miso."]
    mneme("memory", "restore", note).done()
    assert texts(mneme("memory", "list", "--json")) == ["My cat is called Miso."]


def test_forgetting_several_with_one_unknown_forgets_none(mneme: Any, note: str) -> None:
    mneme("memory", "forget", note, "zzzzzzzz").refused("zzzzzzzz")
    assert len(mneme("memory", "list", "--json").done().json) == 1


def test_an_edit_keeps_the_earlier_wording(mneme: Any, note: str, tmp_path: Path) -> None:
    mneme("memory", "edit", note, "My cat is called Mochi.").done()
    editor = tmp_path / "editor.sh"
    editor.write_text('#!/bin/sh\nprintf "My cat is called Moka.\\n" > "$1"\n')
    editor.chmod(0o700)
    mneme("memory", "edit", note, env={"EDITOR": str(editor), "VISUAL": ""}).done()
    mneme("memory", "edit", note, "-", input="My cats are Moka and Miso.\n").done()
    shown = mneme("memory", "show", note, "--json").done().json
    assert shown["text"] == "My cats are Moka and Miso."
    wordings = ["My cat is called Miso.", "My cat is called Mochi.", "My cat is called Moka."]
    assert [revision["text"] for revision in shown["revisions"]] == wordings
    printed = mneme("memory", "show", note).done().out
    assert all(wording in printed for wording in wordings)


@pytest.mark.parametrize(("editor", "word"), [("/bin/false", "code 1"), ("/no/such/editor", "cannot be started")])
def test_an_editor_that_fails_changes_nothing(mneme: Any, note: str, editor: str, word: str) -> None:
    mneme("memory", "edit", note, env={"EDITOR": editor, "VISUAL": ""}).refused(word)
    assert mneme("memory", "show", note, "--json").done().json["revisions"] == []


def test_edit_without_an_editor_says_what_to_do(mneme: Any, note: str) -> None:
    mneme("memory", "edit", note, env={"EDITOR": "", "VISUAL": ""}).refused("EDITOR")


def test_a_prune_shows_reasons_and_does_nothing_until_told(mneme: Any) -> None:
    for name in ("Ana", "Ben", "Cem"):
        mneme("memory", "note", f"{name} is a friend.").done()
    planned = mneme("memory", "prune", "--matching", "friend", "--keep-last", "1").done()
    assert planned.out.count("because") == 2
    assert "add --yes" in planned.err
    assert len(mneme("memory", "list", "--json").done().json) == 3
    done = mneme("memory", "prune", "--matching", "friend", "--keep-last", "1", "--yes", "--json").done().json
    assert len(done["forgotten"]) == len(done["rows"]) == 2
    assert all(row["reason"] for row in done["rows"])
    assert texts(mneme("memory", "list", "--json")) == ["Cem is a friend."]


def test_a_prune_without_a_criterion_is_refused(mneme: Any) -> None:
    mneme("memory", "prune", "--yes").refused("criterion")


def test_a_purge_needs_a_yes_and_leaves_no_byte(mneme: Any, note: str, home: Path) -> None:
    mneme("memory", "note", "This one stays.").done()
    declined = mneme("memory", "purge", note)
    assert (declined.code, "add --yes" in declined.err) == (1, True)
    assert len(mneme("memory", "list", "--json").done().json) == 2
    receipt = mneme("memory", "purge", note, "--yes", "--json").done().json
    assert receipt["purged"] == [note]
    assert receipt["traces"] == []
    assert receipt["files_searched"] > 0
    files = [file for file in home.rglob("*") if file.is_file()]
    assert files
    assert not [file for file in files if b"Miso" in file.read_bytes()]
    assert texts(mneme("memory", "list", "--all", "--json")) == ["This one stays."]


def test_export_and_import_give_the_same_memory_elsewhere(mneme: Any, note: str, tmp_path: Path) -> None:
    mneme("memory", "pin", note).done()
    file = tmp_path / "backup.jsonl"
    mneme("memory", "export", str(file)).done()
    assert stat.S_IMODE(file.stat().st_mode) == 0o600
    assert file.read_text() == mneme("memory", "export").done().out
    mneme("memory", "export", str(file)).refused("--force")
    elsewhere = ("--home", str(tmp_path / "elsewhere"))
    assert mneme("memory", "import", str(file), "--json", *elsewhere).done().json["turns_new"] == 1
    assert mneme("memory", "import", str(file), "--json", *elsewhere).done().json["turns_new"] == 0
    again = mneme(*elsewhere, "memory", "list", "--json").done().json
    assert again == mneme("memory", "list", "--json").done().json


def test_check_stats_and_rebuild_after_the_index_was_deleted(mneme: Any, note: str, home: Path) -> None:
    report = mneme("memory", "check", "--json").done().json
    assert {"ok", "words", "vectors", "indexed", "queued", "problems"} <= set(report)
    assert (report["ok"], report["words"], report["vectors"], report["indexed"]) == (True, 1, 1, 1)
    assert mneme("memory", "rebuild", "--json").done().json["ok"] is True
    assert mneme("memory", "stats", "--json").done().json["memories"] == 1
    assert "memories" in mneme("memory", "stats").done().out


def test_the_profile_is_a_memory_of_its_own(mneme: Any, note: str, home: Path) -> None:
    mneme("--profile", "work", "memory", "note", "The deadline is Friday.").done()
    assert texts(mneme("memory", "list", "--json", "--profile", "work")) == ["The deadline is Friday."]
    assert texts(mneme("memory", "list", "--json")) == ["My cat is called Miso."]
    assert stat.S_IMODE((home / "profiles" / "work").stat().st_mode) == 0o700


def test_undo_shows_what_it_takes_back_and_does_it_when_told(mneme: Any, note: str) -> None:
    mneme("memory", "edit", note, "My cat is called Momo.").done()
    mneme("memory", "pin", note).done()
    shown = mneme("undo", "2", "--dry-run").done().out
    assert ["memory pin" in shown, "memory edit" in shown, "called Miso." in shown] == [True] * 3
    assert texts(mneme("memory", "list", "--json")) == ["My cat is called Momo."]
    back = mneme("undo", "2", "--yes", "--json").done().json
    assert (back["done"], [act["kind"] for act in back["acts"]]) == (True, ["pin", "edit"])
    assert texts(mneme("memory", "list", "--json")) == ["My cat is called Miso."]
    mneme("undo", "--redo", "--yes").done()
    assert texts(mneme("memory", "list", "--json")) == ["My cat is called Momo."]
    mneme("undo", "--act", "99").refused("no act 99")


def test_words_need_no_quotes(mneme: Run) -> None:
    mneme("memory", "note", "The", "key", "is", "with", "Ana.").done()
    found = mneme("memory", "search", "where", "is", "the", "key", "--json").done().json
    assert [one["text"] for one in found] == ["The key is with Ana."]
    mneme("memory", "search", " ").refused("no words to look for")


def test_a_dash_is_standard_output_and_input(mneme: Run, mneme_apart: Run, tmp_path: Path) -> None:
    mneme("memory", "note", "The key is with Ana.").done()
    exported = mneme("memory", "export", "-", cwd=tmp_path).done().out
    assert not (tmp_path / "-").exists()
    mneme("memory", "export", tmp_path).refused("is a folder")
    os.mkfifo(pipe := tmp_path / "pipe")
    with ThreadPoolExecutor(1) as pool:
        read = pool.submit(pipe.read_text)
        mneme("memory", "export", pipe).done()
        assert read.result(10) == exported
    assert pipe.is_fifo()
    mneme_apart("memory", "import", "-", "--profile", "copy", input=exported).done()
    assert mneme("memory", "export", "-", "--profile", "copy").done().out == exported


def test_a_kind_of_act_that_there_is_not_is_refused(mneme: Run) -> None:
    mneme("memory", "note", "The key is with Ana.").done()
    assert mneme("memory", "audit", "--act", "purge").done().err == "Nothing in the audit meets that.\n"
    refused = mneme("memory", "audit", "--act", "purged")
    assert (refused.code, "the kinds are" in refused.err) == (2, True)


def test_an_empty_list_says_whether_it_was_asked_for_less(mneme: Run) -> None:
    assert mneme("memory", "list").done().err == "Nothing is remembered.\n"
    mneme("memory", "note", "The key is with Ana.").done()
    for narrower in (("--matching", "lighthouse"), ("--pinned",), ("--before", "2020-01-01")):
        assert mneme("memory", "list", *narrower).done().err == "No memory meets that.\n"
    assert mneme("conversations", "list", "--matching", "key").done().err == "No conversation meets that.\n"
    mneme("memory", "note", "The lamp is with Ben.").done()
    assert "These are the newest 1: --limit lists more." in mneme("memory", "list", "--limit", "1").done().err
