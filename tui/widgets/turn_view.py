"""One turn on the transcript: who and when, the words, and a line of remarks."""

from __future__ import annotations

from collections.abc import Callable
from contextlib import suppress
from datetime import datetime
from typing import TYPE_CHECKING, ClassVar

from textual import events
from textual.app import ComposeResult
from textual.binding import Binding, BindingType
from textual.containers import Vertical
from textual.content import Content
from textual.css.query import NoMatches
from textual.widget import MountError
from textual.widgets import Static

from tui.messages import EntryAct, EntrySelected, MemoryWanted
from tui.process.clipboard import copy
from tui.talking.entries import Entry
from tui.talking.recalled import summary
from tui.text.names import NameOf
from tui.text.sanitise import DISPLAY_LIMIT, StreamCleaner, clean, one_line
from tui.text.wording import clock
from tui.widgets.near_view import Holder
from tui.widgets.thought_fold import ThoughtFold

if TYPE_CHECKING:
    from textual.widgets import Markdown
    from textual.widgets.markdown import MarkdownStream

    from tui.widgets.reply_text import ReplyText

WAITING = {"queued": "waiting for its turn… ↑ takes it back", "reading": "reading…"}


class TurnView(Vertical, Holder, can_focus=True, can_focus_children=False):
    """Replies are Markdown, streamed from empty; everybody else's words are plain text."""

    BINDINGS: ClassVar[list[BindingType]] = [
        Binding("y", "copy", "Copy", id="turn.copy"),
        Binding("c", "act('code')", "Copy its code", id="turn.code"),
        Binding("enter", "select", "What was recalled", id="turn.recalled"),
        Binding("r", "act('regenerate')", "Answer again", id="turn.regenerate"),
        Binding("e", "act('rewrite')", "Say in other words", id="turn.rewrite"),
        Binding("x,delete", "act('takeback')", "Take back", key_display="x", id="turn.takeback"),
        Binding("b", "act('branch')", "Branch off here", show=False, id="turn.branch"),
        Binding("t", "thought", "What was thought", show=False, id="turn.thought"),
        Binding("down,j", "next", "Next turn", show=False, id="turn.next"),
        Binding("up,k", "previous", "Previous turn", show=False, id="turn.previous"),
    ]

    def __init__(self, entry: Entry, *, name_of: NameOf, now: Callable[[], datetime], read_only: bool = False) -> None:
        super().__init__(classes="turn -reply" if entry.is_reply else "turn -said")
        self.entry, self._name_of, self._now = entry, name_of, now
        self._top, self._foot = Static(classes="turn-head"), Static(classes="turn-foot", markup=False)
        self._reply = self._make_reply() if entry.is_reply else None
        self._words = self._reply or Static(clean(entry.text, limit=DISPLAY_LIMIT), classes="turn-words", markup=False)
        self._stream: MarkdownStream | None = None
        self._cleaner = StreamCleaner()
        self._shown = 0
        self._early, self._ready, self._over = "", False, False
        self._begun = False
        self._read_only = read_only
        self._thought = ThoughtFold(entry) if entry.thought else None

    def compose(self) -> ComposeResult:
        yield self._top
        if self._thought is not None:
            yield self._thought
        yield self._words
        yield self._foot

    async def on_mount(self) -> None:
        self.refresh_foot()
        self._begun = True
        if self.entry.is_reply:
            await self.write(self.entry.text)
            if not self.entry.is_live:
                await self.settle()

    async def write(self, piece: str) -> None:
        """Add to a reply. Past the limit of what can be shown, only the remark below grows."""
        if not self._begun:
            return  # the entry has it already, and all of the entry is written first
        piece = self._cleaner.feed(piece)[: max(0, DISPLAY_LIMIT - self._shown)]
        self._shown += len(piece)
        if self._ready:
            await self._append(piece)
        else:
            self._early += piece

    async def think(self) -> None:
        """The entry's thought has grown, or is over."""
        if self._thought is None:
            self._thought = ThoughtFold(self.entry)
            await self.mount(self._thought, after=self._top)
        self._thought.refresh_thought()

    async def settle(self) -> None:
        """The reply is over."""
        await self.write(self._cleaner.finish())
        self._over = True
        if self._ready:
            await self._finish()
        self.refresh_foot()

    async def on_reply_text_ready(self, event: ReplyText.Ready) -> None:
        event.stop()
        self._ready = True
        await self._append(self._early)
        if self._over:
            await self._finish()

    async def on_unmount(self) -> None:
        # Words that are on their way have nowhere to be shown any more: the app ends, or this turn is taken off.
        with suppress(MountError, NoMatches):
            await self._end_stream()

    async def _append(self, piece: str) -> None:
        if piece and self._reply is not None:
            if self._stream is None:
                self._stream = self._reply.get_stream(self._reply)
            await self._stream.write(piece)

    async def _finish(self) -> None:
        """No more words come. What they cite can be followed from now on: before, the numbers mean nothing yet."""
        await self._end_stream()
        if self._reply is None:
            return
        entry = self.entry
        if entry.cited:
            from tui.widgets.reply_text import linked

            await self._reply.update(linked(clean(entry.text)[:DISPLAY_LIMIT], entry.cited))
        self._reply.close_up()

    async def _end_stream(self) -> None:
        stream, self._stream = self._stream, None
        if stream is not None:
            await stream.stop()

    def refresh_foot(self) -> None:
        """Show the state, what was recalled, and what else there is to say."""
        self._top.update(self._head_text())
        said = self._foot_text()
        self._foot.update(said)
        self._foot.display = bool(said)
        # On the foot alone: a class of the turn would have every block of its words styled anew.
        self._foot.set_class(self.entry.state == "failed", "-failed")
        self._foot.set_class(self.entry.is_live, "-live")

    def _head_text(self) -> Content:
        entry = self.entry
        parts = [(self._name_of(entry.speaker), "bold $primary" if entry.is_reply else "bold $secondary")]
        if entry.said_at is not None:
            parts.append((f"  {clock(entry.said_at, now=self._now())}", "$quiet"))
        if entry.turn is not None and entry.turn.pinned:
            parts.append(("  pinned", "$warning"))
        return Content.assemble(*parts)

    def _foot_text(self) -> str:
        entry = self.entry
        recalled = summary(entry.recalled) or entry.recalled_said
        state = {"partial": "stopped here", "failed": "not finished", **WAITING}.get(entry.state, "") * entry.is_reply
        cut = f"{len(entry.text) - DISPLAY_LIMIT:,} more characters are not shown" * (len(entry.text) > DISPLAY_LIMIT)
        return " · ".join(part for part in (state, f"◆ {recalled}" * bool(recalled), cut, entry.remark) if part)

    @staticmethod
    def _make_reply() -> ReplyText:
        from tui.widgets.reply_text import ReplyText  # Markdown is not for the first picture: a tenth of the start

        return ReplyText()

    def action_copy(self) -> None:
        copy(self.app, self.entry.text)
        self.app.notify("Copied.", timeout=2)

    def action_act(self, act: str) -> None:
        self.post_message(EntryAct(act, self.entry))  # type: ignore[arg-type]

    def check_action(self, action: str, parameters: tuple[object, ...]) -> bool | None:
        """Only what this turn is good for."""
        entry = self.entry
        if self._read_only and action in ("act", "select"):
            return False
        match action, parameters:
            case "act", ("branch",):
                return entry.turn is not None and not entry.is_live
            case "act", ("takeback",):
                return entry.state == "queued"
            case "act", ("rewrite",):
                return not entry.is_reply and not entry.is_live
            case "act", ("code",):
                return entry.is_reply and ("```" in entry.text or "~~~" in entry.text)
            case ("act", ("regenerate",)) | ("select", _):
                return entry.is_reply and not entry.is_live
            case "thought", _:
                return self._thought is not None
        return True

    def action_select(self) -> None:
        self.post_message(EntrySelected(self.entry))

    def action_thought(self) -> None:
        if self._thought is not None:
            self._thought.collapsed = not self._thought.collapsed

    def action_next(self) -> None:
        self.screen.focus_next(TurnView)

    def action_previous(self) -> None:
        self.screen.focus_previous(TurnView)

    def on_click(self, event: events.Click) -> None:
        if event.widget is not None and event.widget.has_class("turn-foot"):
            self.action_select()

    def on_markdown_link_clicked(self, event: Markdown.LinkClicked) -> None:
        from tui.widgets.reply_text import followed

        event.stop()
        memory = followed(event.href, self.entry.cited)
        if memory is not None:
            self.post_message(MemoryWanted(memory))
            return
        copy(self.app, event.href)
        self.app.notify(f"Link copied: {one_line(event.href, limit=80)}", markup=False)
