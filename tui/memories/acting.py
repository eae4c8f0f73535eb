"""What screens that change the memory have in common: the change runs in a thread, and the answer is a message."""

from __future__ import annotations

from typing import TYPE_CHECKING, Any

from textual.screen import Screen

from memory_store.errors import MnemeError, SecretInWords
from memory_store.records import Turn
from tui.memories import spreading, undo
from tui.messages import ActDone, ActFailed, SecretHeld
from tui.screens.secret_found import SecretFound
from tui.text.sanitise import DISPLAY_LIMIT, one_line

if TYPE_CHECKING:
    from memory_store import MemoryStore
    from memory_store.episodic.screening import SecretsAnswer
    from tui.app import MnemeApp


class ActingScreen(Screen[Any]):
    """A screen that can :meth:`perform` acts and take the last one back."""

    @property
    def mneme(self) -> MnemeApp:
        from tui.app import MnemeApp

        app = self.app
        if not isinstance(app, MnemeApp):
            raise TypeError("this screen belongs to MnemeApp")
        return app

    @property
    def store(self) -> MemoryStore | None:
        return self.mneme.session.store

    @property
    def undo_key(self) -> str:
        """What takes the last act back here, to be named to the user."""
        return "u"

    def on_screen_resume(self) -> None:
        if self.store is not None:
            self.perform(undo.none)

    def perform(self, change: undo.Change, typed: str = "") -> None:
        """Make a change, in a thread. :class:`ActDone` or :class:`ActFailed` follows. ``typed``: the words that asked
        for it, to be given back when somebody thinks better of it."""
        store = self.store
        if store is None:
            self.notify("The memory is not open yet.", severity="warning", markup=False)
            return
        self.run_worker(lambda: self._perform(store, change, typed), thread=True, group="acts", exit_on_error=False)

    def _perform(self, store: MemoryStore, change: undo.Change, typed: str) -> None:
        try:
            done = change(store)
            undoable = store.next_undo(actor=store.actor) is not None
        except SecretInWords as error:
            self.post_message(SecretHeld(error.kinds, change, typed))
        except MnemeError as error:
            self.post_message(ActFailed(str(error)))
        else:
            self.post_message(ActDone(done, undoable=undoable))

    def on_secret_held(self, message: SecretHeld) -> None:
        """Ask what is to become of it, and make the change so."""
        message.stop()

        def answered(answer: SecretsAnswer | None) -> None:
            if answer is None:
                self.notify("Nothing was changed.", timeout=3, markup=False)
                self.give_back(message.typed)
            else:
                self.perform(undo.settled(message.change, answer))

        self.app.push_screen(SecretFound(message.kinds), answered)

    def on_act_done(self, message: ActDone) -> None:
        message.stop()
        self.mneme.undoable = message.undoable
        if message.done.said:
            self.notify(message.done.told(self.undo_key), timeout=4, markup=False)
        for changed in message.done.changed:
            spreading.changed(self.mneme, changed)
        if message.done.anew:
            spreading.listed_anew(self.mneme)
        if message.done.turns:
            self.mneme.session.show_conversation()
        self.refresh_bindings()

    def on_act_failed(self, message: ActFailed) -> None:
        message.stop()
        self.notify(one_line(message.problem), severity="error", markup=False)

    def action_undo(self) -> None:
        """Take the last thing back that was done in the app, now or in an earlier sitting."""
        self.perform(undo.take_back)

    def act_on_memory(self, act: str, memory: Turn) -> None:
        """Pin, forget or restore, by name."""
        self.perform({"pin": undo.pin, "forget": undo.forget, "restore": undo.restore}[act](memory))

    def correct(self, memory: Turn, title: str) -> None:
        """Let the memory's words be written anew."""
        from tui.screens.edit_text import EditText

        if len(memory.text) > DISPLAY_LIMIT:
            hint = f"`mneme memory edit {memory.id}` opens them in your editor."
            self.notify(f"{len(memory.text):,} characters are too many for here. {hint}", timeout=8, markup=False)
            return

        def answered(words: str | None) -> None:
            if words is not None:
                self.perform(undo.edit(memory, words))

        self.app.push_screen(EditText(title, memory.text), callback=answered)

    def give_back(self, typed: str) -> None:
        """What was typed came to nothing: where it can be written again."""

    def memory_changed(self, memory: Turn) -> None:
        """Some screen changed a memory: show it as it is now."""

    def list_anew(self) -> None:
        """What is listed may have come, gone or changed."""

    def conversations_changed(self) -> None:
        """Some screen changed a conversation."""
