"""Commands about the conversation: where it goes on, what is said again, who may know of it."""

from __future__ import annotations

from dataclasses import replace
from typing import TYPE_CHECKING

from memory_store.errors import InvalidInput
from tui.obeying.base import Obeyed, Obeying
from tui.slash import acts, finding
from tui.slash.parsing import on_or_off
from tui.talking.entries import Entry
from tui.talking.requests import LAST

if TYPE_CHECKING:
    from memory_store import MemoryStore


class ConversationCommands(Obeying):
    """The first group of the table, and what a turn's own keys do."""

    def about_the_conversation(self) -> Obeyed:
        return {
            "new": lambda _: self._screen.mneme.resume(None),
            "resume": self._resume,
            "stop": lambda _: self._screen.stop(),
            "takeback": lambda _: self.take_back(),
            "regenerate": lambda _: self.regenerate(),
            "rewrite": self._rewrite,
            "title": self._title,
            "export": self._export,
            "branch": self._branch,
            "incognito": self._incognito,
            "recall": self._recall,
            "as-of": self._as_of,
        }

    def _resume(self, words: str) -> None:
        if not words:
            self._screen.mneme.action_conversations()
            return
        self._read(lambda store: finding.conversation(store, words).id, self._screen.mneme.resume)

    def take_back(self, entry: Entry | None = None) -> None:
        if not self._session.take_back(entry.request if entry else None):
            self._tell("Nothing waits for its turn.")

    def regenerate(self, reply: Entry | None = None) -> None:
        """Answer again what a reply (None: the last) answered."""
        self._idle()
        question = self._screen.transcript.question(reply)
        if question is None:
            raise InvalidInput("There is nothing to answer again yet.")
        target = reply.turn.id if reply is not None and reply.turn is not None else LAST
        self._session.again(question.text, target)
        self._screen.mneme.drain_soon()

    def _rewrite(self, words: str) -> None:
        question = self._screen.transcript.question(None)
        if question is None:
            raise InvalidInput("You have said nothing here yet.")
        if words:
            self._idle()
            self._screen.say(words, question.turn.id if question.turn else LAST)
        else:
            self.rewrite(question)

    def rewrite(self, entry: Entry) -> None:
        """Offer earlier words in the prompt."""
        self._idle()
        question = self._screen.transcript.question(None)
        if entry.turn is None and entry is not question:
            raise InvalidInput("Of what is not remembered, only the last words can be said in others.")
        self._screen.prompt.rewrite(entry.text, entry.turn.id if entry.turn else LAST)

    def _title(self, title: str) -> None:
        conversation = self._conversation()
        self._screen.perform(lambda store: acts.title(store, title, conversation), self._typed)

    def _export(self, file: str) -> None:
        conversation = self._conversation()

        def write(store: MemoryStore) -> str:
            from pathlib import Path

            from tui.text import transcripts

            target = Path(file).expanduser() if file else Path(transcripts.file_name(store.conversation(conversation)))
            transcripts.export(store, conversation, target)
            return str(target.absolute())

        self._read(write, lambda where: self._tell(f"Written to {where}.", seconds=8))

    def _branch(self, turn: str) -> None:
        self._idle()
        conversation = self._conversation()
        self._read(lambda store: acts.branch(store, turn, conversation), self._screen.mneme.go_to_branch)

    def branch(self, entry: Entry) -> None:
        """Go on from a turn in a conversation of its own."""
        if entry.turn is None:
            raise InvalidInput("What is not remembered cannot be branched off at.")
        self._branch(entry.turn.id)

    def _incognito(self, rest: str) -> None:
        privacy = self._session.privacy
        self._session.switch(replace(privacy, remember=not on_or_off(rest, not privacy.remember)))

    def _recall(self, rest: str) -> None:
        privacy = self._session.privacy
        self._session.switch(replace(privacy, recall=on_or_off(rest, privacy.recall)))

    def _as_of(self, rest: str) -> None:
        from tui.slash.dates import day

        self._session.turn_back(day(rest))
