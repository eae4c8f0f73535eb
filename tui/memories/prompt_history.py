"""Earlier words, to walk through and to search. Kept by the memory itself: what is forgotten there is not here."""

from __future__ import annotations

from collections.abc import Iterable


class PromptHistory:
    """Oldest first; the draft is kept while walking."""

    def __init__(self) -> None:
        self.words: list[str] = []
        self.aside = False
        """What is added now is not to be kept: incognito."""
        self._aside: set[str] = set()
        self._place = 0
        self._draft = ""

    def know(self, earlier: Iterable[str]) -> None:
        """Take over what was said in former sittings, oldest first."""
        self.words = [*earlier, *self.words]
        self._place = len(self.words)

    def add(self, words: str) -> None:
        if not self.words or self.words[-1] != words:
            self.words.append(words)
            if self.aside:
                self._aside.add(words)
        self._place, self._draft = len(self.words), ""

    def forget_aside(self) -> None:
        """Let go of what was not to be kept."""
        self.words = [one for one in self.words if one not in self._aside]
        self._aside.clear()
        self._place = len(self.words)

    def earlier(self, present: str) -> str | None:
        """The words before; None at the beginning."""
        if self._place == 0:
            return None
        if self._place == len(self.words):
            self._draft = present
        self._place -= 1
        return self.words[self._place]

    def later(self) -> str | None:
        """The words after, at last the draft; None when that is where we are."""
        if self._place >= len(self.words):
            return None
        self._place += 1
        return self._draft if self._place == len(self.words) else self.words[self._place]

    def matching(self, query: str, *, most: int = 200) -> list[str]:
        """Newest first, each once: those that hold every word of ``query``, case ignored."""
        wanted = query.casefold().split()
        seen = dict.fromkeys(reversed(self.words))
        return [one for one in seen if all(word in one.casefold() for word in wanted)][:most]
