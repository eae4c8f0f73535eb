"""F1: every key, read from the bindings, and where everything lies."""

from __future__ import annotations

import textwrap
from collections.abc import Iterator, Sequence
from typing import ClassVar

from textual.app import ComposeResult
from textual.binding import Binding, BindingType
from textual.containers import Horizontal, Vertical, VerticalScroll
from textual.content import Content
from textual.geometry import Size
from textual.screen import ModalScreen
from textual.widget import Widget
from textual.widgets import Static

from tui.keys.table import KeyGroup, key_groups
from tui.slash.table import GROUPS
from tui.text.wording import place

KEY_WIDTH = 18
USAGE_WIDTH = 26
LEFT = ("Writing", "Conversation")


class HelpScreen(ModalScreen[None]):
    """Any of Esc, F1 and q leaves."""

    CSS_PATH = "help.tcss"
    HORIZONTAL_BREAKPOINTS = [(0, "-narrow"), (100, "-wide")]  # noqa: RUF012  as Textual declares it
    BINDINGS: ClassVar[list[BindingType]] = [Binding("escape,f1,q", "dismiss", "Close")]

    def compose(self) -> ComposeResult:
        groups = key_groups(self.app.keymap)  # type: ignore[attr-defined]
        with Vertical(id="help"):
            with VerticalScroll(id="help-scroll"):
                yield Static(self._places(), id="help-places")
                with Horizontal(id="help-columns"):
                    yield Aligned(_keys([group for group in groups if group.where in LEFT]), KEY_WIDTH)
                    yield Aligned(_keys([group for group in groups if group.where not in LEFT]), KEY_WIDTH)
                yield Aligned(_commands(), USAGE_WIDTH)
            yield Static("Esc closes", id="help-foot")

    def on_mount(self) -> None:
        self.query_one("#help-scroll").focus()

    def _places(self) -> Content:
        settings = self.app.session.settings  # type: ignore[attr-defined]
        facts = (
            ("Memory", place(settings.paths.profile_dir)),
            ("Settings", place(settings.paths.config_file)),
            ("Log", place(settings.paths.log_file)),
        )
        lines = [Content.assemble((f"{name:<10}", "$quiet"), (where, "$foreground")) for name, where in facts]
        return Content("\n").join(lines)


Line = tuple[str, str]
"""A key or a command, and what it does; or a heading and nothing."""


class Aligned(Widget):
    """Lines of two columns. What has no room in the second goes on below it, not below the first."""

    def __init__(self, lines: Sequence[Line], first: int) -> None:
        super().__init__(classes="help-lines")
        self._lines, self._first = lines, first

    def get_content_height(self, container: Size, viewport: Size, width: int) -> int:
        del container, viewport
        return sum(1 for _ in self._drawn(width))

    def render(self) -> Content:
        return Content("\n").join(self._drawn(self.content_size.width))

    def _drawn(self, width: int) -> Iterator[Content]:
        for name, does in self._lines:
            if not does:
                yield Content.styled(name, "bold $primary")
                continue
            first, *more = textwrap.wrap(does, max(10, width - self._first - 2))
            yield Content.assemble((f"{name:<{self._first}} ", "$secondary"), (first, "$foreground"))
            yield from (Content(" " * (self._first + 1) + line) for line in more)


def _commands() -> list[Line]:
    lines = [("Commands: type them into the prompt", "")]
    for group, commands in GROUPS.items():
        lines += [("", ""), (group, ""), *((command.usage, command.does) for command in commands)]
    return lines


def _keys(groups: Sequence[KeyGroup]) -> list[Line]:
    lines: list[Line] = []
    for group in groups:
        lines += [(group.where, ""), *((row.keys, row.does) for row in group.rows), ("", "")]
    return lines
