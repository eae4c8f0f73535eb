"""What can be done to the conversation under the cursor: rename, branch, archive, export, delete, restore."""

from __future__ import annotations

from pathlib import Path
from typing import ClassVar

from textual.binding import Binding, BindingType

from memory_store.errors import MnemeError
from memory_store.records import Conversation
from tui.memories import undo
from tui.memories.acting import ActingScreen
from tui.messages import ActFailed, Branched, Exported
from tui.screens.ask_line import AskLine
from tui.screens.confirm import Confirm
from tui.text import transcripts
from tui.text.sanitise import one_line
from tui.text.wording import count, place
from tui.widgets.turn_list import TurnList


class ConversationActs(ActingScreen):
    """The acts of :class:`~tui.screens.conversations.ConversationsScreen`, which says which one is :attr:`chosen`."""

    BINDINGS: ClassVar[list[BindingType]] = [
        Binding("escape", "back", "Back", key_display="esc", id="conversations.back"),
        Binding("n", "new", "New", id="conversations.new"),
        Binding("r", "rename", "Rename", id="conversations.rename"),
        Binding("R", "restore", "Restore", id="conversations.restore"),
        Binding("b", "branch", "Branch", id="conversations.branch"),
        Binding("a", "archive", "Archive", id="conversations.archive"),
        Binding("x", "export", "Export", show=False, id="conversations.export"),
        Binding("d,delete", "delete", "Delete", key_display="d", id="conversations.delete"),
        Binding("u", "undo", "Undo", id="conversations.undo"),
    ]

    turns: TurnList

    @property
    def chosen(self) -> Conversation | None:
        """The conversation under the cursor."""
        raise NotImplementedError

    def action_back(self) -> None:
        raise NotImplementedError

    def check_action(self, action: str, parameters: tuple[object, ...]) -> bool | None:
        del parameters
        if action == "undo":
            return self.mneme.undoable
        chosen = self.chosen
        if action in ("rename", "branch", "archive", "export", "delete"):
            return chosen is not None and not chosen.deleted
        if action == "restore":
            return chosen is not None and chosen.deleted
        return True

    def action_new(self) -> None:
        self.mneme.resume(None)

    def action_rename(self) -> None:
        chosen = self.chosen
        if chosen is None:
            return

        def keep(title: str | None) -> None:
            if title is not None:
                self.perform(undo.rename(chosen, title))

        self.app.push_screen(AskLine("Rename this conversation", chosen.title), keep)

    def action_archive(self) -> None:
        if self.chosen is not None:
            self.perform(undo.archive(self.chosen))

    def action_restore(self) -> None:
        if self.chosen is not None:
            self.perform(undo.undelete(self.chosen))

    # --- branching off

    def action_branch(self) -> None:
        store, turn = self.store, self.turns.highlighted_turn
        if store is None or turn is None:
            self.notify("There is no turn to branch off at.", timeout=3)
            return

        def begin() -> None:
            try:
                self.post_message(Branched(store.branch(turn.id)))
            except MnemeError as error:
                self.post_message(ActFailed(str(error)))

        self.run_worker(begin, thread=True, group="acts", exit_on_error=False)

    def on_branched(self, message: Branched) -> None:
        message.stop()
        self.mneme.go_to_branch(message.conversation)

    # --- writing it to a file

    def action_export(self) -> None:
        chosen, store = self.chosen, self.store
        if chosen is None or store is None:
            return

        def write(name: str | None) -> None:
            if name is not None:
                file = Path(name).expanduser().absolute()
                self.run_worker(lambda: self._export(chosen, file), thread=True, group="acts", exit_on_error=False)

        proposed = str(Path.cwd() / transcripts.file_name(chosen))
        self.app.push_screen(AskLine("Write it to (.md or .json)", proposed, keep_unchanged=True), write)

    def _export(self, conversation: Conversation, file: Path) -> None:
        store = self.store
        if store is None:
            return
        try:
            transcripts.export(store, conversation.id, file)
        except MnemeError as error:
            self.post_message(ActFailed(str(error)))
        else:
            self.post_message(Exported(file))

    def on_exported(self, message: Exported) -> None:
        message.stop()
        self.notify(f"Written to {one_line(place(message.file))}", timeout=5, markup=False)

    # --- deleting

    def action_delete(self) -> None:
        chosen = self.chosen
        if chosen is None:
            return

        def go_on(sure: bool | None) -> None:
            if sure:
                self._delete(chosen)

        detail = f"Its {count(chosen.turns, 'turn')} will be forgotten: hidden and not recalled. u takes it back."
        question = f"Delete “{one_line(chosen.title, limit=60)}”?"
        self.app.push_screen(Confirm(question, detail, yes="Delete"), go_on)

    def _delete(self, conversation: Conversation) -> None:
        self.perform(undo.delete(conversation))
        if conversation.id == self.mneme.session.conversation_id:
            self.mneme.session.open_conversation(None)
