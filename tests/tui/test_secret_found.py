"""The app asks before a secret is remembered."""

from __future__ import annotations

import pytest
from textual.widgets import TextArea

from agent.settings import Settings
from tests.tui.app_kit import wait_until, write
from tests.tui.test_memory_filters import MakeApp, memories
from tui.screens.edit_text import EditText
from tui.screens.secret_found import SecretFound

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


LEFT = "use [AWS Access Key, left out]"


@pytest.mark.parametrize(
    ("typed", "key", "kept"),
    [
        ("/remember {key}", "l", LEFT),
        ("/remember {key}", "k", f"use {KEY}"),
        ("/remember {key}", "escape", None),
        ("/edit {note} {key}", "l", LEFT),
        ("/rewrite {key}", "l", LEFT),
        ("/title {key}", "l", LEFT),
    ],
)
async def test_whatever_writes_words_in_the_app_asks(
    settings: Settings, make_app: MakeApp, typed: str, key: str, kept: str | None
) -> None:
    app = make_app(settings)
    async with app.run_test() as pilot:
        await wait_until(pilot, lambda: app.session.store is not None)
        store = app.session.store
        await write(pilot, "hello")
        await wait_until(pilot, lambda: bool(store.memories(speaker="assistant")) and not app.session.busy)
        note = store.remember("a note")

        def words() -> list[str]:
            return [*(turn.text for turn in store.memories()), *(one.title for one in store.conversations())]

        await write(pilot, typed.format(note=note.id, key=f"use {KEY}"))
        await wait_until(pilot, lambda: isinstance(app.screen, SecretFound))
        assert KEY not in str(words())
        await pilot.press(key)
        await wait_until(pilot, lambda: app.screen is app.chat)
        if kept is not None:
            await wait_until(pilot, lambda: kept in words())
            await wait_until(pilot, lambda: not app.session.busy)
        else:
            assert app.chat.prompt.text == typed.format(key=f"use {KEY}")
        assert (KEY in str(words())) is (key == "k")


async def test_a_correction_on_the_memory_screen_asks(world: Settings, make_app: MakeApp) -> None:
    app = make_app(world)
    async with memories(app) as (pilot, screen):
        await pilot.press("down", "e")
        await wait_until(pilot, lambda: isinstance(app.screen, EditText))
        app.screen.query_one(TextArea).text = f"use {KEY}"
        await pilot.press("ctrl+s")
        await wait_until(pilot, lambda: isinstance(app.screen, SecretFound))
        await pilot.press("l")
        await wait_until(pilot, lambda: app.screen is screen)
        await wait_until(pilot, lambda: LEFT in {turn.text for turn in app.session.store.memories()})
        assert KEY not in str(app.session.store.memories())
