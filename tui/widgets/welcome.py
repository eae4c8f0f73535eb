"""What an empty conversation shows: what this is, where everything lies, and what the model is."""

from __future__ import annotations

from textual.app import ComposeResult
from textual.containers import Grid, Vertical
from textual.content import Content
from textual.widgets import Static

from tui.talking.notices import ModelState, Status, SwitchesChanged
from tui.talking.privacy import Privacy
from tui.text.sanitise import one_line
from tui.text.wording import count

ABOUT = (
    "Every word is kept on this machine, and what matters comes back when it is needed, from any earlier conversation. "
    "You can see, correct and erase all of it."
)
INCOGNITO = (
    "Incognito: nothing that is said here is written anywhere, and it is gone when you leave it. /incognito off ends "
    "it."
)
RECALLS = "What was remembered before is recalled all the same; /recall off changes that."
NO_RECALL = "Nothing is recalled here; /recall on changes that."
MEMORY_ONLY = "memory_only"
"""A model that is none: it has no tokens to count."""
NO_MODEL = (
    "memory_only is no language model: it answers with the memories that fit best, quoted and dated. "
    "Ctrl+L shows what else can be used."
)
FACTS = ("Memory", "Folder", "Model")
KEYS = (("Ctrl+J", "new line"), ("Ctrl+O", "memories"), ("Ctrl+R", "conversations"), ("F1", "help"))


class Welcome(Vertical):
    """Learns as the session gets going: counts and model arrive after the first paint."""

    def __init__(self, where: str) -> None:
        super().__init__(id="welcome")
        self._where = where
        self._status: Status | None = None
        self._model: ModelState | None = None
        self._switches = SwitchesChanged(Privacy())

    def compose(self) -> ComposeResult:
        yield Static("mneme", id="welcome-name")
        yield Static("A conversational agent that remembers.", id="welcome-line")
        yield Static(self._about(), id="welcome-about", markup=False)
        with Grid(id="welcome-facts"):
            for name in FACTS:
                yield Static(name, classes="fact-name")
                yield Static(id=f"fact-{name.lower()}", markup=False)
        keys = [part for key, does in KEYS for part in ((key, "bold $primary"), (f" {does}   ", "$quiet"))]
        yield Static(Content.assemble(*keys), id="welcome-keys")

    def on_mount(self) -> None:
        self._show()
        self.call_after_refresh(self._show)

    def fresh(self) -> Welcome:
        """A new one that knows as much."""
        copy = Welcome(self._where)
        copy._status, copy._model, copy._switches = self._status, self._model, self._switches
        return copy

    def learn(
        self,
        *,
        status: Status | None = None,
        model: ModelState | None = None,
        switches: SwitchesChanged | None = None,
    ) -> None:
        self._status, self._model = status or self._status, model or self._model
        self._switches = switches or self._switches
        self._show()

    def _show(self) -> None:
        texts = (self._about(), self._memory(), one_line(self._where, limit=200), self._model_text())
        places = ("#welcome-about", *(f"#fact-{name.lower()}" for name in FACTS))
        for place, text in zip(places, texts, strict=True):
            for line in self.query(place).results(Static):  # none: it has gone again, or not come yet
                line.update(text)

    def _about(self) -> str:
        privacy = self._switches.privacy
        if privacy.remember:
            return ABOUT if privacy.recall else f"{ABOUT} {NO_RECALL}"
        return f"{INCOGNITO} {RECALLS if privacy.recall else NO_RECALL}"

    def _memory(self) -> str:
        if self._status is None:
            return "opening…"
        if not self._status.memories:
            return "empty so far. Tell me something worth remembering."
        held = count(self._status.memories, "memory", "memories")
        return f"{held} from {count(self._status.conversations, 'conversation')}"

    def _model_text(self) -> str:
        if self._model is None:
            return "waiting"
        name = one_line(self._model.name, limit=60)
        if self._model.phase == "failed":
            return f"{name} could not be loaded. {one_line(self._model.detail)}"
        if name == MEMORY_ONLY:
            return NO_MODEL
        return name if self._model.phase == "ready" else f"{name}, loading. You can write already."
