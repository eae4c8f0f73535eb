"""The line above the keys: what is going on at the left, how full everything is at the right."""

from __future__ import annotations

from textual.app import ComposeResult
from textual.containers import Horizontal
from textual.widgets import Static

from agent.events import Usage
from tui.notices import Status
from tui.wording import count, short


class StatusLine(Horizontal):
    """Two texts; the right one gives way when there is no room."""

    def __init__(self) -> None:
        super().__init__(id="status")
        self._usage = ""
        self.known: Status | None = None
        """How full the memory is, once that was told."""

    def compose(self) -> ComposeResult:
        yield Static(id="status-now", markup=False)
        yield Static("opening the memory…", id="status-store", markup=False)

    def doing(self, what: str) -> None:
        """What is going on; empty for nothing."""
        self.query_one("#status-now", Static).update(what or self._usage)

    def used(self, usage: Usage) -> None:
        """Remember the figures of the last reply, shown while nothing else is going on."""
        self._usage = usage_text(usage)
        self.doing("")

    def stored(self, status: Status) -> None:
        self.known = status
        self.query_one("#status-store", Static).update(store_text(status))


def usage_text(usage: Usage) -> str:
    """``210 tokens at 31/s · context 1.2k of 8.2k``. The speed leaves out the wait for the first token."""
    speaking = usage.total_s - usage.first_token_s
    speed = f" at {(usage.reply_tokens - 1) / speaking:.0f}/s" if usage.reply_tokens > 1 and speaking > 0.05 else ""
    said = f"{count(usage.reply_tokens, 'token')}{speed}"
    if not usage.context_size:
        return said
    return f"{said} · context {short(usage.prompt_tokens + usage.reply_tokens)} of {short(usage.context_size)}"


def store_text(status: Status) -> str:
    """``214 memories · index up to date``."""
    index = status.index
    if index.filling is not None:
        done, total = index.filling
        state = f"index built anew, {done:,} of {total:,}; search is exact"
    elif index.problem:
        state = "meaning not searched"
    elif index.queued:
        state = f"{index.queued:,} wait for the other window" if index.refused else f"{index.queued:,} to index"
    else:
        state = "index up to date"
    return f"{count(status.memories, 'memory', 'memories')} · {state}"
