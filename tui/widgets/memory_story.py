"""The text of a memory's details, line by line."""

from __future__ import annotations

from collections.abc import Iterator

from textual.content import Content

from memory_store.attachments import page_of
from memory_store.records import Recollection, Turn
from tui.memories.memory_queries import MemoryStory
from tui.text.names import NameOf
from tui.text.sanitise import DISPLAY_LIMIT, clean, one_line
from tui.text.wording import CONFLICT_STATES, count, day, minute
from tui.widgets.reason_bar import bar, legend

EXCERPT = 300
"""Characters of what is not the memory itself."""
REPLIES_SHOWN = 100


def story_lines(
    story: MemoryStory, hit: Recollection | None, *, best: float, width: int, name_of: NameOf
) -> Iterator[Content]:
    """Everything known about a memory, for a column ``width`` cells wide."""
    yield from _head(story, name_of)
    yield Content(clean(story.memory.text, limit=DISPLAY_LIMIT))
    if hit is not None:
        yield from _why(hit, best, width)
    yield from _against(story, name_of, width)
    yield from _derived(story, name_of, width)
    if len(story.around) > 1:
        yield from _title("Around it")
        for turn in story.around:
            yield from _turn(turn, here=turn.id == story.memory.id, width=width, name_of=name_of)
    if story.revisions:
        yield from _title("Earlier wordings")
        for revision in reversed(story.revisions):
            said = one_line(revision.text, limit=EXCERPT)
            yield Content.assemble((f"until {minute(revision.superseded_at)}  ", "$quiet"), (said, "$foreground"))
    if story.used_in:
        yield from _title(f"Recalled for {count(len(story.used_in), 'reply', 'replies')}")
        for reply in reversed(story.used_in[-REPLIES_SHOWN:]):
            said = one_line(reply.text, limit=EXCERPT // 3)
            yield from _indented(Content.assemble((f"{day(reply.said_at)}  ", "$quiet"), said), "  ", "", width)


def _head(story: MemoryStory, name_of: NameOf) -> Iterator[Content]:
    memory = story.memory
    states = [
        *(["pinned"] if memory.pinned else []),
        *(["forgotten"] if memory.forgotten else []),
        *(["stopped before its end"] if memory.status == "partial" else []),
    ]
    yield Content.assemble(
        (name_of(memory.speaker), "bold $secondary"),
        (f"  {minute(memory.said_at)}", "$quiet"),
        (f"  {', '.join(states)}", "$warning"),
    )
    where = "a note" if memory.is_note else f"in “{one_line(story.title, limit=80)}”"
    page = page_of(memory)
    where += "" if page is None else f", page {page}"
    yield Content.styled(f"{where}  {memory.id}", "$quiet")
    yield Content("")


def _against(story: MemoryStory, name_of: NameOf, width: int) -> Iterator[Content]:
    for one in story.contradictions:
        is_older = one.older.id == story.memory.id
        other = one.newer if is_older else one.older
        yield from _title("Contradicted by" if is_older else "Contradicts")
        yield Content.styled(f"{day(other.said_at)}, {CONFLICT_STATES[one.state]}", "$quiet")
        yield from _turn(other, here=False, width=width, name_of=name_of)


def _derived(story: MemoryStory, name_of: NameOf, width: int) -> Iterator[Content]:
    for one in story.derived:
        if one.note.id == story.memory.id:
            yield from _title(f"A {one.kind} that {one_line(one.model, limit=40)} derived from")
            shown: tuple[Turn, ...] = one.sources
        else:
            yield from _title(f"A {one.kind} derived from it")
            shown = (one.note,)
        for turn in shown:
            yield from _turn(turn, here=False, width=width, name_of=name_of)


def _title(text: str) -> Iterator[Content]:
    yield Content("")
    yield Content.styled(text, "bold $primary")


def _why(hit: Recollection, best: float, width: int) -> Iterator[Content]:
    yield Content("")
    yield Content.assemble(("Why it was found", "bold $primary"), (f"  {hit.score:.2f}", "bold"))
    yield bar(hit.reasons, best=best, width=width)
    yield legend(hit.reasons, width=width)
    if hit.matched:
        yield Content.styled(f"shares {', '.join(one_line(word, limit=40) for word in hit.matched[:8])}", "$quiet")
    if hit.folded:
        yield Content.styled(f"stands for {count(len(hit.folded), 'more', 'more')} like it", "$quiet")


def _turn(turn: Turn, *, here: bool, width: int, name_of: NameOf) -> Iterator[Content]:
    said = one_line(turn.text, limit=EXCERPT)
    text = Content.assemble(
        (f"{name_of(turn.speaker)}: ", "bold $secondary"), (said, "$foreground" if here else "$quiet")
    )
    yield from _indented(text, "▌ " if here else "  ", "$primary", width)


def _indented(text: Content, indent: str, style: str, width: int) -> Iterator[Content]:
    for line in text.wrap(max(8, width - len(indent))):
        yield Content.assemble((indent, style), line)
