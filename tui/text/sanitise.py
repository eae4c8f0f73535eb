"""Making anybody's text safe to put on a terminal. Memories, models and users are all untrusted here.

What is removed: terminal escape sequences, other control characters except newline and tab, and the bidirectional
overrides that can make text read differently from what it says. Lone surrogates, which no terminal can encode, become
U+FFFD. Nothing is removed from what is stored: this is for display only.
"""

from __future__ import annotations

import re

DISPLAY_LIMIT = 40_000
"""Characters of one text that are put on the screen."""

_SEQUENCE = (
    r"(?:\x1b\[|\x9b)[0-?]*[ -/]*[@-~]"  # CSI: colours, cursor movement
    # OSC, DCS, SOS, PM and APC, with what they carry: titles, links, clipboards
    r"|(?:\x1b[\]PX^_]|[\x90\x98\x9d-\x9f]).*?(?:\x07|\x1b\\|$)"
    r"|\x1b[ -/]*(?![\[\]PX^_])[0-~]"  # the two-character ones
)
_ESCAPES = re.compile(_SEQUENCE, re.DOTALL)
_NEWLINES = re.compile("\r\n?|\x0b|\x0c|\x85|\u2028|\u2029")
_CONTROLS = re.compile("[\x00-\x08\x0e-\x1f\x7f-\x9f\u202a-\u202e\u2066-\u2069\ufeff]")
_SURROGATES = re.compile("[\ud800-\udfff]")
_SPACES = re.compile(r"\s+")
_INTRODUCER = re.compile("[\x1b\x90\x98\x9b\x9d-\x9f]")
_UNFINISHED = re.compile(
    r"(?:(?:\x1b\[|\x9b)[0-?]*[ -/]*|\x1b[ -/]*"
    r"|(?:\x1b[\]PX^_]|[\x90\x98\x9d-\x9f])(?:(?!\x07|\x1b\\).)*)\Z",
    re.DOTALL,
)
_HELD_BACK = 256
"""Characters that are waited for the end of a sequence; a longer one is none."""


def clean(text: str, *, limit: int | None = None) -> str:
    """``text`` fit for a terminal, with its lines kept. ``limit``: cut after this many characters, and say so."""
    cut = 0
    if limit is not None and len(text) > limit:
        cut, text = len(text) - limit, text[:limit]
    if text.isascii() and text.isprintable():
        pass
    else:
        # Line ends first: what an escape sequence stood between must not become one.
        text = _ESCAPES.sub("", _NEWLINES.sub("\n", text))
        text = _SURROGATES.sub("\ufffd", _CONTROLS.sub("", text))
    return f"{text}\n[… {cut:,} more characters]" if cut else text


def one_line(text: str, *, limit: int = 400) -> str:
    """``text`` as a single line: white space of every kind is one space. Cut, with an ellipsis, after ``limit``."""
    line = _SPACES.sub(" ", clean(text[: limit * 4])).strip()
    return line if len(line) <= limit and len(text) <= limit * 4 else line[: limit - 1].rstrip() + "…"


class StreamCleaner:
    """:func:`clean` for text that comes in pieces: a sequence split over two pieces is still recognised."""

    def __init__(self) -> None:
        self._held = ""

    def feed(self, piece: str) -> str:
        """What can be shown by now."""
        text = self._held + piece
        end = _settled(text)
        if len(text) - end > _HELD_BACK:
            end = len(text)
        self._held = text[end:]
        return clean(text[:end])

    def finish(self) -> str:
        """What was held back, once nothing more comes."""
        held, self._held = self._held, ""
        return clean(held)


def _settled(text: str) -> int:
    """How much of ``text`` means the same whatever follows it."""
    place = 0
    while (found := _INTRODUCER.search(text, place)) is not None:
        if _UNFINISHED.match(text, found.start()):
            return found.start()
        whole = _ESCAPES.match(text, found.start())
        place = whole.end() if whole else found.end()
    return len(text) - text.endswith("\r")  # perhaps the first half of a line end
