"""What can be done to memories: to those that are selected, or else to the one under the cursor."""

from __future__ import annotations

from collections.abc import Sequence
from typing import ClassVar

from textual.binding import Binding, BindingType

from memory_store.attachments import is_of_a_file
from memory_store.errors import MnemeError
from memory_store.records import PurgeReceipt, Turn
from tui.memories import spreading, undo
from tui.memories.acting import ActingScreen
from tui.messages import ActFailed, Purged
from tui.screens.confirm import Confirm
from tui.screens.reading import ReadingScreen
from tui.text.sanitise import one_line
from tui.text.show import size
from tui.text.wording import count
from tui.widgets.memory_table import MemoryTable

ACTS = ("edit", "pin", "forget", "restore", "purge", "open", "within")


class MemoryActs(ActingScreen):
    """The acts of :class:`~tui.screens.memory.MemoryScreen`. All but a purge can be taken back."""

    BINDINGS: ClassVar[list[BindingType]] = [
        Binding("escape", "back", "Back", key_display="esc", id="memory.back"),
        Binding("e", "edit", "Edit", id="memory.edit"),
        Binding("p", "pin", "Pin", id="memory.pin"),
        Binding("f,delete", "forget", "Forget", key_display="f", id="memory.forget"),
        Binding("r", "restore", "Restore", id="memory.restore"),
        Binding("X", "purge", "Erase for good", id="memory.purge"),
        Binding("u", "undo", "Undo", id="memory.undo"),
        Binding("o", "open", "Open its conversation", show=False, id="memory.open"),
    ]

    table: MemoryTable

    def action_back(self) -> None:
        raise NotImplementedError

    @property
    def meant(self) -> list[Turn]:
        """What an act is for: the selected memories, or else the one under the cursor."""
        if not self.is_mounted or not self.query(MemoryTable):
            return []
        here = self.table.highlighted
        return self.table.selected or ([] if here is None else [here])

    def check_action(self, action: str, parameters: tuple[object, ...]) -> bool | None:
        del parameters
        if action == "undo":
            return self.mneme.undoable
        if action not in ACTS:
            return True
        meant = self.meant
        return bool(meant) and {
            "edit": len(meant) == 1,
            "restore": any(memory.forgotten for memory in meant),
            "forget": any(not memory.forgotten for memory in meant),
            "open": len(meant) == 1 and not meant[0].is_note,
            "within": len(meant) == 1 and not meant[0].is_note,
        }.get(action, True)

    def action_edit(self) -> None:
        if len(self.meant) == 1:
            self.correct(self.meant[0], "Correct this memory")

    def action_pin(self) -> None:
        self._act("pin")

    def action_forget(self) -> None:
        self._act("forget")

    def action_restore(self) -> None:
        self._act("restore")

    def _act(self, act: str) -> None:
        meant = self.meant
        if len(meant) == 1:
            self.act_on_memory(act, meant[0])
        elif meant:
            self.perform(undo.to_all(meant, act))

    def action_open(self) -> None:
        memory = self.table.highlighted
        if memory is None or memory.conversation_id is None:
            return
        if is_of_a_file(memory):  # to be read, not to be gone on with
            self.app.push_screen(ReadingScreen(memory, memory.conversation_id))
        else:
            self.mneme.resume(memory.conversation_id)

    # --- erasing for good

    def action_purge(self) -> None:
        meant = self.meant
        if not meant:
            return

        def go_on(sure: bool | None) -> None:
            if sure:
                self._purge(meant)

        question = f"Erase {count(len(meant), 'memory', 'memories')} for good?"
        self.app.push_screen(Confirm(question, _what_goes(meant), yes="Erase"), go_on)

    def _purge(self, memories: Sequence[Turn]) -> None:
        store = self.store
        if store is None:
            return

        def erase() -> None:
            try:
                receipt = store.purge([memory.id for memory in memories])
            except MnemeError as error:
                self.post_message(ActFailed(str(error)))
            else:
                self.post_message(Purged(memories, receipt))

        self.notify("Erasing, and searching every file for what is left…", timeout=4)
        self.run_worker(erase, thread=True, group="acts", exit_on_error=False)

    def on_purged(self, message: Purged) -> None:
        message.stop()
        receipt = message.receipt
        self.notify(one_line(proof(receipt)), severity="error" if receipt.traces else "information", timeout=8)
        self.table.take_out(receipt.purged)
        self.list_anew()
        spreading.purged(self.mneme, message.memories)
        self.perform(undo.none)


def _what_goes(memories: Sequence[Turn]) -> str:
    first = one_line(memories[0].text, limit=80)
    said = f"“{first}”" + (f" and {len(memories) - 1} more" if len(memories) > 1 else "")
    return (
        f"{said}: the words, every earlier wording and every vector are overwritten, then every file is searched for "
        "them. Replies that used them stay. This cannot be undone."
    )


def proof(receipt: PurgeReceipt) -> str:
    """``3 memories erased. 12 files (4.1 MB) searched: no trace is left.``"""
    searched = f"{count(receipt.files_searched, 'file')} ({size(receipt.bytes_searched)}) searched"
    left = f"traces left in {', '.join(receipt.traces)}" if receipt.traces else "no trace is left"
    pending = f" Still to come: {'; '.join(receipt.pending)}." if receipt.pending else ""
    erased = f"{count(len(receipt.purged), 'memory', 'memories')} erased. {searched}: {left}.{pending}"
    if not receipt.backups:
        return erased
    return f"{erased} {count(len(receipt.backups), 'backup')} may still hold it: /mneme memory purge --backups."
