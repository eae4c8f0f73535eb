"""What the session is asked to have answered."""

from __future__ import annotations

import threading
from dataclasses import dataclass, field
from time import monotonic
from typing import Literal

AskKind = Literal["said", "rewritten", "again", "aside"]
"""Said: new words. Rewritten: words in the place of earlier ones. Again: the same words answered anew, in the place of
the old reply. Aside: the same, but kept nowhere."""

LAST = "last"
"""In the place of an id: the last words, or the last reply."""


@dataclass(frozen=True, slots=True)
class Ask:
    """One reply to be made."""

    request: int
    words: str
    kind: AskKind = "said"
    target: str = LAST
    """The turn that is rewritten, or the reply that is made again: its id, or LAST."""
    without: tuple[str, ...] = ()
    """Ids of memories that must not help."""
    cancel: threading.Event = field(default_factory=threading.Event)


@dataclass(slots=True)
class Pace:
    """How fast a reply comes, read by the screen while it does. A piece is about a token."""

    pieces: int = 0
    since: float = 0.0

    def begin(self) -> None:
        self.pieces, self.since = 0, 0.0

    def piece(self) -> None:
        self.pieces += 1
        self.since = self.since or monotonic()

    @property
    def per_second(self) -> float:
        passed = monotonic() - self.since if self.since else 0.0
        return (self.pieces - 1) / passed if passed > 0.5 and self.pieces > 1 else 0.0
