"""Backups through the real command: made, listed, verified, refused, brought back."""

from __future__ import annotations

from pathlib import Path
from typing import Any

FIELDS = {"file", "size", "number", "made_at", "reason", "schema", "memories", "conversations", "revisions", "vectors"}
FIELDS |= {"bytes", "sha256", "encrypted"}


def test_a_life_with_backups(mneme: Any, tmp_path: Path) -> None:
    assert mneme("backup", "list", "--json").done().json == []
    mneme("memory", "note", "My cat is called Miso.").done()
    made = mneme("memory", "backup", "--to", str(tmp_path), "--json").done().json
    assert set(made) == FIELDS | {"deleted"}
    mneme("memory", "note", "Said after the backup.").done()
    asked = mneme("backup", "restore", made["file"])
    assert (asked.code, asked.out) == (1, "")
    assert "holds 1 memory; this profile has 2" in asked.err
    assert "add --yes" in asked.err
    done = mneme("memory", "restore-backup", made["file"], "--yes", "--json").done().json
    assert set(done) == FIELDS | {"kept"}
    [kept] = mneme("backup", "list", "--json").done().json
    assert (kept["file"], kept["reason"], kept["memories"]) == (done["kept"], "before a restore", 2)
    assert [one["text"] for one in mneme("memory", "list", "--json").done().json] == ["My cat is called Miso."]
    assert mneme("backup", "verify", "latest", "--json").done().json == kept | {"ok": True, "problem": None}


def test_a_backup_cut_short_is_refused_in_a_line(mneme: Any, tmp_path: Path) -> None:
    mneme("memory", "note", "My cat is called Miso.").done()
    whole = Path(mneme("backup", "create").done().out.strip())
    cut = tmp_path / "cut.zip"
    cut.write_bytes(whole.read_bytes()[:-100])
    mneme("backup", "restore", str(cut), "--yes").refused("cut.zip is cut short or damaged")
    told = mneme("backup", "verify", str(cut), "--json")
    assert (told.code, told.json["ok"]) == (1, False)
    mneme("backup", "restore", "12", "--yes").refused("no backup '12'")
    assert len(mneme("memory", "list", "--json").done().json) == 1
