"""The passphrase in the system's keyring: the real package over a keyring in a file, through the installed command."""

from __future__ import annotations

import json
from collections.abc import Iterator
from functools import partial
from pathlib import Path
from typing import Any

import pytest

from agent import unlocking
from tests.encryption import file_keyring

ROOT = Path(__file__).parents[2]
ONE, OTHER = "correct horse battery", "staple of another kind"


@pytest.fixture
def environment(tmp_path: Path) -> dict[str, str]:
    pytest.importorskip("keyring")
    return {
        "PYTHONPATH": str(ROOT),
        "PYTHON_KEYRING_BACKEND": f"{file_keyring.__name__}.FileKeyring",
        file_keyring.FILE: str(tmp_path / "keyring.json"),
    }


@pytest.fixture
def apart(mneme_apart: Any, environment: dict[str, str]) -> Any:
    """In a process of its own, which finds the keyring by itself."""

    def run(*arguments: str, **more: str) -> Any:
        return mneme_apart(*arguments, env=environment | more, start_new_session=True)

    return run


@pytest.fixture
def alone(mneme: Any, environment: dict[str, str], monkeypatch: pytest.MonkeyPatch) -> Iterator[Any]:
    """In this process, with that keyring and without a terminal; it has forgotten what it was given before."""
    import keyring

    monkeypatch.setattr("tui.commands.passphrases.at_a_terminal", lambda: False)
    before = keyring.get_keyring()
    keyring.set_keyring(file_keyring.FileKeyring())

    def run(*arguments: str, **more: str) -> Any:
        unlocking.forget()
        return mneme(*arguments, env=environment | more)

    yield run
    keyring.set_keyring(before)


@pytest.mark.slow
def test_a_life_with_the_passphrase_in_the_keyring(alone: Any, apart: Any, home: Path, tmp_path: Path) -> None:
    mneme = alone
    keyring = tmp_path / "keyring.json"
    held = partial(lambda: list(json.loads(keyring.read_text()).values()))
    mneme("memory", "note", "My cat is called Miso.").done()
    told = apart("memory", "encrypt", "--keyring", MNEME_PASSPHRASE=ONE).done()
    assert "in the system's keyring" in told.err
    assert held() == [ONE]
    assert mneme("memory", "list", "--json").done().json[0]["text"] == "My cat is called Miso."
    mneme("memory", "change-passphrase", MNEME_NEW_PASSPHRASE=OTHER).done()
    assert held() == [OTHER]
    apart("ask", "What is my cat called?").done()
    mneme("memory", "list", MNEME_PASSPHRASE=ONE).refused("not the passphrase")  # what is given goes before it
    before = keyring.read_text()
    keyring.write_text("locked")
    mneme("memory", "list").refused("keyring", "KeyringLocked", "MNEME_PASSPHRASE")
    mneme("memory", "list", MNEME_PASSPHRASE=OTHER).done()
    mneme("memory", "change-passphrase", MNEME_PASSPHRASE=OTHER, MNEME_NEW_PASSPHRASE=ONE).refused("KeyringLocked")
    keyring.write_text("{}")
    mneme("memory", "list").refused("give its passphrase")
    keyring.write_text(before)
    mneme("memory", "list").done()
    mneme("memory", "decrypt", "--yes").done()
    assert held() == []
    mneme("memory", "list").done()
    assert not any(word.encode() in file.read_bytes() for file in home.rglob("*.toml") for word in (ONE, OTHER))


def test_a_keyring_that_cannot_be_used_is_said_before_anything_is_encrypted(
    alone: Any, apart: Any, tmp_path: Path
) -> None:
    alone("memory", "note", "My cat is called Miso.").done()
    (tmp_path / "keyring.json").write_text("locked")
    alone("memory", "encrypt", "--keyring", MNEME_PASSPHRASE=ONE).refused("KeyringLocked")
    assert "Miso" in alone("memory", "list").done().out
    nobody = {"PYTHON_KEYRING_BACKEND": "keyring.backends.fail.Keyring"}
    apart("memory", "encrypt", "--keyring", MNEME_PASSPHRASE=ONE, **nobody).refused("NoKeyringError")
