"""What the app remembers about itself between two runs: not memories, only how it looked."""

from __future__ import annotations

import json
import logging
from pathlib import Path

log = logging.getLogger("mneme.tui")


class AppState:
    """A small JSON file of strings. Losing it costs nothing, so it never raises."""

    def __init__(self, folder: Path) -> None:
        self._file = folder / "app.json"
        self._values = self._read()

    def get(self, name: str, default: str) -> str:
        return self._values.get(name, default)

    def set(self, name: str, value: str) -> None:
        if self._values.get(name) == value:
            return
        self._values[name] = value
        try:
            self._file.parent.mkdir(parents=True, exist_ok=True, mode=0o700)
            draft = self._file.with_suffix(".new")
            draft.write_text(json.dumps(self._values, indent=1, sort_keys=True), encoding="utf-8")
            draft.replace(self._file)
        except OSError as error:
            log.warning("the app's state was not saved: %s", error)

    def _read(self) -> dict[str, str]:
        try:
            values = json.loads(self._file.read_text(encoding="utf-8"))
        except (OSError, ValueError):
            return {}
        return {str(k): v for k, v in values.items() if isinstance(v, str)} if isinstance(values, dict) else {}
