"""The commands of the table, as the app obeys them: typed, pressed, or taken from the palette."""

from __future__ import annotations

from collections.abc import Callable
from dataclasses import replace
from typing import TYPE_CHECKING, TypeVar

from memory_store.errors import InvalidInput, MnemeError
from memory_store.records import Turn
from tui import undo
from tui.clipboard import copy
from tui.code_blocks import code_blocks
from tui.entries import Entry
from tui.messages import ActFailed, Completed
from tui.requests import LAST
from tui.sanitise import one_line
from tui.slash import acts, attaching, finding
from tui.slash.completing import Surroundings, offers
from tui.slash.parsing import Call, on_or_off
from tui.slash.references import Shown, meant

if TYPE_CHECKING:
    from memory_store import MemoryStore
    from tui.screens.chat import ChatScreen
    from tui.session import Session

T = TypeVar("T")

BUSY = "A reply is being made. Esc stops it."


class ChatCommands:
    """``run`` obeys one. What a person can put right is told as a notice; nothing is lost by a command that fails."""

    def __init__(self, screen: ChatScreen) -> None:
        self._screen = screen
        self._typed = ""
        self.obeyed: dict[str, Callable[[str], object]] = {
            "new": lambda _: self._new(),
            "resume": self._resume,
            "stop": lambda _: self._stop(),
            "takeback": lambda _: self.take_back(),
            "regenerate": lambda _: self.regenerate(),
            "rewrite": self._rewrite,
            "title": self._title,
            "export": self._export,
            "branch": self._branch,
            "incognito": self._incognito,
            "recall": self._recall,
            "as-of": self._as_of,
            "search": self._search,
            "why": self._why,
            "edit": self._edit,
            "without": self._without,
            "undo": self._undo,
            "model": self._model,
            "recalled": lambda _: screen.toggle_recalled(),
            "copy": self._copy,
            "editor": lambda _: screen.write_in_editor(),
            "history": screen.search_history,
            "light": lambda _: screen.mneme.action_light(),
            "theme": self._theme,
            "mneme": self._mneme,
            "conflicts": self._conflicts,
            "timeline": lambda _: screen.mneme.action_timeline(),
            "log": lambda _: screen.mneme.action_log(),
            "lock": lambda _: screen.mneme.action_lock(),
            "help": lambda _: screen.mneme.action_help(),
            "quit": lambda _: screen.mneme.exit(),
            **{name: self._changing(make) for name, make in acts.MAKING.items() if name not in ("edit", "attach")},
            "attach": self._attach,
        }

    def run(self, call: Call) -> None:
        self._typed = f"/{call.command.name} {call.rest}".rstrip()
        try:
            self.obeyed[call.command.name](call.rest)
        except MnemeError as error:
            self._complain(str(error))

    def complete(self, typed: str) -> None:
        """Look up what may follow a command. :class:`Completed` follows."""
        screen = self._screen
        around = Surroundings(
            screen.store,
            self._session.settings,
            sorted(screen.mneme.available_themes),
            screen.numbered(),
            next((one.text for one in reversed(screen.transcript.entries) if one.turn and not one.is_reply), ""),
        )

        def look() -> None:
            try:
                found = offers(typed, around)
            except MnemeError:
                found = []
            screen.post_message(Completed(typed, found))

        screen.run_worker(look, thread=True, group="completing", exclusive=True, exit_on_error=False)

    # --- the conversation

    def _new(self) -> None:
        self._screen.mneme.resume(None)

    def _resume(self, words: str) -> None:
        if not words:
            self._screen.mneme.action_conversations()
            return
        self._read(lambda store: finding.conversation(store, words).id, self._screen.mneme.resume)

    def _conflicts(self, rest: str) -> None:
        if not rest:
            self._screen.mneme.action_conflicts()
            return
        self._screen.perform(acts.decide(rest))

    def _stop(self) -> None:
        self._screen.stop()

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
        self._screen.perform(lambda store: acts.title(store, title, conversation))

    def _export(self, file: str) -> None:
        conversation = self._conversation()

        def write(store: MemoryStore) -> str:
            from pathlib import Path

            from tui import transcripts

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

    def _conversation(self) -> str:
        conversation = self._session.conversation_id
        if conversation is None:
            raise InvalidInput("Nothing of this conversation is remembered yet.")
        return conversation

    def _idle(self) -> None:
        if self._session.busy:
            raise InvalidInput(BUSY)

    # --- memory

    def _changing(self, make: acts.Making) -> Callable[[str], None]:
        def change(rest: str) -> None:
            shown = self._screen.shown()
            self._screen.perform(lambda store: make(store, rest, shown), self._typed)

        return change

    def _attach(self, rest: str) -> None:
        if not self._session.privacy.remember:
            raise InvalidInput(attaching.INCOGNITO)
        self._tell(f"Reading {attaching.named(rest)[0].name}…")
        self._changing(attaching.attach)(rest)

    def _edit(self, rest: str) -> None:
        which, _, words = rest.partition(" ")
        if words.strip():
            self._changing(acts.edit)(rest)
            return
        self._with_memory(which, self._screen.edit_memory)

    def _without(self, rest: str) -> None:
        self._with_memory(rest, self._screen.without)

    def _with_memory(self, which: str, then: Callable[[Turn], object]) -> None:
        shown: Shown = self._screen.shown()
        self._read(lambda store: meant(store, which, shown), then)

    def _search(self, words: str) -> None:
        self._screen.mneme.action_memories()
        if words:
            from textual.widgets import Input

            memories = self._screen.mneme.screen
            memories.call_after_refresh(lambda: setattr(memories.query_one("#search", Input), "value", words))

    def _why(self, reply: str) -> None:
        if reply:
            self._read(lambda store: store.get(reply), self._screen.explain_turn)
        else:
            self._screen.explain_last()

    def _undo(self, rest: str) -> None:
        if rest and not (rest.isdecimal() and 0 < int(rest) < 100):
            raise InvalidInput("/undo takes a number: how many changes to take back.")
        many = int(rest or 1)
        self._screen.perform(lambda store: undo.take_back(store, many))

    # --- model and screen

    def _model(self, name: str) -> None:
        app = self._screen.mneme
        if not name:
            app.action_models()
            return
        from tui.models_here import models_here

        settings = self._session.settings
        self._read(lambda _: finding.model(models_here(settings).models, name), lambda m: app.use_model(m, keep=False))

    def _theme(self, name: str) -> None:
        app = self._screen.mneme
        if not name:
            app.action_change_theme()
        elif name in app.available_themes:
            app.theme = name
        else:
            raise InvalidInput(f"There is no theme '{name[:40]}'. /theme shows them.")

    def _copy(self, what: str) -> None:
        transcript = self._screen.transcript
        if what == "all":
            self.copied("\n\n".join(f"{entry.speaker}: {entry.text}" for entry in transcript.entries), "All is copied.")
            return
        last = next((entry for entry in reversed(transcript.entries) if entry.is_reply and entry.text), None)
        if last is None:
            raise InvalidInput("There is no reply to copy yet.")
        if what in ("", "reply"):
            self.copied(last.text, "The last reply is copied.")
        elif what == "code":
            self.copy_code(last)
        else:
            raise InvalidInput("/copy, /copy code or /copy all.")

    def copy_code(self, entry: Entry) -> None:
        """All the code in a turn."""
        blocks = code_blocks(entry.text)
        if not blocks:
            raise InvalidInput("There is no code in it.")
        said = "The code is copied." if len(blocks) == 1 else f"{len(blocks)} blocks of code are copied."
        self.copied("\n\n".join(blocks), said)

    def copied(self, text: str, said: str) -> None:
        copy(self._screen.app, text)
        self._tell(said)

    def _mneme(self, rest: str) -> None:
        from tui.screens.output import OutputScreen
        from tui.slash.command_line import run

        settings, app = self._session.settings, self._screen.mneme

        def show(text: str) -> None:
            app.push_screen(OutputScreen(f"mneme {rest}", text))
            self._session.look()

        self._tell(f"mneme {rest}…")
        self._read(lambda _: run(settings, rest), show)

    # ---

    @property
    def _session(self) -> Session:
        return self._screen.mneme.session

    def _read(self, read: Callable[[MemoryStore], T], then: Callable[[T], object]) -> None:
        """``read`` in a thread, ``then`` with what it found where the widgets live."""
        screen, store = self._screen, self._screen.store
        if store is None:
            raise InvalidInput("The memory is not open yet; try again in a moment.")

        def work() -> None:
            try:
                found = read(store)
            except MnemeError as error:
                screen.post_message(ActFailed(str(error)))
            else:
                screen.app.call_from_thread(then, found)

        screen.run_worker(work, thread=True, group="commands", exit_on_error=False)

    def _tell(self, said: str, seconds: float = 3) -> None:
        self._screen.notify(one_line(said), timeout=seconds, markup=False)

    def _complain(self, problem: str) -> None:
        self._screen.notify(one_line(problem), severity="warning", timeout=6, markup=False)
