"""The commands of the table, as the plain chat obeys them."""

from __future__ import annotations

from collections.abc import Callable, Iterator
from dataclasses import replace
from typing import TYPE_CHECKING

from memory_store.errors import InvalidInput, MnemeError
from memory_store.records import Turn
from tui.memories import undo
from tui.slash import acts, attaching, finding
from tui.slash.dates import day as day_of
from tui.slash.parsing import Call, on_or_off
from tui.slash.references import meant
from tui.slash.table import GROUPS
from tui.talking.notices import ConversationOpened, SwitchesChanged
from tui.talking.recalled import RecalledRow, from_ledger
from tui.text.sanitise import one_line
from tui.text.wording import change_of, day

if TYPE_CHECKING:
    from memory_store import MemoryStore
    from tui.plain.chat import PlainChat
    from tui.talking.session import Session

FOUND = 10


class PlainCommands:
    """``run`` obeys one and tells what came of it. Raises MnemeError for what a person can put right."""

    def __init__(self, chat: PlainChat) -> None:
        self._chat = chat
        self.obeyed: dict[str, Callable[[str], object]] = {
            "new": lambda _: self._open(None),
            "resume": self._resume,
            "regenerate": lambda _: self._regenerate(),
            "rewrite": self._rewrite,
            "title": lambda rest: self._tell(acts.title(self._store, rest, self._conversation())),
            "export": self._export,
            "branch": self._branch,
            "incognito": self._incognito,
            "recall": self._recall,
            "as-of": self._as_of,
            "search": self._search,
            "why": self._why,
            "without": self._without,
            "conflicts": self._conflicts,
            "undo": self._undo,
            "model": self._model,
            "editor": lambda _: self._editor(),
            "history": self._history,
            "mneme": self._mneme,
            "help": lambda _: self._help(),
            "quit": lambda _: setattr(chat, "left", True),
            **{name: self._changing(make) for name, make in acts.MAKING.items()},
            "attach": self._attach,
        }

    def run(self, call: Call) -> None:
        act = self.obeyed.get(call.command.name)
        if act is None:
            raise InvalidInput(f"/{call.command.name} is for the app: mneme chat, without --plain.")
        act(call.rest)

    # --- the conversation

    def _open(self, conversation: str | None) -> None:
        self._session.open_conversation(conversation)
        self._chat.until(lambda notice: isinstance(notice, ConversationOpened))

    def _resume(self, words: str) -> None:
        if words:
            self._open(finding.conversation(self._store, words).id)
            return
        for one in self._store.conversations(limit=FOUND):
            self._say(f"{one.id}  {day(one.updated_at)}  {one_line(one.title)}")
        self._say("/resume with an id, or with words of one, goes on with it.")

    def _regenerate(self) -> None:
        if not self._chat.words:
            raise InvalidInput("There is nothing to answer again yet.")
        self._chat.hear(self._session.again(self._chat.words))

    def _rewrite(self, words: str) -> None:
        if not self._chat.words:
            raise InvalidInput("You have said nothing here yet.")
        if not words:
            raise InvalidInput("/rewrite WORDS: what you would rather have said.")
        self._chat.speak(words, instead_of=self._chat.words_id or "last")

    def _export(self, file: str) -> None:
        from pathlib import Path

        from tui.text import transcripts

        conversation = self._store.conversation(self._conversation())
        target = Path(file).expanduser() if file else Path(transcripts.file_name(conversation))
        transcripts.export(self._store, conversation.id, target)
        self._say(f"Written to {target.absolute()}.")

    def _branch(self, turn: str) -> None:
        made = acts.branch(self._store, turn, self._conversation())
        self._open(made.id)
        self._say(f"A branch: {one_line(made.title)}")

    def _incognito(self, rest: str) -> None:
        privacy = self._session.privacy
        self._session.switch(replace(privacy, remember=not on_or_off(rest, not privacy.remember)))
        self._chat.until(lambda notice: isinstance(notice, ConversationOpened))

    def _recall(self, rest: str) -> None:
        privacy = self._session.privacy
        self._session.switch(replace(privacy, recall=on_or_off(rest, privacy.recall)))
        self._chat.until(lambda notice: isinstance(notice, SwitchesChanged))

    def _as_of(self, rest: str) -> None:
        self._session.turn_back(day_of(rest))
        self._chat.until(lambda notice: isinstance(notice, SwitchesChanged))

    def _conversation(self) -> str:
        conversation = self._session.conversation_id
        if conversation is None:
            raise InvalidInput("Nothing of this conversation is remembered yet.")
        return conversation

    # --- memory

    def _changing(self, make: acts.Making) -> Callable[[str], None]:
        return lambda rest: self._tell(make(self._store, rest, self._chat.shown))

    def _attach(self, rest: str) -> None:
        if not self._session.privacy.remember:
            raise InvalidInput(attaching.INCOGNITO)
        self._changing(attaching.attach)(rest)

    def _tell(self, done: undo.Done) -> None:
        self._say(done.told("/undo"))

    def _search(self, words: str) -> None:
        if not words:
            raise InvalidInput("/search WORDS: what to look for.")
        found = self._store.recall(words, limit=FOUND)
        for hit in found:
            self._say(f"{hit.memory.id}  {hit.score:.2f}  {self._quoted(hit.memory)}")
        if not found.found:
            self._say("There is probably nothing on this." if found else "Nothing was found.")

    def _why(self, reply: str) -> None:
        recalled = self._chat.recalled
        told = reply or (self._chat.reply_id if recalled is None else "")
        if told:
            recalled = from_ledger(self._store.recalled_for(self._store.get(told).id))
            self._chat.recalled = recalled
        if recalled is None or not recalled.rows:
            self._say("Nothing was recalled.")
            return
        for row in recalled.rows:
            self._say(_line(row, self._quoted(row.memory) if row.memory else "erased since"))

    def _without(self, rest: str) -> None:
        memory = meant(self._store, rest, self._chat.shown)
        if not self._chat.words:
            raise InvalidInput("There is no reply yet.")
        before, reply = self._chat.recalled, self._chat.reply_id
        request = self._session.aside(self._chat.words, reply or "last", [memory.id])
        self._chat.hear(request, label="Agent, without it: ")
        self._chat.recalled, self._chat.reply_id = before, reply
        self._say("(Nothing of this is kept.)")

    def _conflicts(self, rest: str) -> None:
        if rest:
            self._tell(acts.decide(rest)(self._store))
            return
        found = self._store.conflict_chains(limit=FOUND)
        for one in found:
            *before, (now, _) = one.statements
            self._say(f"{one.id}  {change_of([value for _, value in one.statements])}".rstrip())
            self._say(f"  now: {self._quoted(now)}")
            for memory, _ in reversed(before):
                self._say(f"  before: {self._quoted(memory)}")
        self._say("/conflicts ID newer, both or dismiss." if found else "Nothing contradicts an earlier memory.")

    def _undo(self, rest: str) -> None:
        if rest and not (rest.isdecimal() and 0 < int(rest) < 100):
            raise InvalidInput("/undo takes a number: how many changes to take back.")
        done = undo.take_back(self._store, int(rest or 1))
        self._tell(done)
        if done.turns:
            self._session.show_conversation()
            self._chat.until(lambda notice: isinstance(notice, ConversationOpened))

    def _quoted(self, memory: Turn) -> str:
        return f"{day(memory.said_at)}, {self._chat.name_of(memory.speaker)}: {one_line(memory.text, limit=160)}"

    # --- the rest

    def _model(self, name: str) -> None:
        from agent.models import selecting
        from tui.models_here import facts, models_here

        settings = self._session.settings
        models = models_here(settings).models
        if name:
            self._session.use_model(selecting.using(settings, finding.model(models, name)))
            return
        for one in models:
            self._say(f"{one_line(one.name)}{' (replies now)' if one.in_use else ''}: {one_line(facts(one))}")

    def _editor(self) -> None:
        from tui.commands.asking import edited

        if not self._session.privacy.remember or self._store.encrypted:
            raise InvalidInput("An editor writes to the disk in the plain, and nothing of this may be there.")
        words = edited("")
        if words.strip():
            self._say(f"You: {words}")
            self._chat.settle(lambda: self._chat.speak(words))

    def _history(self, words: str) -> None:
        for turn in self._store.memories(speaker="user", notes=False, matching=words or None, limit=FOUND):
            self._say(self._quoted(turn))

    def _mneme(self, rest: str) -> None:
        from tui.slash.command_line import run

        self._say(run(self._session.settings, rest).rstrip())

    def _help(self) -> None:
        for group, commands in GROUPS.items():
            self._say(f"{group}:")
            for command in commands:
                if command.plain:
                    self._say(f"  {command.usage}: {command.does}")
        self._say("MEMORY is the number of /why, an id, or: this. A line that ends in a backslash goes on.")

    @property
    def _session(self) -> Session:
        return self._chat.session

    @property
    def _store(self) -> MemoryStore:
        store = self._chat.session.store
        if store is None:
            raise MnemeError("The memory is not open yet; try again in a moment.")
        return store

    def _say(self, text: str) -> None:
        self._chat.lines.say(text)


def _line(row: RecalledRow, quoted: str) -> str:
    number = f"[{row.number}]" if row.number is not None else "not in the prompt"
    reasons: Iterator[str] = (f"{name} {value:.2f}" for name, value in row.reasons.items() if abs(value) >= 0.005)
    until = f" until {day(row.until)}" if row.until else ""
    return f"{number}{' cited' if row.cited else ''}{until} {row.score:.2f} ({', '.join(reasons)}) {quoted}"
