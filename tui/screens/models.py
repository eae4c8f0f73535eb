"""The models of this machine: choose the one that replies."""

from __future__ import annotations

from typing import TYPE_CHECKING, ClassVar

from textual.app import ComposeResult
from textual.binding import Binding, BindingType
from textual.containers import Horizontal
from textual.widgets import DataTable, Static

from tui.memories.acting import ActingScreen
from tui.models_here import ModelsFound, models_here
from tui.text.sanitise import one_line
from tui.text.show import size
from tui.text.wording import count, place
from tui.widgets.key_footer import KeyFooter
from tui.widgets.model_table import ModelTable

if TYPE_CHECKING:
    from agent.models.catalogue import InstalledModel

NONE = "No language model is here. `mneme models pull OWNER/NAME` gets one; or start Ollama or llama.cpp, then press r."


class ModelsScreen(ActingScreen):
    """Enter uses the model from now on, t for this sitting alone."""

    CSS_PATH = "models.tcss"
    BINDINGS: ClassVar[list[BindingType]] = [
        Binding("escape", "back", "Back", key_display="esc", id="models.back"),
        Binding("t", "choose(False)", "Use this time only", id="models.once"),
        Binding("r", "look", "Look again", id="models.look"),
    ]

    def compose(self) -> ComposeResult:
        with Horizontal(id="models-top"):
            yield Static("Models", id="models-name")
            yield Static("looking…", id="models-room", markup=False)
        yield ModelTable()
        yield Static(id="models-detail", markup=False)
        yield KeyFooter()

    def on_mount(self) -> None:
        self.table = self.query_one(ModelTable)
        self.table.focus()
        self.action_look()

    def action_look(self) -> None:
        """Look at files and servers again."""
        self.query_one("#models-room", Static).update("looking…")
        settings = self.mneme.session.settings
        self.run_worker(lambda: self.post_message(models_here(settings)), thread=True, group="models", exclusive=True)

    def on_models_found(self, message: ModelsFound) -> None:
        message.stop()
        self.table.show(message.models)
        free = f"{size(message.free)} of memory free" if message.free is not None else ""
        found = count(len(message.models) - 1, "language model")
        self.query_one("#models-room", Static).update(" · ".join(part for part in (found, free) if part))
        self._describe()

    def on_data_table_row_highlighted(self, message: DataTable.RowHighlighted) -> None:
        message.stop()
        self._describe()

    def on_data_table_row_selected(self, message: DataTable.RowSelected) -> None:
        message.stop()
        self.action_choose(True)

    def action_choose(self, keep: bool) -> None:
        """Use the model under the cursor; with ``keep``, also the next time."""
        chosen = self.table.highlighted
        if chosen is not None and self.mneme.use_model(chosen, keep=keep):
            self.dismiss()

    def action_back(self) -> None:
        self.dismiss()

    def _describe(self) -> None:
        model = self.table.highlighted
        text = ""
        if model is not None:
            text = NONE if len(self.table.models) == 1 else detail(model)
        self.query_one("#models-detail", Static).update(text)


def detail(model: InstalledModel) -> str:
    """All there is to say of a model, on a few lines."""
    lines = [model.base_url or (place(model.path) if model.path is not None else ""), _sentence(model.remark)]
    if model.fits is False:
        lines[1] = f"Needs {size(model.memory_bytes or 0)} of memory, and less is free: it will probably not load."
    return "\n".join(one_line(line, limit=400) for line in lines if line)


def _sentence(remark: str) -> str:
    return f"{remark[0].upper()}{remark[1:]}." if remark else ""
