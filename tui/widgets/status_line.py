"""The line above the keys: what is going on at the left, how full everything is at the right."""

from __future__ import annotations

from textual.app import ComposeResult
from textual.containers import Horizontal
from textual.content import Content
from textual.widgets import Static

from agent.events import Usage
from tui.notices import Status
from tui.wording import count, short

NARROW = 80
"""Below this many columns, what is as it should be is not told."""
METER_CELLS = 8
NEARLY_FULL = 0.8


class StatusLine(Horizontal):
    """Two texts; the right one gives way when there is no room."""

    def __init__(self) -> None:
        super().__init__(id="status")
        self._usage = Content("")
        self.known: Status | None = None
        """How full the memory is, once that was told."""

    def compose(self) -> ComposeResult:
        yield Static(id="status-now", markup=False)
        yield Static("opening the memory…", id="status-store", markup=False)

    def doing(self, what: str) -> None:
        """What is going on; empty for nothing."""
        self.query_one("#status-now", Static).update(Content(what) if what else self._usage)

    def used(self, usage: Usage) -> None:
        """Remember the figures of the last reply, shown while nothing else is going on."""
        self._usage = usage_content(usage)
        self.doing("")

    def stored(self, status: Status) -> None:
        self.known = status
        narrow = self.app.size.width < NARROW
        self.query_one("#status-store", Static).update(store_text(status, short=narrow))

    def on_resize(self) -> None:
        if self.known is not None:
            self.stored(self.known)


def usage_content(usage: Usage) -> Content:
    """``210 tokens at 31/s · context ━━────── 1.2k of 8.2k``. The speed leaves out the wait for the first token."""
    speaking = usage.total_s - usage.first_token_s
    speed = f" at {(usage.reply_tokens - 1) / speaking:.0f}/s" if usage.reply_tokens > 1 and speaking > 0.05 else ""
    said = f"{count(usage.reply_tokens, 'token')}{speed}"
    if not usage.context_size:
        return Content(said)
    used = usage.prompt_tokens + usage.reply_tokens
    part = min(1.0, used / usage.context_size)
    full = max(1, round(part * METER_CELLS))
    return Content.assemble(
        f"{said} · context ",
        ("━" * full, "$warning" if part > NEARLY_FULL else "$success"),
        ("─" * (METER_CELLS - full), "$border-blurred"),
        f" {short(used)} of {short(usage.context_size)}",
    )


def store_text(status: Status, *, short: bool = False) -> str:
    """``214 memories · index up to date``. ``short``: only what is not as it should be."""
    index = status.index
    if index.filling is not None:
        done, total = index.filling
        state = f"index built anew, {done:,} of {total:,}" + "; search is exact" * (not short)
    elif index.advice:
        state = "something is wrong: mneme memory check"
    elif index.problem:
        state = "meaning not searched"
    elif index.queued:
        waits = "wait for the other window" if index.refused and not short else "to index"
        state = f"{index.queued:,} {waits}"
    else:
        state = "" if short else "index up to date"
    against = count(status.conflicts, "contradiction") if status.conflicts else ""
    secret = "encrypted" if status.encrypted and not short else ""
    return " · ".join(part for part in (count(status.memories, "memory", "memories"), against, state, secret) if part)
