"""``/attach``: files become memories, are read in their place, and are opened again."""

from __future__ import annotations

from collections.abc import Callable
from pathlib import Path

import pytest

from agent.settings import Settings
from tests.interchange.files.making import pdf
from tests.tui.app_kit import Scripted, wait_until, write
from tests.tui.test_commands import talk, texts, told
from tests.tui.test_plain import Typist, converse
from tui.app import MnemeApp
from tui.screens.reading import ReadingScreen
from tui.slash.attaching import named
from tui.widgets.recollection_card import RecollectionCard
from tui.widgets.turn_view import TurnView

MakeApp = Callable[..., MnemeApp]

__all__ = ["converse"]


@pytest.fixture
def lease(tmp_path: Path) -> Path:
    file = tmp_path / "the lease.pdf"
    file.write_bytes(pdf(["The flat is in Graca.", "The notice period is three months."]))
    return file


async def test_it_is_recalled_read_in_its_place_and_opened(
    settings: Settings, make_app: MakeApp, lease: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    opened: list[Path] = []
    monkeypatch.setattr("tui.screens.reading.open_file", opened.append)
    app = make_app(settings, Scripted(["Three months [1]."]))
    async with app.run_test(size=(120, 40)) as pilot:
        await wait_until(pilot, lambda: app.session.store)
        await write(pilot, f'/attach "{lease}" my flat')
        await wait_until(pilot, lambda: any("is remembered: 3 memories" in said for said in told(app)))
        await talk(pilot, "What is the notice period of my lease?")
        passage = next(one for one in app.chat.panel.shown_memories() if "three months" in one.text)
        card = next(one for one in app.chat.query(RecollectionCard) if one.row.memory == passage)
        await wait_until(pilot, lambda: "the lease.pdf, page 2" in str(card.render()))
        app.chat.open_in_conversation(passage)
        await wait_until(pilot, lambda: isinstance(app.screen, ReadingScreen) and app.screen.query(TurnView))
        assert [view.entry.text.splitlines()[0] for view in app.screen.query(TurnView)] == [
            "my flat",
            "The flat is in Graca.",
            "The notice period is three months.",
        ]
        assert "resume" not in str(app.screen.active_bindings.keys())
        await pilot.press("o")
        await wait_until(pilot, lambda: opened)
        assert opened == [lease]


async def test_a_file_that_cannot_be_read_is_told_and_leaves_nothing(
    settings: Settings, make_app: MakeApp, lease: Path
) -> None:
    lease.write_bytes(b"%PDF-1.7 and no more")
    app = make_app(settings)
    async with app.run_test() as pilot:
        await wait_until(pilot, lambda: app.session.store)
        await write(pilot, f"/attach {lease}")
        await wait_until(pilot, lambda: "the lease.pdf: a damaged PDF file." in told(app))
        assert app.session.store.memories() == []


async def test_a_secret_in_it_is_asked_about(settings: Settings, make_app: MakeApp, tmp_path: Path) -> None:
    from tui.screens.secret_found import SecretFound

    (tmp_path / "keys.md").write_text("The key is AKIAIOSFODNN7EXAMPLE.", "utf-8")
    app = make_app(settings)
    async with app.run_test() as pilot:
        await wait_until(pilot, lambda: app.session.store)
        await write(pilot, f"/attach {tmp_path / 'keys.md'}")
        await wait_until(pilot, lambda: isinstance(app.screen, SecretFound))
        assert app.session.store.memories() == []


async def test_in_incognito_nothing_is_read(settings: Settings, make_app: MakeApp, lease: Path) -> None:
    app = make_app(settings)
    async with app.run_test() as pilot:
        await wait_until(pilot, lambda: app.session.store)
        await write(pilot, "/incognito on")
        await wait_until(pilot, lambda: not app.session.privacy.remember)
        await write(pilot, f"/attach {lease}")
        await wait_until(pilot, lambda: any("no file is read" in said for said in told(app)))
        assert app.session.store.memories(forgotten=None) == []
        assert texts(app) == []


def test_the_plain_chat_has_it_too(settings: Settings, converse: Callable[..., Typist], lease: Path) -> None:
    typist = converse(settings, Scripted([]), f"/attach {lease}", "/incognito on", f"/attach {lease}")
    assert "the lease.pdf is remembered: 3 memories." in typist.told
    assert "no file is read" in typist.told


def test_the_file_is_what_is_typed_first(lease: Path) -> None:
    escaped = str(lease).replace(" ", "\\ ")
    for typed in (f'"{lease}" the flat', f"'{lease}' the flat", f"{escaped} the flat"):
        assert named(typed) == (lease, "the flat")
    assert named(str(lease)) == (lease, "")
    assert named("~/a.md Miso's bed") == (Path.home() / "a.md", "Miso's bed")
