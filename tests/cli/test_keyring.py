"""The passphrase in the system's keyring: the real package over a keyring in a file, through the installed command."""

from __future__ import annotations

import json
from functools import partial
from pathlib import Path
from typing import Any

import pytest

from tests.encryption import file_keyring

ROOT = Path(__file__).parents[2]
ONE, OTHER = "correct horse battery", "staple of another kind"


@pytest.fixture
def mneme(mneme_apart: Any, tmp_path: Path) -> Any:
    pytest.importorskip("keyring")
    environment = {
        "PYTHONPATH": str(ROOT),
        "PYTHON_KEYRING_BACKEND": f"{file_keyring.__name__}.FileKeyring",
        file_keyring.FILE: str(tmp_path / "keyring.json"),
    }

    def run(*arguments: str, **more: str) -> Any:
        return mneme_apart(*arguments, env=environment | more, start_new_session=True)

    return run


@pytest.mark.slow
def test_a_life_with_the_passphrase_in_the_keyring(mneme: Any, home: Path, tmp_path: Path) -> None:
    keyring = tmp_path / "keyring.json"
    held = partial(lambda: list(json.loads(keyring.read_text()).values()))
    mneme("memory", "note", "My cat is called Miso.").done()
    told = mneme("memory", "encrypt", "--keyring", MNEME_PASSPHRASE=ONE).done()
    assert "in the system's keyring" in told.err
    assert held() == [ONE]
    assert mneme("memory", "list", "--json").done().json[0]["text"] == "My cat is called Miso."
    mneme("memory", "change-passphrase", MNEME_NEW_PASSPHRASE=OTHER).done()
    assert held() == [OTHER]
    mneme("ask", "What is my cat called?").done()
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


def test_a_keyring_that_cannot_be_used_is_said_before_anything_is_encrypted(mneme: Any, tmp_path: Path) -> None:
    mneme("memory", "note", "My cat is called Miso.").done()
    (tmp_path / "keyring.json").write_text("locked")
    mneme("memory", "encrypt", "--keyring", MNEME_PASSPHRASE=ONE).refused("KeyringLocked")
    assert "Miso" in mneme("memory", "list").done().out
    nobody = {"PYTHON_KEYRING_BACKEND": "keyring.backends.fail.Keyring"}
    mneme("memory", "encrypt", "--keyring", MNEME_PASSPHRASE=ONE, **nobody).refused("NoKeyringError")
