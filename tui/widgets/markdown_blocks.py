"""Blocks of Markdown that are cheap to stream.

Textual's own make a list anew, widget by widget, whenever its last word grows, and guess the language of code that
names none by trying every one they know.
"""

from __future__ import annotations

from collections.abc import Callable, Sequence

from textual.containers import Horizontal, Vertical
from textual.content import Content
from textual.widgets._markdown import (
    MarkdownBlock,
    MarkdownBulletList,
    MarkdownFence,
    MarkdownList,
    MarkdownListItem,
    MarkdownOrderedList,
    MarkdownParagraph,
)


class Fence(MarkdownFence):
    """Code that does not say in which language it is has no colours."""

    @classmethod
    def highlight(cls, code: str, language: str, ansi: bool = False, dark: bool = False) -> Content:
        return super().highlight(code, language or "text", ansi, dark)


class _GrowingList(MarkdownList):
    """A list whose items stay what they are: of a text that is added to, only the last can change."""

    bullets_widen: Callable[[int, Sequence[MarkdownListItem]], bool]
    """Of so many rows to these items: whether all bullets have to change."""

    async def grow(self, block: MarkdownBlock) -> bool:
        """Become ``block``, the same list with more of it. False, and nothing done, when it is not that."""
        rows = [child for child in self.children if isinstance(child, Horizontal)]
        items = [item for item in block._blocks if isinstance(item, MarkdownListItem)]
        if type(block) is not type(self) or not rows or len(items) < len(rows) or self.bullets_widen(len(rows), items):
            return False
        last = list(items[len(rows) - 1]._blocks)
        fresh = list(block.compose())
        await _grow_item(rows[-1].query_one(Vertical), last)
        if len(fresh) > len(rows):
            await self.mount_all(fresh[len(rows) :])
        return True

    async def _update_from_block(self, block: MarkdownBlock) -> None:
        if not await self.grow(block):
            await super()._update_from_block(block)


class BulletList(MarkdownBulletList, _GrowingList):
    """With bullets."""

    bullets_widen = staticmethod(lambda rows, items: False)  # noqa: ARG005


def _numbers_widen(rows: int, items: Sequence[MarkdownListItem]) -> bool:
    first = int(items[0].bullet) if items[0].bullet.isdecimal() else 1
    return len(str(first + rows - 1)) != len(str(first + len(items) - 1))


class OrderedList(MarkdownOrderedList, _GrowingList):
    """With numbers, right-aligned: the tenth has all others move."""

    bullets_widen = staticmethod(_numbers_widen)


async def _grow_item(holder: Vertical, blocks: Sequence[MarkdownBlock]) -> None:
    """Make an item's blocks ``blocks``, of which all but the last that is there are there already."""
    there = [child for child in holder.children if isinstance(child, MarkdownBlock)]
    if not there or len(blocks) < len(there):
        await holder.remove_children()
        await holder.mount_all(blocks)
        return
    last, grown = there[-1], blocks[len(there) - 1]
    if not await _grow_block(last, grown):
        await last.remove()
        await holder.mount(grown)
    if len(blocks) > len(there):
        await holder.mount_all(blocks[len(there) :])


async def _grow_block(last: MarkdownBlock, grown: MarkdownBlock) -> bool:
    """Whether ``last`` could become ``grown`` and stay where it is."""
    if isinstance(last, _GrowingList):
        return await last.grow(grown)
    if type(last) is type(grown) and isinstance(last, MarkdownParagraph | MarkdownFence):
        await last._update_from_block(grown)
        return True
    return False


BLOCKS: dict[str, type[MarkdownBlock]] = {
    "bullet_list_open": BulletList,
    "ordered_list_open": OrderedList,
    "fence": Fence,
    "code_block": Fence,
}
