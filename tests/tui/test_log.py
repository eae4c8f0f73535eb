"""The log on the screen: its end, its tracebacks, by level, followed while it grows."""

from __future__ import annotations

import logging
from collections.abc import Callable, Iterator
from contextlib import ExitStack
from pathlib import Path

import pytest
from textual.pilot import Pilot
from textual.widgets import Static

from agent.settings import Settings
from tests.tui.app_kit import wait_until
from tui.app import MnemeApp
from tui.process.log_reading import at_least, read_log
from tui.process.logs import LazyFile
from tui.screens.log import LogScreen

MakeApp = Callable[..., MnemeApp]
LoggerTo = Callable[[Path], logging.Logger]


@pytest.fixture
def logger_to() -> Iterator[Callable[[Path], logging.Logger]]:
    """A logger that writes to a file as mneme does."""
    with ExitStack() as stack:

        def make(file: Path) -> logging.Logger:
            log = logging.Logger("mneme.test")
            handler = LazyFile(file)
            stack.callback(handler.close)
            log.addHandler(handler)
            return log

        yield make


def fail(log: logging.Logger) -> None:
    try:
        raise RuntimeError("模型 [b]broke[/b]")
    except RuntimeError:
        log.exception("a reply could not be made")


def test_records_are_read_as_they_were_logged(tmp_path: Path, logger_to: LoggerTo) -> None:
    log = logger_to(tmp_path / "mneme.log")
    log.info("opened")
    fail(log)
    with (tmp_path / "mneme.log").open("a") as stream:
        stream.write("[W NNPACK.cpp:64] Could not initialize NNPACK!\n")
    log.warning("locked")
    records = read_log(tmp_path / "mneme.log")
    assert [(one.level, one.source) for one in records] == [
        ("INFO", "mneme.test"),
        ("ERROR", "mneme.test"),
        ("WARNING", "mneme.test"),
    ]
    assert records[1].text.startswith("a reply could not be made\nTraceback")
    assert records[1].text.endswith("NNPACK!")
    assert [one.text for one in at_least(records, "WARNING")][1:] == ["locked"]


def test_of_a_long_log_the_end_is_read(tmp_path: Path, logger_to: LoggerTo) -> None:
    log = logger_to(tmp_path / "mneme.log")
    for n in range(100):
        log.info("record %d", n)
    records = read_log(tmp_path / "mneme.log", tail=1000)
    assert 0 < len(records) < 20
    assert records[-1].text == "record 99"
    assert read_log(tmp_path / "none.log") == []


async def opened(app: MnemeApp, pilot: Pilot[object]) -> LogScreen:
    await pilot.press("f9")
    await wait_until(pilot, lambda: isinstance(app.screen, LogScreen) and app.screen.is_mounted)
    assert isinstance(app.screen, LogScreen)
    return app.screen


async def test_it_is_followed_filtered_and_shown_in_full(
    settings: Settings, make_app: MakeApp, logger_to: LoggerTo
) -> None:
    log = logger_to(settings.paths.log_file)
    log.info("opened")
    fail(log)
    app = make_app(settings)
    async with app.run_test(size=(80, 24)) as pilot:
        screen = await opened(app, pilot)
        await wait_until(pilot, lambda: screen.table.row_count == 2)
        detail = screen.query_one("#log-text", Static)
        await wait_until(pilot, lambda: "RuntimeError: 模型 [b]broke[/b]" in str(detail.content))
        log.info("once more")
        await wait_until(pilot, lambda: screen.table.highlighted.text == "once more")
        await pilot.press("ctrl+f")
        await wait_until(pilot, lambda: [one.level for one in screen.table.records] == ["ERROR"])
        await pilot.press("y")
        assert "Traceback" in app.clipboard


async def test_nothing_was_logged(settings: Settings, make_app: MakeApp) -> None:
    app = make_app(settings)
    async with app.run_test(size=(60, 20)) as pilot:
        screen = await opened(app, pilot)
        said = screen.query_one("#log-count", Static)
        await wait_until(pilot, lambda: "Nothing was logged" in str(said.content))
        await pilot.press("y", "j", "enter", "escape")
