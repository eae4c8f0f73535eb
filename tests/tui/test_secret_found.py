"""The app asks before a secret is remembered."""

from __future__ import annotations

from collections.abc import Callable

import pytest

from agent.settings import Settings
from tests.tui.app_kit import wait_until, write
from tui.app import MnemeApp
from tui.screens.secret_found import SecretFound

MakeApp = Callable[..., MnemeApp]
KEY = "AKIAIOSFODNN7EXAMPLE"


@pytest.mark.parametrize(
    ("key", "kept"), [("l", "use [AWS Access Key, left out]"), ("k", f"use {KEY}"), ("escape", None)]
)
async def test_it_is_left_out_kept_or_not_said(
    settings: Settings, make_app: MakeApp, key: str, kept: str | None
) -> None:
    app = make_app(settings)
    async with app.run_test() as pilot:
        await wait_until(pilot, lambda: app.session.store is not None)
        await write(pilot, f"use {KEY}")
        await wait_until(pilot, lambda: isinstance(app.screen, SecretFound))
        assert not app.session.store.memories()
        await pilot.press(key)
        if kept is None:
            await wait_until(pilot, lambda: app.chat.prompt.text == f"use {KEY}")
            assert not app.session.store.memories()
        else:
            await wait_until(
                pilot, lambda: [turn.text for turn in app.session.store.memories(speaker="user")] == [kept]
            )
            await wait_until(pilot, lambda: not app.session.busy)
