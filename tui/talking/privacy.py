"""The two switches of a conversation: whether it is remembered, and whether it may recall."""

from __future__ import annotations

from dataclasses import dataclass


@dataclass(frozen=True, slots=True)
class Privacy:
    """``remember=False``: incognito. Nothing that is said is written anywhere; it goes when the conversation does."""

    remember: bool = True
    recall: bool = True

    @property
    def label(self) -> str:
        """What the header says; empty for the usual."""
        if self.remember:
            return "" if self.recall else "recalls nothing"
        return "incognito: recalls, remembers nothing" if self.recall else "incognito: recalls and remembers nothing"

    @property
    def short(self) -> str:
        """The same where there is little room."""
        if self.remember:
            return "" if self.recall else "no recall"
        return "incognito" if self.recall else "incognito, no recall"
