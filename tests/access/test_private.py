"""Profiles are one user's: private from the first byte, mended where they were not, refused where another owns them."""

from __future__ import annotations

import os
import stat
import subprocess
import sys
from pathlib import Path
from typing import Any

import pytest

from memory_store import private
from memory_store.errors import StoreUnavailable
from tests.command import environment, run_here

needs_root = pytest.mark.skipif(not hasattr(os, "geteuid") or os.geteuid() != 0, reason="only root can give files away")
NOBODY = 65534


@pytest.fixture
def home(tmp_path: Path) -> Path:
    return tmp_path / "home"


@pytest.fixture
def mneme(home: Path) -> Any:
    return run_here(home)


def open_to_others(home: Path) -> list[str]:
    return sorted(str(place.relative_to(home)) for place in [home, *home.rglob("*")] if place.lstat().st_mode & 0o077)


def test_nothing_is_ever_open_to_others(tmp_path: Path, home: Path) -> None:
    """Under a generous umask, with everything a profile can hold: database, log, index, backups, state."""
    work = "import os; os.umask(0)\nfrom tui.cli import main\nimport sys\nsys.argv = ['mneme', *sys.argv[1:]]\nmain()"
    for arguments in (["memory", "note", "x"], ["memory", "check"], ["backup", "create"], ["ask", "hello"]):
        subprocess.run(
            [sys.executable, "-c", work, *arguments],
            env=environment(home),
            check=True,
            capture_output=True,
            timeout=120,
        )
    assert {file.name for file in (home / "profiles" / "default").iterdir()} >= {"memory.db", "chroma", "backups"}
    assert open_to_others(home) == []


def test_what_others_could_read_is_closed_and_told_once(mneme: Any, home: Path) -> None:
    mneme("memory", "note", "x").done()
    profile = home / "profiles" / "default"
    (profile / "config.toml").write_text("")
    for place in [profile, *profile.rglob("*")]:
        place.chmod(0o755 if place.is_dir() else 0o644)
    (home / "config.toml").write_text("")
    (home / "config.toml").chmod(0o664)
    told = mneme("memory", "list").done().err
    assert f"could look into {profile}. Now it is yours alone." in told
    assert f"could read {home / 'config.toml'}. Now" in told
    assert [place for place in open_to_others(home) if place.startswith("profiles/default")] == []
    assert stat.S_IMODE((home / "config.toml").stat().st_mode) == 0o600
    assert "yours alone" not in mneme("memory", "list").done().err


def test_files_in_a_closed_folder_are_closed_without_a_word(mneme: Any, home: Path) -> None:
    mneme("memory", "note", "x").done()
    (home / "profiles" / "default" / "memory.db").chmod(0o644)
    assert mneme("memory", "list").done().err == ""
    assert open_to_others(home / "profiles") == []


def test_links_are_not_followed(tmp_path: Path) -> None:
    folder, outside = tmp_path / "mine", tmp_path / "outside"
    folder.mkdir()
    folder.chmod(0o755)
    outside.mkdir()
    (outside / "open").write_text("")
    (outside / "open").chmod(0o644)
    (folder / "link").symlink_to(outside / "open")
    (folder / "folder").symlink_to(outside)
    assert private.made_private(folder)
    assert stat.S_IMODE((outside / "open").stat().st_mode) == 0o644
    assert not private.made_private(folder)


@needs_root
@pytest.mark.parametrize("theirs", ["folder", "database", "link"])
def test_what_is_somebody_elses_is_refused(mneme: Any, home: Path, tmp_path: Path, theirs: str) -> None:
    mneme("memory", "note", "x").done()
    profile = home / "profiles" / "default"
    if theirs == "folder":
        os.chown(profile, NOBODY, NOBODY)
    elif theirs == "database":
        os.chown(profile / "memory.db", NOBODY, NOBODY)
    else:
        (tmp_path / "trap").write_bytes((profile / "memory.db").read_bytes())
        os.chown(tmp_path / "trap", NOBODY, NOBODY)
        (profile / "memory.db").unlink()
        (profile / "memory.db").symlink_to(tmp_path / "trap")
    before = (profile / "memory.db").read_bytes()
    for command in (["memory", "list"], ["memory", "note", "y"], ["ask", "z"], ["memory", "encrypt"]):
        mneme(*command).refused("not to you", "--home")
    assert (profile / "memory.db").read_bytes() == before


@needs_root
def test_a_configuration_of_roots_is_trusted_and_anothers_is_not(tmp_path: Path) -> None:
    file = tmp_path / "config.toml"
    file.write_text("")
    private.assert_own(file, or_roots=True)
    os.chown(file, NOBODY, NOBODY)
    with pytest.raises(StoreUnavailable, match="belongs to"):
        private.file_made_private(file)


def test_profiles_do_not_see_each_other(mneme: Any) -> None:
    mneme("--profile", "ana", "memory", "note", "Ana's secret is a boat.").done()
    mneme("--profile", "ben", "memory", "note", "Ben likes tea.").done()
    assert [one["text"] for one in mneme("--profile", "ben", "memory", "list", "--json").done().json] == [
        "Ben likes tea."
    ]
    assert "boat" not in mneme("--profile", "ben", "memory", "search", "secret boat", "--json").done().out
    for name in ("../ana", "ana/..", ".ana", "a\0na"):
        mneme("--profile", name, "memory", "list").refused("cannot name a profile")
