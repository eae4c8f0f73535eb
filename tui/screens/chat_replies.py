"""The replies being made: which words on the transcript belong to which request, and what becomes of them."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass
from functools import partial
from time import monotonic
from typing import TYPE_CHECKING

from agent.citations import Citation
from agent.events import Failed, Finished, Heard, Omitted, Recalled, Replaced, Stored, Thinking, Token
from tui.memories import undo
from tui.talking.entries import AGENT, Entry, EntryState
from tui.talking.notices import Asked, Said, Withdrawn
from tui.talking.recalled import from_event, with_citations
from tui.talking.requests import LAST, AskKind
from tui.text.sanitise import one_line
from tui.text.wording import count
from tui.widgets.welcome import MEMORY_ONLY

if TYPE_CHECKING:
    from tui.screens.chat import ChatScreen

UNHEARD_S = 3.0
"""Longer than this, words are hardly written down for another reason than that somebody else is writing."""


@dataclass(frozen=True, slots=True)
class _Pair:
    words: Entry
    reply: Entry
    kind: AskKind
    stands: bool = False
    """An earlier reply to them stands until there is a new one."""


class Replies:
    """Turns events into what the chat screen shows. Events of requests that are no longer shown are let pass."""

    def __init__(self, screen: ChatScreen) -> None:
        self._screen = screen
        self._pairs: dict[int, _Pair] = {}
        self._thinking_since = 0.0

    def waiting(self) -> list[Entry]:
        """The entries of requests that are not answered yet, in order."""
        return [entry for pair in self._pairs.values() if pair.kind != "again" for entry in (pair.words, pair.reply)]

    @property
    def some_wait(self) -> bool:
        """Whether words wait for their turn that can be taken back."""
        return any(pair.reply.state == "queued" for pair in self._pairs.values())

    async def begin(self, notice: Asked) -> None:
        """Show what was said, with a reply to come."""
        if notice.kind == "aside":
            return
        state: EntryState = "queued" if self._pairs else "reading"
        reply = Entry(AGENT, "", state=state, request=notice.request)
        transcript = self._screen.transcript
        stands = False
        if notice.kind == "again":
            words, stands = await self._clear_for_another(notice.target)
        else:
            words = Entry("user", notice.words, state="queued" if self._pairs else "settled", request=notice.request)
            if notice.kind == "rewritten":
                await self._clear_words(notice.target)
            await transcript.add(words)
        self._pairs[notice.request] = _Pair(words, reply, notice.kind, stands)
        await transcript.add(reply)
        if state == "reading":
            self._doing("reading…")
            self._screen.set_timer(UNHEARD_S, partial(self._look_whether_heard, notice.request))

    def _look_whether_heard(self, request: int) -> None:
        pair = self._pairs.get(request)
        if pair is not None and pair.words.turn is None and pair.reply.state == "reading" and pair.kind != "again":
            self._doing("waiting for the memory…")

    async def _clear_for_another(self, target: str) -> tuple[Entry, bool]:
        """Take a reply, and all after it, off; the words that it answered stay. With whether the reply was kept."""
        transcript = self._screen.transcript
        words = transcript.question(None if target == LAST else transcript.entry_of(target))
        if words is None:
            return Entry("user", ""), True
        after = transcript.after(words)
        if after is not None:
            await transcript.cut(after)
        return words, after is not None and after.turn is not None

    async def _clear_words(self, target: str) -> None:
        transcript = self._screen.transcript
        words = transcript.question(None) if target == LAST else transcript.entry_of(target)
        if words is not None:
            await transcript.cut(words)

    async def withdrawn(self, notice: Withdrawn) -> None:
        """The words were never heard: they go back to where they were written."""
        pair = self._pairs.pop(notice.request, None)
        if pair is None:
            return
        if pair.kind == "said":
            await self._screen.transcript.take_off(pair.reply)
            await self._screen.transcript.take_off(pair.words)
        else:
            self._screen.mneme.session.show_conversation()
        if pair.kind != "again":
            self._screen.prompt.give_back(notice.words)
        self._doing(self._busy())

    async def happened(self, notice: Said) -> None:
        pair = self._pairs.get(notice.request)
        if pair is None:
            return
        match notice.event:
            case Heard(turn):
                pair.words.turn, pair.words.said_at, pair.words.state = turn, turn.said_at, "settled"
                pair.reply.state = "reading"
                self._doing("reading…")
                self._refresh(pair)
            case Recalled() as event:
                await self._recalled(pair, event)
            case Omitted(detail=detail):
                pair.reply.remark = one_line(detail)
                self._refresh(pair)
            case Thinking(text):
                await self._thinking(pair.reply, text)
            case Token(text):
                await self._token(pair.reply, text)
            case Stored() | Replaced() as event:
                await self._kept(pair, event)
            case Finished() as event:
                await self._finished(notice.request, pair, event)
            case Failed() as event:
                await self._failed(notice.request, pair, event)

    async def _kept(self, pair: _Pair, event: Stored | Replaced) -> None:
        if isinstance(event, Replaced):
            self._replaced(event)
        else:
            pair.reply.turn, pair.reply.said_at = event.turn, event.turn.said_at
            if pair.reply.text == event.turn.text:
                pair.reply.text = event.turn.text  # once: it is kept as long as the conversation is open
            await self._cites(pair.reply, event.citations)

    async def _recalled(self, pair: _Pair, event: Recalled) -> None:
        pair.words.state = "settled"
        if pair.reply.state == "queued":
            pair.reply.state = "reading"
        pair.reply.recalled = from_event(event)
        self._refresh(pair)
        await self._screen.explain(pair.reply)

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
            if view is not None:
                view.refresh_foot()
        pace = self._screen.mneme.session.pace.per_second
        self._doing("writing…" + f" {pace:.0f} tokens/s" * (pace > 0) + "  Esc stops")
        if view is not None:
            await view.write(text)
        self._screen.transcript.grown()

    def _replaced(self, event: Replaced) -> None:
        """The turns that gave way can be brought back, where they were remembered."""
        if not self._screen.mneme.session.privacy.remember:
            return
        self._screen.perform(undo.none)  # to learn that there is something to take back
        gone = count(len(event.turns), "earlier turn is", "earlier turns are")
        back = "it" if len(event.turns) == 1 else "them"
        self._screen.notify(f"{gone} forgotten. /undo brings {back} back.", timeout=4)

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
        if self._screen.top_bar.model.name != MEMORY_ONLY:
            self._screen.status_line.used(event.usage)
        self._doing(self._busy())
        if pair.kind == "again" and not event.text.strip():
            self._screen.mneme.session.show_conversation()

    async def _failed(self, request: int, pair: _Pair, event: Failed) -> None:
        pair.reply.state, pair.reply.remark = "failed", one_line(event.message)
        pair.reply.turn = event.reply
        if pair.reply.thought and pair.reply.thought_s is None:
            await self._thought(pair.reply, monotonic() - self._thinking_since)
        await self._settle(pair.reply)
        del self._pairs[request]
        self._complain(event.message)
        if pair.kind == "again" and pair.stands:
            self._screen.mneme.session.show_conversation()
        elif pair.words.turn is not None:
            self._screen.prompt.try_again(pair.words.text, pair.words.turn.id)
        else:
            self._screen.prompt.give_back(pair.words.text)
        self._doing(self._busy())

    async def _cites(self, reply: Entry, citations: Sequence[Citation]) -> None:
        """What the reply cites bears its number, in its words and on the cards."""
        cited = {citation.number: citation.memory.id for citation in citations}
        if cited == reply.cited:
            return
        shown = self._screen.explained is reply
        reply.cited, reply.recalled = cited, with_citations(reply.recalled, citations)
        if shown:
            await self._screen.explain(reply)

    async def _settle(self, reply: Entry) -> None:
        view = self._screen.transcript.view(reply)
        if view is not None:
            await view.settle()

    def _refresh(self, pair: _Pair) -> None:
        for entry in (pair.words, pair.reply):
            view = self._screen.transcript.view(entry)
            if view is not None:
                view.refresh_foot()

    def _busy(self) -> str:
        return "reading…" if self._pairs else ""

    def _doing(self, what: str) -> None:
        self._screen.status_line.doing(what)

    def _complain(self, problem: str) -> None:
        self._screen.notify(one_line(problem), title="No reply", severity="error", timeout=8, markup=False)
