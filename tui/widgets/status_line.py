"""The line above the keys: what is going on at the left, how full everything is at the right."""

from __future__ import annotations

from textual.app import ComposeResult
from textual.containers import Horizontal
from textual.content import Content
from textual.widgets import Static

from agent.events import Usage
from tui.talking.notices import Status
from tui.text.wording import count, short

BETWEEN = 2
METER_CELLS = 8
NEARLY_FULL = 0.8


class StatusLine(Horizontal):
    """Two texts. Where there is no room for both, they are told in fewer words; none is cut."""

    def __init__(self) -> None:
        super().__init__(id="status")
        self._usage: list[Content] = [Content("")]
        self._doing = ""
        self.known: Status | None = None
        """How full the memory is, once that was told."""

    def compose(self) -> ComposeResult:
        yield Static(id="status-now", markup=False)
        yield Static("opening the memory…", id="status-store", markup=False)

    def doing(self, what: str) -> None:
        """What is going on; empty for nothing."""
        if what != self._doing:
            self._doing = what
            self._show()

    def used(self, usage: Usage) -> None:
        """Remember the figures of the last reply, shown while nothing else is going on."""
        self._usage = usage_contents(usage)
        self._show()

    def stored(self, status: Status) -> None:
        self.known = status
        self._show()

    def on_resize(self) -> None:
        self._show()

    def _show(self) -> None:
        now = [Content(self._doing)] if self._doing else self._usage
        store = store_texts(self.known) if self.known is not None else ["opening the memory…"]
        left, right = _fitting(now, store, self.content_size.width)
        # The left one's size is what the right one leaves: another text there moves nothing.
        self.query_one("#status-now", Static).update(left, layout=False)
        beside = self.query_one("#status-store", Static)
        if beside.content != right:
            beside.update(right)


def _fitting(lefts: list[Content], rights: list[str], room: int) -> tuple[Content, str]:
    """The longest of both that stand side by side; both give way step by step."""
    pairs = [(max(a, b), a + b, a, b) for a in range(len(lefts)) for b in range(len(rights))]
    for _, _, a, b in sorted(pairs):
        gap = BETWEEN if lefts[a].cell_length and rights[b] else 0
        if lefts[a].cell_length + gap + Content(rights[b]).cell_length <= room:
            return lefts[a], rights[b]
    return lefts[-1], "" if lefts[-1].cell_length else rights[-1]


def usage_contents(usage: Usage) -> list[Content]:
    """``210 tokens at 31/s · context ━━────── 1.2k of 8.2k``, and the same in fewer words. The speed leaves out the
    wait for the first token."""
    speaking = usage.total_s - usage.first_token_s
    speed = f"{(usage.reply_tokens - 1) / speaking:.0f}/s" if usage.reply_tokens > 1 and speaking > 0.05 else ""
    tokens = count(usage.reply_tokens, "token")
    said = f"{tokens} at {speed}" if speed else tokens
    if not usage.context_size:
        return [Content(said), Content(speed or tokens)]
    used = usage.prompt_tokens + usage.reply_tokens
    part = min(1.0, used / usage.context_size)
    full = max(1, round(part * METER_CELLS))
    meter = Content.assemble(
        ("━" * full, "$warning" if part > NEARLY_FULL else "$success"),
        ("─" * (METER_CELLS - full), "$border-blurred"),
    )
    figures = f"{short(used)} of {short(usage.context_size)}"
    return [
        Content.assemble(f"{said} · context ", meter, f" {figures}"),
        Content(f"{said} · context {figures}"),
        Content(f"{speed or tokens} · context {part:.0%}"),
    ]


def store_texts(status: Status) -> list[str]:
    """``214 memories · index up to date``, and the same in fewer words: first without what is as it should be."""
    held = count(status.memories, "memory", "memories")
    against = count(status.conflicts, "contradiction") if status.conflicts else ""
    secret = "encrypted" if status.encrypted else ""
    long = [held, against, _index_text(status), secret]
    shorter = [held, against, _index_text(status, short=True), secret]
    wrong = [_index_text(status, short=True) or against or held]
    return [" · ".join(filter(None, parts)) for parts in (long, shorter, wrong)]


def _index_text(status: Status, *, short: bool = False) -> str:
    index = status.index
    if index.filling is not None:
        done, total = index.filling
        return f"index built anew, {done:,} of {total:,}" + "; search is exact" * (not short)
    if index.advice:
        return "something is wrong: mneme memory check"
    if index.problem:
        return "meaning not searched"
    if index.queued:
        waits = "wait for the other window" if index.refused and not short else "to index"
        return f"{index.queued:,} {waits}"
    return "" if short else "index up to date"
