"""Encryption through the real command: the passphrase typed, in the environment, by a descriptor; never shown."""

from __future__ import annotations

import json
import os
import sys
from functools import partial
from pathlib import Path
from typing import Any

import pexpect
import pytest

from agent import unlocking

COMMAND = str(Path(sys.executable).with_name("mneme"))
ONE = "correct horse battery"
OTHER = "staple of another kind"


@pytest.fixture
def apart(mneme_apart: Any) -> Any:
    """In a process of its own, without a terminal: there is nobody to ask."""
    return partial(mneme_apart, start_new_session=True)


@pytest.fixture
def alone(mneme: Any, monkeypatch: pytest.MonkeyPatch) -> Any:
    """In this process, which each time has forgotten what it was given before; there is nobody to ask here either."""
    monkeypatch.setattr("tui.commands.passphrases.at_a_terminal", lambda: False)

    def run(*arguments: str, **more: Any) -> Any:
        unlocking.forget()
        return mneme(*arguments, **more)

    return run


def given(passphrase: str, **more: str) -> dict[str, dict[str, str]]:
    return {"env": {"MNEME_PASSPHRASE": passphrase} | more}


@pytest.mark.slow
def test_a_life_under_a_passphrase(alone: Any, apart: Any, home: Path) -> None:
    mneme = alone
    mneme("memory", "note", "My cat is called Miso.").done()
    mneme("backup", "create").done()
    done = apart("memory", "encrypt", "--json", **given(ONE)).done().json
    assert (done["encrypted"], done["traces"], len(done["backups"])) == (True, [], 1)
    apart("memory", "list").refused("encrypted")
    for words in (["memory", "list"], ["ask", "hello"], ["memory", "stats"], ["memory", "decrypt", "--yes"]):
        mneme(*words).refused("encrypted" if words[1] != "decrypt" else "passphrase")
    mneme("memory", "list", **given(OTHER)).refused("That is not the passphrase")
    assert mneme("memory", "search", "cat", "--json", **given(ONE)).done().json[0]["text"] == "My cat is called Miso."
    assert mneme("memory", "stats", "--json", **given(ONE)).done().json["encrypted"]
    mneme("memory", "encrypt", **given(ONE)).refused("encrypted already")
    mneme("memory", "change-passphrase", **given(ONE, MNEME_NEW_PASSPHRASE="short")).refused("at least 8 characters")
    mneme("memory", "change-passphrase", **given(ONE, MNEME_NEW_PASSPHRASE=OTHER)).done()
    audit = mneme("memory", "audit", "--json", **given(OTHER)).done().json
    assert {"encrypt", "change_passphrase"} <= {act["kind"] for act in audit}
    reader, writer = os.pipe()
    os.write(writer, f"{OTHER}\n".encode())
    os.close(writer)
    listed = apart("memory", "list", "--json", env={"MNEME_PASSPHRASE_FD": str(reader)}, pass_fds=(reader,))
    assert len(listed.done().json) == 1
    for file in home.rglob("*"):
        if file.is_file():
            held = file.read_bytes()
            assert b"Miso" not in held, file
            assert ONE.encode() not in held, file
            assert OTHER.encode() not in held, file


def test_it_is_asked_for_at_a_terminal_and_not_shown(alone: Any, home: Path) -> None:
    environment = {name: value for name, value in os.environ.items() if not name.startswith("MNEME_")}
    environment |= {"MNEME_HOME": str(home), "TERM": "dumb"}

    def at_a_terminal(*arguments: str) -> Any:
        return pexpect.spawn(COMMAND, [*arguments], env=environment, encoding="utf-8", timeout=60, dimensions=(24, 200))

    child = at_a_terminal("memory", "encrypt")
    child.expect("New passphrase.*: ")
    child.sendline(ONE)
    child.expect("Once more: ")
    child.sendline(ONE)
    child.expect(pexpect.EOF)
    assert ONE not in child.before
    assert "no word and no vector" in child.before
    alone("memory", "note", "Said in secret.", **given(ONE)).done()
    child = at_a_terminal("memory", "list", "--json")
    for wrong in ("no such word", "nor this one"):
        child.expect("Passphrase of profile default: ")
        child.sendline(wrong)
        child.expect("That is not it")
    child.expect("Passphrase of profile default: ")
    child.sendline(ONE)
    child.expect(pexpect.EOF)
    assert json.loads(child.before)[0]["text"] == "Said in secret."


@pytest.mark.parametrize("wish", [{"MNEME_PRIVACY__ENCRYPT_NEW": "true"}])
def test_profiles_that_are_begun_encrypted(alone: Any, home: Path, wish: dict[str, str]) -> None:
    alone("memory", "note", "too soon", env=wish).refused("is new, and is to be encrypted")
    alone("memory", "note", "in time", **given(ONE, **wish)).done()
    alone("memory", "list").refused("encrypted")
    assert b"in time" not in (home / "profiles" / "default" / "memory.db").read_bytes()
