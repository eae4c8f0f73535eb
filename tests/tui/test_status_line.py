"""The line above the keys tells less where there is less room, and cuts nothing."""

from __future__ import annotations

import pytest
from textual.widgets import Static

from agent.events import Usage
from agent.settings import Settings
from memory_store.records import IndexState
from tests.tui.conftest import MakeApp
from tui.screens.chat import ChatScreen
from tui.talking.notices import Status
from tui.widgets.status_line import StatusLine


@pytest.mark.parametrize("width", [60, 80, 100, 120])
@pytest.mark.parametrize("doing", ["", "writing… 100 tokens/s  Esc stops"])
async def test_both_texts_are_whole(
    settings: Settings, make_app: MakeApp, monkeypatch: pytest.MonkeyPatch, width: int, doing: str
) -> None:
    app = make_app(settings)
    monkeypatch.setattr(ChatScreen, "status_changed", lambda *_: None)  # of the empty memory below
    async with app.run_test(size=(width, 24)) as pilot:
        line = app.chat.query_one(StatusLine)
        line.stored(Status(12_345, 67, IndexState(0, True, False), encrypted=True, conflicts=3))
        line.used(Usage(1_200, 210, 8_192, 0.2, 7.0))
        line.doing(doing)
        await pilot.pause()
        left, right = (line.query_one(name, Static) for name in ("#status-now", "#status-store"))
        for part in (left, right):
            assert part.visual.get_optimal_width(part.styles, 500) <= part.size.width
        assert right.content
        assert str(left.content).startswith(doing or ("31/s", "210 tokens"))
        if width == 120 and doing:
            assert str(right.content) == "12,345 memories · 3 contradictions · index up to date · encrypted"
