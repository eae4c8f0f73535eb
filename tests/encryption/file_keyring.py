"""A keyring in a file, for the real keyring package: what the system's own one does, where there is no desktop."""

from __future__ import annotations

import json
import os
from pathlib import Path

from keyring.backend import KeyringBackend
from keyring.errors import KeyringLocked, PasswordDeleteError

FILE = "TEST_KEYRING_FILE"
"""Names the file. One that says ``locked`` is a keyring that nobody has unlocked."""


class FileKeyring(KeyringBackend):
    priority = 1  # type: ignore[assignment]

    def get_password(self, service: str, username: str) -> str | None:
        return self._held().get(f"{service} {username}")

    def set_password(self, service: str, username: str, password: str) -> None:
        self._keep(self._held() | {f"{service} {username}": password})

    def delete_password(self, service: str, username: str) -> None:
        held = self._held()
        if held.pop(f"{service} {username}", None) is None:
            raise PasswordDeleteError("none")
        self._keep(held)

    def _held(self) -> dict[str, str]:
        text = self._file.read_text() if self._file.exists() else "{}"
        if text == "locked":
            raise KeyringLocked("locked")
        return dict(json.loads(text))

    def _keep(self, held: dict[str, str]) -> None:
        self._file.write_text(json.dumps(held))

    @property
    def _file(self) -> Path:
        return Path(os.environ[FILE])
