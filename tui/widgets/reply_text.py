"""Markdown that is only ever streamed into, and says when that may begin."""

from __future__ import annotations

from collections.abc import Mapping

from markdown_it import MarkdownIt
from textual.message import Message
from textual.widgets import Markdown
from textual.widgets.markdown import MarkdownBlock

from agent.citations import replaced
from tui.widgets.markdown_blocks import BLOCKS
from tui.widgets.near_view import NearView

_LINK = "mneme:"


def _parser() -> MarkdownIt:
    """Without HTML, which Textual leaves out where it makes a block of its own: tags are words like others."""
    return MarkdownIt("gfm-like").disable(["html_block", "html_inline"])


class ReplyText(Markdown, NearView):
    """Starts empty: a Markdown that was given text ending inside a code fence mis-parses what is streamed after it."""

    BLOCKS = Markdown.BLOCKS | BLOCKS

    class Ready(Message):
        """What is written from now on stays. Before, Textual's own mount handler would wipe it out."""

    def __init__(self) -> None:
        super().__init__(classes="turn-words", open_links=False, parser_factory=_parser)

    def on_mount(self) -> None:
        # Runs before the base class's handler of the same event; a callback runs after both.
        self.call_later(self.post_message, self.Ready())

    def close_up(self) -> None:
        """No more words come: nothing but the turn's foot stands below the last block."""
        for holder in (self, *self.query(MarkdownBlock)):
            if holder.children:
                holder.children[-1].add_class("-last")


def linked(text: str, cited: Mapping[int, str]) -> str:
    """A reply's Markdown with its citations (number -> memory's id) as links that :func:`followed` understands."""
    return replaced(text, cited, lambda number, _shown: rf"[\[{number}\]]({_LINK}{number})")


def followed(href: str, cited: Mapping[int, str]) -> str | None:
    """The id of the memory that a link leads to; None for any other link, whoever wrote it."""
    number = href.removeprefix(_LINK) if href.startswith(_LINK) else ""
    return cited.get(int(number)) if number.isascii() and number.isdigit() else None
