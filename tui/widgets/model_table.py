"""Models as rows: the one in use is marked, and what cannot be used is dim."""

from __future__ import annotations

from collections.abc import Sequence
from typing import TYPE_CHECKING, ClassVar, Literal

from rich.text import Text
from textual import events
from textual.binding import Binding, BindingType
from textual.widgets import DataTable

from tui.sanitise import one_line
from tui.show import size

if TYPE_CHECKING:
    from agent.models.catalogue import InstalledModel


class ModelTable(DataTable[Text]):
    """The name takes what room the figures leave."""

    BINDINGS: ClassVar[list[BindingType]] = [
        Binding("enter", "select_cursor", "Use"),
        Binding("j", "cursor_down", "Down", show=False),
        Binding("k", "cursor_up", "Up", show=False),
        Binding("g", "scroll_top", "Top", show=False),
        Binding("G", "scroll_bottom", "Bottom", show=False),
    ]

    def __init__(self) -> None:
        super().__init__(id="models", cursor_type="row", cell_padding=1)
        self.models: list[InstalledModel] = []
        self._drawn_for = 0

    @property
    def highlighted(self) -> InstalledModel | None:
        """The model under the cursor."""
        return self.models[self.cursor_row] if 0 <= self.cursor_row < len(self.models) else None

    def show(self, models: Sequence[InstalledModel]) -> None:
        """Put the cursor on the one in use the first time, afterwards leave it where it is."""
        here = self.cursor_row if self.models else next((n for n, one in enumerate(models) if one.in_use), 0)
        self.models = list(models)
        self._draw()
        self.move_cursor(row=min(here, len(models) - 1))

    def on_resize(self, event: events.Resize) -> None:
        del event
        if self._drawn_for != self.size.width:
            here = self.cursor_row
            self._draw()
            self.move_cursor(row=here)

    def _draw(self) -> None:
        self._drawn_for = self.size.width
        self.clear(columns=True)
        wide = self.size.width >= 96
        widths = {"": 1, "Model": 0, "Where": 12, "Size": 7, "Context": 9, "Needs": 7, "Licence": 14 if wide else 0}
        widths = {name: width for name, width in widths.items() if width or name == "Model"}
        widths["Model"] = max(16, self.size.width - sum(widths.values()) - 2 * len(widths) - 1)
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
