"""The replies being made: which words on the transcript belong to which request, and what becomes of them."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass
from time import monotonic
from typing import TYPE_CHECKING

from agent.citations import Citation
from agent.events import Failed, Finished, Heard, Omitted, Recalled, Stored, Thinking, Token
from tui.entries import AGENT, Entry, EntryState
from tui.notices import Asked, Said, Withdrawn
from tui.recalled import from_event, with_citations
from tui.sanitise import one_line
from tui.widgets.status_line import StatusLine
from tui.widgets.top_bar import TopBar
from tui.widgets.welcome import MEMORY_ONLY

if TYPE_CHECKING:
    from tui.screens.chat import ChatScreen


@dataclass(frozen=True, slots=True)
class _Pair:
    words: Entry
    reply: Entry


class Replies:
    """Turns events into what the chat screen shows. Events of requests that are no longer shown are let pass."""

    def __init__(self, screen: ChatScreen) -> None:
        self._screen = screen
        self._pairs: dict[int, _Pair] = {}
        self._thinking_since = 0.0

    def waiting(self) -> list[Entry]:
        """The entries of requests that are not answered yet, in order."""
        return [entry for pair in self._pairs.values() for entry in (pair.words, pair.reply)]

    async def begin(self, notice: Asked) -> None:
        """Show what was said, with a reply to come."""
        state: EntryState = "queued" if self._pairs else "reading"
        pair = _Pair(Entry("user", notice.words), Entry(AGENT, "", state=state))
        self._pairs[notice.request] = pair
        await self._screen.transcript.add(pair.words)
        await self._screen.transcript.add(pair.reply)
        self._doing("reading…")

    async def withdrawn(self, notice: Withdrawn) -> None:
        """The words were never heard: they go back to where they were written."""
        pair = self._pairs.pop(notice.request, None)
        if pair is not None:
            await self._screen.transcript.take_off(pair.reply)
            await self._screen.transcript.take_off(pair.words)
        self._screen.prompt.give_back(notice.words)
        self._doing("")

    async def happened(self, notice: Said) -> None:
        pair = self._pairs.get(notice.request)
        if pair is None:
            return
        match notice.event:
            case Heard(turn):
                pair.words.turn, pair.words.said_at = turn, turn.said_at
                pair.reply.state = "reading"
                self._refresh(pair)
            case Recalled() as event:
                pair.reply.recalled = from_event(event)
                self._refresh(pair)
                await self._screen.panel.show(pair.reply.recalled)
            case Omitted(detail=detail):
                pair.reply.remark = one_line(detail)
                self._refresh(pair)
            case Thinking(text):
                await self._thinking(pair.reply, text)
            case Token(text):
                await self._token(pair.reply, text)
            case Stored(turn, citations):
                pair.reply.turn, pair.reply.said_at = turn, turn.said_at
                await self._cites(pair.reply, citations)
            case Finished() as event:
                await self._finished(notice.request, pair, event)
            case Failed() as event:
                await self._failed(notice.request, pair, event)

    async def _thinking(self, reply: Entry, text: str) -> None:
        view = self._screen.transcript.view(reply)
        if not reply.thought:
            self._thinking_since = monotonic()
            self._doing("thinking…  Esc stops")
        reply.thought += text
        if view is not None:
            await view.think()

    async def _thought(self, reply: Entry, seconds: float) -> None:
        reply.thought_s = seconds
        view = self._screen.transcript.view(reply)
        if view is not None:
            await view.think()

    async def _token(self, reply: Entry, text: str) -> None:
        view = self._screen.transcript.view(reply)
        reply.text += text
        if reply.state != "writing":
            reply.state = "writing"
            if reply.thought:
                await self._thought(reply, monotonic() - self._thinking_since)
            self._doing("writing…  Esc stops")
            if view is not None:
                view.refresh_foot()
        if view is not None:
            await view.write(text)

    async def _finished(self, request: int, pair: _Pair, event: Finished) -> None:
        pair.reply.state = "partial" if event.reason == "cancelled" else "settled"
        pair.reply.turn = event.reply or pair.reply.turn
        await self._cites(pair.reply, event.citations)
        if event.reason == "length":
            pair.reply.remark = "reached the longest reply allowed"
        if pair.reply.thought:
            await self._thought(pair.reply, event.usage.thought_s)
        await self._settle(pair.reply)
        del self._pairs[request]
        if self._screen.query_one(TopBar).model.name != MEMORY_ONLY:
            self._screen.query_one(StatusLine).used(event.usage)
        self._doing("reading…" if self._pairs else "")

    async def _failed(self, request: int, pair: _Pair, event: Failed) -> None:
        pair.reply.state = "failed"
        pair.reply.turn = event.reply
        if pair.reply.thought and pair.reply.thought_s is None:
            await self._thought(pair.reply, monotonic() - self._thinking_since)
        await self._settle(pair.reply)
        del self._pairs[request]
        self._complain(event.message)
        self._screen.prompt.give_back(pair.words.text)
        self._doing("")

    async def _cites(self, reply: Entry, citations: Sequence[Citation]) -> None:
        """What the reply cites bears its number, in its words and on the cards."""
        cited = {citation.number: citation.memory.id for citation in citations}
        if cited == reply.cited:
            return
        shown = self._screen.panel.shown is reply.recalled
        reply.cited, reply.recalled = cited, with_citations(reply.recalled, citations)
        if shown:
            await self._screen.panel.show(reply.recalled)

    async def _settle(self, reply: Entry) -> None:
        view = self._screen.transcript.view(reply)
        if view is not None:
            await view.settle()

    def _refresh(self, pair: _Pair) -> None:
        for entry in (pair.words, pair.reply):
            view = self._screen.transcript.view(entry)
            if view is not None:
                view.refresh_foot()

    def _doing(self, what: str) -> None:
        self._screen.query_one(StatusLine).doing(what)

    def _complain(self, problem: str) -> None:
        self._screen.notify(one_line(problem), title="No reply", severity="error", timeout=8, markup=False)
