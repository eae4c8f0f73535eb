"""Under which licence a model may be used, as far as its own files tell."""

from __future__ import annotations

import re
from pathlib import Path
from typing import Any

from agent.paths import printable

_LONGEST = 64_000  # bytes: the head of a model card
_BEGINNINGS = (
    ("apache license", "apache-2.0"),
    ("mit license", "mit"),
    ("the mit license", "mit"),
    ("bsd 3-clause", "bsd-3-clause"),
    ("gnu general public license", "gpl"),
)


def licence_of(folder: Path, config: dict[str, Any]) -> str:
    """The licence's usual short name (``apache-2.0``), from the model card, the configuration, or a licence file.

    Empty: nothing is known. "see LICENSE": there is one, whose name is not known here.
    """
    return _from_card(folder / "README.md") or _plain(config.get("license")) or _from_file(folder)


def from_card(data: dict[str, Any]) -> str:
    """From the front matter of a model card: ``license``, or its name where that is "other"."""
    licence = data.get("license")
    licence = _plain(licence[0] if isinstance(licence, list) and licence else licence)
    return _plain(data.get("license_name")) or licence if licence in ("", "other") else licence


def _from_card(card: Path) -> str:
    head = _read(card).replace("\r\n", "\n")
    if not head.startswith("---\n"):
        return ""
    front = head[4:].partition("\n---")[0]
    found = dict(re.findall(r"^(license|license_name):[ \t]*(?:\n[ \t]*-[ \t]*)?(.+)$", front, re.MULTILINE))
    return from_card({key: value.partition(" #")[0].strip(" '\"[]") for key, value in found.items()})


def _from_file(folder: Path) -> str:
    for name in ("LICENSE", "LICENSE.txt", "LICENSE.md", "LICENCE"):
        text = _read(folder / name)
        if text:
            first = " ".join(text.split()).lower()
            return next((short for start, short in _BEGINNINGS if first.startswith(start)), f"see {name}")
    return ""


def _plain(value: Any) -> str:
    return printable(value.strip())[:60] if isinstance(value, str) else ""


def _read(file: Path) -> str:
    try:
        with file.open("rb") as stream:
            return stream.read(_LONGEST).decode("utf-8", "replace")
    except OSError:
        return ""
