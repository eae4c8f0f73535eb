"""The first thing a new user sees: who can reply on this machine. Words can be written all the while."""

from __future__ import annotations

from collections.abc import Sequence
from typing import TYPE_CHECKING

from rich.cells import cell_len, set_cell_size
from textual.app import ComposeResult
from textual.containers import Vertical
from textual.content import Content
from textual.message import Message
from textual.widgets import OptionList, Static
from textual.widgets.option_list import Option

from tui.models_here import ModelsFound, facts
from tui.talking.notices import ModelState, Status, SwitchesChanged
from tui.text.sanitise import one_line
from tui.text.show import size

if TYPE_CHECKING:
    from agent.models.catalogue import InstalledModel

ABOUT = "Every word is kept on this machine, and what matters comes back when it is needed. Nothing is sent anywhere."
LOOKING = "Looking which language models are on this machine…"
ASK = "Which of these should reply?"
NONE = (
    "There is no language model on this machine, and none is needed to begin: memory_only answers with the memories "
    "that fit best, quoted and dated."
)
HOW = (
    ("mneme models pull Qwen/Qwen3-0.6B", "downloads one"),
    ("mneme models use FOLDER", "takes yours"),
    ("Ollama, llama.cpp", "are found while they run"),
)
KEYS = (("↑ ↓", "choose"), ("Enter", "take it"), ("Ctrl+L", "choose later"))
NAME = 34


class FirstRun(Vertical):
    """Has no focus: the prompt keeps it, and hands over its arrows and Enter while it is empty."""

    class Taken(Message):
        """The user chose ``model``."""

        def __init__(self, model: InstalledModel) -> None:
            super().__init__()
            self.model = model

    def __init__(self) -> None:
        super().__init__(id="first-run")
        self._found: ModelsFound | None = None
        self._offered: list[InstalledModel] = []
        self._begin_at = 0

    def compose(self) -> ComposeResult:
        yield Static("mneme", id="welcome-name")
        yield Static("A conversational agent that remembers.", id="welcome-line")
        yield Static(ABOUT, id="welcome-about", markup=False)
        yield Static(LOOKING, id="first-run-ask", markup=False)
        offers = OptionList(id="offers", markup=False, compact=True)
        offers.can_focus = False
        yield offers
        yield Static(id="first-run-foot", markup=False)

    def on_mount(self) -> None:
        if self._found is not None:
            self.show(self._found)

    def fresh(self) -> FirstRun:
        """A new one that knows as much, and highlights what this one did."""
        copy = FirstRun()
        copy._found, copy._begin_at = self._found, self._begin_at
        for offers in self.query(OptionList):
            copy._begin_at = offers.highlighted or 0
        return copy

    def learn(
        self,
        *,
        status: Status | None = None,
        model: ModelState | None = None,
        switches: SwitchesChanged | None = None,
    ) -> None:
        """What the welcome shows of the session is of no matter yet."""

    def show(self, found: ModelsFound) -> None:
        """Offer what is possible here; what would not fit is shown, but cannot be chosen."""
        self._found = found
        if not self.is_attached or not self.query(OptionList):
            return
        self._offered = offered(found.models)
        offers = self.query_one(OptionList)
        offers.clear_options()
        alone = len(self._offered) == 1
        offers.display = not alone
        self.query_one("#first-run-ask", Static).update(NONE if alone else ASK)
        if alone:
            self.query_one("#first-run-foot", Static).update(_how(found.free))
            return
        offers.add_options([Option(_line(model), disabled=model.fits is False) for model in self._offered])
        offers.highlighted = self._begin_at
        keys = [part for key, does in KEYS for part in ((key, "bold $primary"), (f" {does}   ", "$quiet"))]
        self.query_one("#first-run-foot", Static).update(Content.assemble(*keys, ("or just begin to write.", "$quiet")))

    def move(self, way: int) -> None:
        """Highlight the next (1) or the last (-1) of what can be chosen."""
        offers = self.query_one(OptionList)
        if way > 0:
            offers.action_cursor_down()
        else:
            offers.action_cursor_up()

    def take(self) -> None:
        """Choose what is highlighted."""
        chosen = self.query_one(OptionList).highlighted
        if chosen is not None and self._offered[chosen].fits is not False:
            self.post_message(self.Taken(self._offered[chosen]))

    def on_option_list_option_selected(self, message: OptionList.OptionSelected) -> None:
        message.stop()
        self.post_message(self.Taken(self._offered[message.option_index]))


def offered(models: Sequence[InstalledModel]) -> list[InstalledModel]:
    """What can be used: what fits first and the largest of it in front, memory_only, then what needs more memory."""
    usable = [model for model in models if model.usable and model.kind != "memory_only"]
    fitting = sorted((m for m in usable if m.fits is not False), key=lambda model: -model.bytes)
    return [
        *fitting,
        *(model for model in models if model.kind == "memory_only"),
        *(model for model in usable if model.fits is False),
    ]


def _line(model: InstalledModel) -> Content:
    name = one_line(model.name, limit=300)
    if cell_len(name) > NAME:
        name = "…" + name[-(NAME - 1) :]  # of a path, the end tells more
    return Content.assemble((set_cell_size(name, NAME), ""), ("  ", ""), (facts(model), "$quiet"))


def _how(free: int | None) -> Content:
    room = f"To get one ({size(free)} of memory is free here):" if free is not None else "To get one:"
    lines = [Content.styled(room, "$quiet")]
    for what, does in HOW:
        lines.append(Content.assemble((f"  {what:<{NAME}}", "$primary"), (f"  {does}", "$quiet")))
    lines += [Content(""), Content.styled("Just begin to write. Ctrl+L chooses a model later.", "$quiet")]
    return Content("\n").join(lines)
