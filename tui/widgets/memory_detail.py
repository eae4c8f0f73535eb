"""One memory with everything known about it."""

from __future__ import annotations

from textual import events
from textual.app import ComposeResult
from textual.content import Content
from textual.widgets import Static

from memory_store.records import Recollection
from tui.memories.memory_queries import MemoryStory
from tui.text.names import NameOf
from tui.widgets.memory_story import story_lines
from tui.widgets.scroll import Scroll


class MemoryDetail(Scroll):
    """Its words, why it was found, what was said around it, its history and its use."""

    def __init__(self, *, name_of: NameOf) -> None:
        super().__init__(id="detail")
        self._name_of = name_of
        self._shown: tuple[MemoryStory, Recollection | None, float] | None = None

    def compose(self) -> ComposeResult:
        yield Static(id="detail-text")

    def show(self, story: MemoryStory | None, hit: Recollection | None = None, *, best: float = 0.0) -> None:
        """Show a memory; ``hit`` is what a search said of it, ``best`` the search's best score."""
        other = self._shown is None or story is None or self._shown[0].memory.id != story.memory.id
        self._shown = (story, hit, best) if story is not None else None
        self._draw()
        if other:
            self.scroll_home(animate=False)

    def on_resize(self, event: events.Resize) -> None:
        del event
        if self._shown is not None:
            self._draw()

    def _draw(self) -> None:
        text = self.query_one("#detail-text", Static)
        if self._shown is None:
            text.update(Content.styled("Nothing to show.", "italic $quiet"))
            return
        story, hit, best = self._shown
        width = max(16, self.content_size.width - 1)
        text.update(Content("\n").join(story_lines(story, hit, best=best, width=width, name_of=self._name_of)))
