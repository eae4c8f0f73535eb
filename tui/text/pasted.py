"""Long pastes, kept beside the prompt instead of in it: a text area wraps a megabyte anew with every key."""

from __future__ import annotations

from itertools import count

from tui.text.sanitise import clean

LONGEST_SHOWN = 8_000


class Pasted:
    """Gives out marks that stand for long texts, and turns them back."""

    def __init__(self) -> None:
        self._texts: dict[str, str] = {}
        self._numbers = count(1)

    def folded(self, text: str) -> str:
        """``text`` as it may stand in the prompt: itself, cleaned, or a mark for it."""
        text = clean(text)
        if len(text) <= LONGEST_SHOWN:
            return text
        mark = f"⟦pasted text {next(self._numbers)}: {len(text):,} characters⟧"
        self._texts[mark] = text
        return mark

    def unfolded(self, text: str) -> str:
        """``text`` with the marks in it replaced by what they stand for."""
        for mark, meant in self._texts.items():
            text = text.replace(mark, meant)
        return text
