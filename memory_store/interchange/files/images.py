"""The words in a picture, read by tesseract where it is installed."""

from __future__ import annotations

import shutil
import subprocess
from functools import cache
from itertools import groupby

SURE = 60
"""Tesseract's own confidence, 0 to 100, from which a word is one: in photographs it sees letters everywhere."""
PATIENCE_S = 120


def can_read() -> bool:
    return shutil.which("tesseract") is not None


def words_in(content: bytes) -> str | None:
    """The text of a picture, a line for a line and an empty one between paragraphs; empty where there is none.

    None where it could not be read: there is no tesseract, or it knows no such picture."""
    if not can_read():
        return None
    command = ["tesseract", "stdin", "stdout", "-l", _languages(), "tsv"]
    try:
        done = subprocess.run(command, input=content, capture_output=True, timeout=PATIENCE_S, check=True)
    except (OSError, subprocess.SubprocessError):
        return None
    rows = [line.split("\t") for line in done.stdout.decode("utf-8", "replace").splitlines()[1:]]
    words = [row for row in rows if len(row) == 12 and row[11].strip() and float(row[10]) >= SURE]
    paragraphs = []
    for _, paragraph in groupby(words, key=lambda row: row[1:4]):
        lines = groupby(paragraph, key=lambda row: row[4])
        paragraphs.append("\n".join(" ".join(word[11] for word in line) for _, line in lines))
    return "\n\n".join(paragraphs)


@cache
def _languages() -> str:
    """All that are installed, English before the others: ``eng+deu``."""
    try:
        command = ["tesseract", "--list-langs"]
        said = subprocess.run(command, capture_output=True, text=True, timeout=PATIENCE_S, check=True).stdout
    except (OSError, subprocess.SubprocessError):
        return "eng"
    known = [line.strip() for line in said.splitlines()[1:]]
    return "+".join(sorted(set(known) - {"osd", ""}, key=lambda name: (name != "eng", name))) or "eng"
