"""The code in a reply."""

from __future__ import annotations


def code_blocks(text: str) -> list[str]:
    """What stands between fences, or is indented as code, in order."""
    from markdown_it import MarkdownIt

    found = MarkdownIt("commonmark").parse(text)
    return [token.content.rstrip("\n") for token in found if token.type in ("fence", "code_block")]
