"""Streamed Markdown comes to the same as Markdown read at once, and what stands already stays the same widgets."""

from __future__ import annotations

from textual.app import App, ComposeResult
from textual.pilot import Pilot
from textual.widget import Widget
from textual.widgets import Label, Markdown
from textual.widgets.markdown import MarkdownBlock

from tests.tui.app_kit import settled, wait_until
from tui.widgets.markdown_blocks import Fence
from tui.widgets.reply_text import ReplyText

NESTED = """Before.

- one
- two *words* here
  - inner
    1. innermost
  - inner again

    with a paragraph
- three

  ```python
  load = 4.2 * 9.81
  ```
- four [a link](http://example.org)

## After

> quoted
> - in a quote

""" + "".join(f"{n}. number {n}\n   - under it\n" for n in range(8, 13))


class Host(App[None]):
    """One reply."""

    def compose(self) -> ComposeResult:
        self.ready = False
        yield ReplyText()

    def on_reply_text_ready(self) -> None:
        self.ready = True


def drawn(widget: Widget) -> object:
    """What a reader sees of a tree of blocks."""
    if isinstance(widget, MarkdownBlock) and not widget.children:
        said: object = str(widget._content)
    elif isinstance(widget, Label):
        said = str(widget.content)
    else:
        said = getattr(widget, "symbol", "")
    name = next(one.__name__ for one in type(widget).__mro__ if one.__module__.startswith("textual."))
    return name, said, widget.region, [drawn(child) for child in widget.children]


async def streamed(text: str, size: int) -> object:
    app = Host()
    async with app.run_test(size=(80, 90)) as pilot:
        await wait_until(pilot, lambda: app.ready)
        reply = app.query_one(ReplyText)
        for at in range(0, len(text), size):
            await reply.append(text[at : at + size])
        return await settled_drawing(pilot, reply)


async def settled_drawing(pilot: Pilot[None], reply: Markdown) -> object:
    await settled(pilot)
    return drawn(reply)


class Plain(App[None]):
    """Markdown as Textual draws it."""

    def compose(self) -> ComposeResult:
        yield Markdown(id="plain")


async def textual_draws(text: str) -> object:
    app = Plain(css_path=None)
    async with app.run_test(size=(80, 90)) as pilot:
        await app.query_one(Markdown).update(text)
        return await settled_drawing(pilot, app.query_one(Markdown))


async def test_what_is_streamed_is_drawn_as_textual_draws_it_at_once() -> None:
    whole = await textual_draws(NESTED)
    for size in (7, 40):
        assert await streamed(NESTED, size) == whole


async def test_items_that_stand_already_stay() -> None:
    app = Host()
    async with app.run_test() as pilot:
        await wait_until(pilot, lambda: app.ready)
        reply = app.query_one(ReplyText)
        await reply.append("- one\n- two\n  - under two")
        before = list(reply.walk_children())
        await reply.append(" more\n- three")
        after = list(reply.walk_children())
        assert set(before) <= set(after)
        assert len(after) == len(before) + 4  # a row, its bullet, its holder, its words


async def test_code_without_a_language_is_not_guessed_at() -> None:
    app = Host()
    async with app.run_test() as pilot:
        await wait_until(pilot, lambda: app.ready)
        reply = app.query_one(ReplyText)
        await reply.append("```\nimport os\n```\n\n```python\nimport os\n```\n")
        plain, coloured = (fence._highlighted_code for fence in reply.query(Fence))
        assert str(plain) == str(coloured) == "import os"
        assert len({span.style for span in coloured.spans}) > len({span.style for span in plain.spans})


async def test_tags_are_words() -> None:
    said = "<script>alert(1)</script> **bold**\n\n<div>\nin it\n</div>\n\n<!-- x -->\n\n| a |\n|---|\n| <i>1</i> |\n"
    app = Host()
    async with app.run_test() as pilot:
        await wait_until(pilot, lambda: app.ready)
        words = app.query_one(ReplyText)
        for place in range(0, len(said), 9):
            await words.append(said[place : place + 9])
        await settled(pilot)
        shown = app.export_screenshot().replace("&#160;", " ").replace("&lt;", "<").replace("&gt;", ">")
        for tag in ("<script>alert(1)</script>", "<div> in it </div>", "<!-- x -->", "<i>1</i>"):
            assert tag in shown, tag
