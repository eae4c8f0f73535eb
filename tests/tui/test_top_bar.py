"""The first line of the app: what it says of the model."""

from __future__ import annotations

from agent.models.loading import BackgroundModel
from agent.settings import ModelSettings, Settings
from tests.tui.app_kit import Scripted
from tui.talking.current_model import CurrentModel
from tui.talking.notices import ModelState
from tui.widgets.top_bar import TopBar


def test_the_bar_shows_where_words_go_when_they_leave_the_machine() -> None:
    bar = TopBar("default")
    away = ModelState("ready", "big", leaves_to="api.example.org")
    assert bar._model_content(away).plain == "● big ↗ api.example.org"
    assert "↗" not in bar._model_content(ModelState("ready", "big")).plain


def test_the_place_is_that_of_the_settings_in_force() -> None:
    told: list[ModelState] = []
    here = ModelSettings(base_url="http://127.0.0.1:8080", name="big", allow_remote=True)
    away = ModelSettings(base_url="https://api.example.org", name="big", allow_remote=True)
    for model, place in ((here, ""), (away, "api.example.org")):
        current = CurrentModel(
            lambda settings, listener: BackgroundModel(lambda _: Scripted(), name="big", listener=listener), told.append
        )
        current.want(Settings(model=model))
        current.put_in_place()
        assert current.model is not None
        assert current.model.wait(60)
        current.close()
        assert {state.leaves_to for state in told} == {place}
        told.clear()
