"""The half of the chat screen that moves: through the transcript, and between prompt, turns and what was recalled."""

from __future__ import annotations

from tui.memories.acting import ActingScreen
from tui.widgets.prompt import Prompt
from tui.widgets.recall_panel import RecallPanel
from tui.widgets.recollection_card import RecollectionCard
from tui.widgets.transcript import Transcript
from tui.widgets.turn_view import TurnView


class MovingScreen(ActingScreen):
    """Scrolling is by pages here, wherever the focus is."""

    transcript: Transcript
    panel: RecallPanel
    prompt: Prompt

    async def action_page(self, way: int) -> None:
        transcript = self.transcript
        if way < 0:
            if transcript.scroll_y <= 0:
                await transcript.show_earlier()
            transcript.scroll_page_up(animate=False)
        else:
            if transcript.scroll_y >= transcript.max_scroll_y:
                await transcript.show_later()
            transcript.scroll_page_down(animate=False)

    def action_top(self) -> None:
        self.transcript.scroll_home(animate=False)

    async def action_bottom(self) -> None:
        await self.transcript.show_latest()

    async def on_new_words_pressed(self) -> None:
        await self.transcript.show_latest()
        self.prompt.focus()

    def action_next_area(self, way: int) -> None:
        areas: list[Prompt | RecollectionCard | TurnView] = [self.prompt, *self._first_card(), *self._last_turn()]
        here = next((n for n, area in enumerate(areas) if isinstance(self.focused, type(area))), 0)
        areas[(here + way) % len(areas)].focus()

    def _first_card(self) -> list[RecollectionCard]:
        return list(self.query(RecollectionCard))[:1] if self.panel_shown else []

    def _last_turn(self) -> list[TurnView]:
        return list(self.query(TurnView))[-1:]

    @property
    def panel_shown(self) -> bool:
        return self.has_class("-panel-open") if self.has_class("-narrow") else not self.has_class("-panel-shut")
