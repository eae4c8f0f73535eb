"""A sitting without a screen: what is asked for and what is told, by threads."""

from __future__ import annotations

import threading
import time
from collections.abc import Callable, Iterator, Sequence
from contextlib import contextmanager

from agent.events import Failed, Finished, Heard, Recalled, Token
from agent.models.base import Message
from agent.settings import Settings
from memory_store import MemoryStore
from tests.tui.app_kit import PATIENCE_S, Scripted, maker
from tui.talking.notices import (
    ConversationChanged,
    ConversationOpened,
    EarlierPrompts,
    Notice,
    Problem,
    Said,
    Withdrawn,
    joined,
)
from tui.talking.session import Opening, Session

Opener = Callable[[Settings], MemoryStore]


class Listener:
    """Collects notices until what is waited for has come."""

    def __init__(self, session: Session) -> None:
        self.session = session
        self.heard: list[Notice] = []

    def until(self, true: Callable[[list[Notice]], object]) -> list[Notice]:
        end = time.monotonic() + PATIENCE_S
        while not true(self.heard):
            assert time.monotonic() < end, self.heard
            self.heard += self.session.drain()
            self.session._closing.wait(0.005)
        return self.heard

    def events(self, request: int) -> list[object]:
        return [notice.event for notice in self.heard if isinstance(notice, Said) and notice.request == request]

    def finished(self, request: int) -> list[object]:
        self.until(lambda _: any(isinstance(event, Finished | Failed) for event in self.events(request)))
        return self.events(request)


@contextmanager
def sitting(settings: Settings, opener: Opener, model: Scripted, opening: Opening | None = None) -> Iterator[Listener]:
    session = Session(settings, opener=opener, model_maker=maker(model))
    session.start(opening or Opening())
    try:
        yield Listener(session)
    finally:
        session.close()
        assert not session._thread.is_alive()


def test_a_reply_is_told_event_by_event(settings: Settings, opener: Opener) -> None:
    with sitting(settings, opener, Scripted(["One ", "two."])) as listener:
        request = listener.session.say("Count.")
        kinds = [type(event).__name__ for event in listener.finished(request)]
        assert kinds == ["Heard", "Recalled", "Token", "Token", "Stored", "Finished"]
        begun = [notice for notice in listener.heard if isinstance(notice, ConversationChanged)]
        assert [notice.conversation.id for notice in begun] == [listener.session.conversation_id]


def test_what_was_said_before_is_told_first(world: Settings, opener: Opener) -> None:
    with sitting(world, opener, Scripted(), Opening(latest=True)) as listener:
        listener.until(lambda heard: any(isinstance(notice, ConversationOpened) for notice in heard))
        opened = next(notice for notice in listener.heard if isinstance(notice, ConversationOpened))
        assert opened.conversation.title == "The bridge"
        assert len(opened.turns) == 2
        earlier = next(notice for notice in listener.heard if isinstance(notice, EarlierPrompts))
        assert earlier.words[0].startswith("We adopted a cat")
        assert earlier.words[-1].startswith("The deadline")


def test_words_that_nobody_heard_are_withdrawn(settings: Settings, opener: Opener) -> None:
    gate = threading.Semaphore(0)
    with sitting(settings, opener, Scripted(["Yes."], gate=gate)) as listener:
        first = listener.session.say("First?")
        second = listener.session.say("Second?")
        listener.until(lambda _: any(isinstance(event, Recalled) for event in listener.events(first)))
        listener.session.open_conversation(None)
        listener.until(lambda heard: Withdrawn(second, "Second?") in heard)
        assert [event.reason for event in listener.events(first) if isinstance(event, Finished)] == ["cancelled"]
        listener.until(lambda heard: sum(isinstance(notice, ConversationOpened) for notice in heard) == 2)
        assert listener.session.conversation_id is None
        assert [turn.text for turn in listener.session.store.memories()] == ["First?"]


def test_refused_words_fail_and_the_next_ones_are_heard(settings: Settings, opener: Opener) -> None:
    with sitting(settings, opener, Scripted(["Good."])) as listener:
        refused = listener.session.say("half a \ud800 pair")
        events = listener.finished(refused)
        assert [type(event) for event in events] == [Failed]
        heard = listener.finished(listener.session.say("whole"))
        assert isinstance(heard[0], Heard)


def test_a_thread_that_meets_the_unforeseen_says_so(settings: Settings) -> None:
    def broken(settings: Settings) -> MemoryStore:
        raise ZeroDivisionError("nobody thought of this")

    with sitting(settings, broken, Scripted()) as listener:
        listener.until(lambda heard: any(isinstance(notice, Problem) for notice in heard))
        problem = next(notice for notice in listener.heard if isinstance(notice, Problem))
        assert problem.fatal
        assert "ZeroDivisionError" in problem.message
        assert str(settings.paths.log_file) in problem.message


def test_closing_stops_a_reply_and_keeps_what_was_said(settings: Settings, opener: Opener) -> None:
    with sitting(settings, opener, Scripted(["So far.", "Never."], gate=threading.Semaphore(1))) as listener:
        request = listener.session.say("Begin.")
        listener.until(lambda _: any(isinstance(event, Token) for event in listener.events(request)))
    with opener(settings) as store:
        assert [turn.status for turn in store.memories(speaker="assistant")] == ["partial"]


def test_neighbouring_tokens_of_one_reply_are_joined() -> None:
    told: list[Notice] = [Said(1, Token("a")), Said(1, Token("b")), Said(2, Token("c")), Said(1, Token("d"))]
    assert joined(told) == [Said(1, Token("ab")), Said(2, Token("c")), Said(1, Token("d"))]
    assert joined([]) == []


class Reader(Scripted):
    """A model that reads ahead until it is stopped, and keeps what it was given."""

    can_read_ahead = True

    def __init__(self, pieces: list[str]) -> None:
        super().__init__(pieces)
        self.ahead: list[list[str]] = []
        self.stopped = 0

    def read_ahead(self, messages: Sequence[Message], cancel: threading.Event) -> None:
        self.ahead.append([message.content for message in messages])
        assert cancel.wait(PATIENCE_S)
        self.stopped += 1


def test_between_two_turns_the_model_reads_ahead_until_it_is_needed(settings: Settings, opener: Opener) -> None:
    model = Reader(["One."])
    with sitting(settings, opener, model) as listener:
        for number, words in enumerate(("First.", "Second."), start=1):
            listener.finished(listener.session.say(words))
            listener.until(lambda _, number=number: len(model.ahead) == number)
        assert model.ahead[1][-5:-1] == ["First.", "One.", "Second.", "One."]
        assert model.ahead[1][-1].startswith("Today is ")
        listener.session.open_conversation(None)
        listener.until(lambda _: model.stopped == 2)
