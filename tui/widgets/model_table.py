"""Models as rows: the one in use is marked, and what cannot be used is dim."""

from __future__ import annotations

from collections.abc import Sequence
from typing import TYPE_CHECKING, ClassVar, Literal

from rich.text import Text
from textual.binding import Binding, BindingType

from tui.text.sanitise import one_line
from tui.text.show import size
from tui.widgets.row_table import RowTable

if TYPE_CHECKING:
    from agent.models.catalogue import InstalledModel


class ModelTable(RowTable):
    """The name takes what room the figures leave."""

    BINDINGS: ClassVar[list[BindingType]] = [Binding("enter", "select_cursor", "Use", id="models.choose")]

    def __init__(self) -> None:
        super().__init__(id="models")
        self.models: list[InstalledModel] = []

    @property
    def highlighted(self) -> InstalledModel | None:
        """The model under the cursor."""
        return self.models[self.cursor_row] if 0 <= self.cursor_row < len(self.models) else None

    def show(self, models: Sequence[InstalledModel]) -> None:
        """Put the cursor on the one in use the first time, afterwards leave it where it is."""
        first = not self.models
        self.models = list(models)
        self.draw_anew()
        if first:
            self.move_cursor(row=next((n for n, one in enumerate(models) if one.in_use), 0))

    def draw(self) -> None:
        wide, narrow = self.size.width >= 96, self.size.width < 72
        widths = {"": 1, "Model": 0, "Where": 0 if narrow else 12, "Size": 7, "Context": 9, "Needs": 7}
        widths["Licence"] = 14 if wide else 0
        widths = {name: width for name, width in widths.items() if width or name == "Model"}
        widths["Model"] = max(16, self.room(*(width for name, width in widths.items() if name != "Model")))
        for name, width in widths.items():
            self.add_column(Text(name, justify=_justify(name)), width=width)
        for model in self.models:
            cells = _cells(model)
            self.add_row(*(cells[name] for name in widths))


def _cells(model: InstalledModel) -> dict[str, Text]:
    style = "" if model.usable and model.fits is not False else "dim"
    where = {"memory_only": "", "downloaded": "hub cache", "folder": "folder"}.get(model.kind, model.server)
    texts = {
        "Model": one_line(model.name, limit=300),
        "Where": where,
        "Size": size(model.bytes) if model.bytes else "",
        "Context": f"{model.context_size:,}" if model.context_size else "",
        "Needs": size(model.memory_bytes) if model.memory_bytes else "",
        "Licence": one_line(model.licence, limit=40),
    }
    cells = {
        name: Text(text, style=style, no_wrap=True, overflow="ellipsis", justify=_justify(name))
        for name, text in texts.items()
    }
    return cells | {"": Text("●" if model.in_use else "", style="bold")}


def _justify(name: str) -> Literal["left", "right"]:
    return "right" if name in ("Size", "Context", "Needs") else "left"
