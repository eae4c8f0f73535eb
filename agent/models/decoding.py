"""Token ids -> text, piece by piece, never showing half a character; and where to stop."""

from __future__ import annotations

from collections.abc import Callable, Sequence

UNFINISHED = "\ufffd"
_LONGEST_CHARACTER = 4  # UTF-8 bytes, hence at most as many byte-level tokens


class TextPieces:
    """Decodes a growing list of ids incrementally.

    A character may be spread over several tokens (CJK, emoji), and a token's text may depend on the one before it, so
    each piece is the difference of two decodings that share a beginning, held back while it ends mid-character.
    """

    def __init__(self, decode: Callable[[Sequence[int]], str]) -> None:
        self._decode = decode
        self._ids: list[int] = []
        self._from = 0
        """Where decoding begins: one finished piece back, for context."""
        self._shown = 0
        """Ids whose text has been given out."""

    def add(self, token: int) -> str:
        """The text that ``token`` completes; often one word, sometimes nothing yet."""
        self._ids.append(token)
        text = self._new_text()
        if text.endswith(UNFINISHED) and len(self._ids) - self._shown < _LONGEST_CHARACTER:
            return ""
        return self._give(text)

    def rest(self) -> str:
        """What is still held back, without a character that never got finished."""
        return self._give(self._new_text().rstrip(UNFINISHED))

    def _new_text(self) -> str:
        before = self._decode(self._ids[self._from : self._shown])
        return self._decode(self._ids[self._from :])[len(before) :]

    def _give(self, text: str) -> str:
        if text:
            self._from, self._shown = self._shown, len(self._ids)
        return text


class StopText:
    """Passes text on until one of ``stops`` appears; holds back an end that may be the beginning of one."""

    def __init__(self, stops: Sequence[str]) -> None:
        self._stops = tuple(stop for stop in stops if stop)
        self._held = ""
        self.found = False

    def add(self, text: str) -> str:
        """What may be shown. After ``found`` is set, nothing follows."""
        text = self._held + text
        places = [place for stop in self._stops if (place := text.find(stop)) >= 0]
        if places:
            self.found, self._held = True, ""
            return text[: min(places)]
        keep = self._possible_beginning(text)
        self._held = text[len(text) - keep :]
        return text[: len(text) - keep]

    def rest(self) -> str:
        """What was held back and turned out to be no stop."""
        text, self._held = self._held, ""
        return text

    def _possible_beginning(self, text: str) -> int:
        longest = max((len(stop) for stop in self._stops), default=1) - 1
        return next(
            (n for n in range(min(longest, len(text)), 0, -1) if any(s.startswith(text[-n:]) for s in self._stops)), 0
        )
