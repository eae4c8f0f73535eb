"""The first line: whose memory, which conversation, and what the model is doing."""

from __future__ import annotations

from typing import ClassVar

from textual import events
from textual.app import ComposeResult
from textual.containers import Horizontal
from textual.content import Content
from textual.reactive import reactive
from textual.widgets import Static

from tui.talking.notices import ModelState, SwitchesChanged
from tui.talking.privacy import Privacy
from tui.text.sanitise import one_line

BAR_CELLS = 10
NARROW = 100
"""Below this many columns the switches are told in fewer words."""
LEAVES = "↗"
"""Before the place that words go to when they leave this machine."""


class TopBar(Horizontal):
    """One line, the conversation's title in the middle taking what room there is."""

    title_text: reactive[str] = reactive("", init=False)
    switches: reactive[SwitchesChanged] = reactive(SwitchesChanged(Privacy()), init=False)
    model: reactive[ModelState] = reactive(ModelState("waiting", ""), init=False)

    MARKS: ClassVar[dict[str, tuple[str, str]]] = {
        "waiting": ("○", "$quiet"),
        "loading": ("◐", "$warning"),
        "ready": ("●", "$success"),
        "failed": ("✕", "$error"),
    }

    def __init__(self, profile: str) -> None:
        super().__init__(id="top")
        self._profile = profile

    def compose(self) -> ComposeResult:
        name = Content.assemble(("mneme", "bold $primary"))
        if self._profile != "default":
            name = Content.assemble(name, (f" {one_line(self._profile, limit=20)}", "$quiet"))
        yield Static(name, id="top-name")
        yield Static(id="top-switches", markup=False)
        yield Static(id="top-title", markup=False)
        yield Static(id="top-model")

    def on_click(self, event: events.Click) -> None:
        """The model's name leads to the others."""
        if event.widget is not None and event.widget.id == "top-model":
            self.app.call_later(self.app.run_action, "app.models")

    def watch_switches(self, now: SwitchesChanged) -> None:
        narrow = self.app.size.width < NARROW
        privacy = now.privacy.short if narrow else now.privacy.label
        day = f"{now.as_of.astimezone():%Y-%m-%d}" if now.as_of else ""
        said = [part for part in (privacy, day if privacy and narrow else f"as of {day}" * bool(day)) if part]
        badge = self.query_one("#top-switches", Static)
        badge.update(" · ".join(said))
        badge.display = bool(said)
        self.query_one("#top-title").set_class(narrow and bool(said), "-tight")

    def on_resize(self) -> None:
        self.watch_switches(self.switches)

    def watch_title_text(self, title: str) -> None:
        self.query_one("#top-title", Static).update(one_line(title, limit=200))

    def watch_model(self, state: ModelState) -> None:
        self.query_one("#top-model", Static).update(self._model_content(state))

    def _model_content(self, state: ModelState) -> Content:
        mark, colour = self.MARKS[state.phase]
        name = one_line(
            state.name.rstrip("/").rpartition("/")[2] if state.name.startswith(("/", "~")) else state.name, limit=28
        )
        said = {"loading": f"loading {name}", "failed": f"{name}: not loaded"}.get(state.phase, name)
        parts: list[tuple[str, str]] = [
            (f"{mark} ", colour),
            (said, "$foreground" if state.phase == "ready" else colour),
        ]
        if state.phase == "loading" and state.fraction is not None:
            full = round(state.fraction * BAR_CELLS)
            parts += [(" " + "━" * full, "$warning"), ("━" * (BAR_CELLS - full), "$border-blurred")]
            parts += [(f" {state.fraction:.0%}", "$warning")]
        if state.leaves_to:
            parts += [(f" {LEAVES} {one_line(state.leaves_to, limit=32)}", "bold $warning")]
        return Content.assemble(*parts)
