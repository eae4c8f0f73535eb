"""One memory with everything known about it."""

from __future__ import annotations

from collections.abc import Iterator
from itertools import chain

from textual.app import ComposeResult
from textual.containers import VerticalScroll
from textual.content import Content
from textual.widgets import Static

from memory_store.records import Recollection, Turn
from tui.memory_queries import MemoryStory
from tui.sanitise import DISPLAY_LIMIT, clean, one_line
from tui.widgets.reason_bar import bar, legend
from tui.wording import count, day, minute

AROUND_CHARACTERS = 300


class MemoryDetail(VerticalScroll, can_focus=True):
    """Its words, why it was found, what was said around it, its history and its use."""

    def __init__(self) -> None:
        super().__init__(id="detail")

    def compose(self) -> ComposeResult:
        yield Static(id="detail-text")

    def show(self, story: MemoryStory | None, hit: Recollection | None = None, *, best: float = 0.0) -> None:
        text = self.query_one("#detail-text", Static)
        if story is None:
            text.update(Content.styled("Nothing to show.", "italic $quiet"))
            return
        width = max(16, self.size.width - 4)
        parts = chain(_head(story), _why(hit, best, width), _around(story), _history(story), _use(story))
        text.update(Content("\n").join(parts))
        self.scroll_home(animate=False)


def _head(story: MemoryStory) -> Iterator[Content]:
    memory = story.memory
    states = [
        *(["pinned"] if memory.pinned else []),
        *(["forgotten"] if memory.forgotten else []),
        *(["stopped before its end"] if memory.status == "partial" else []),
    ]
    yield Content.assemble(
        (one_line(memory.speaker, limit=60), "bold $secondary"),
        (f"  {minute(memory.said_at)}", "$quiet"),
        (f"  {', '.join(states)}" if states else "", "$warning"),
    )
    where = "a note" if memory.is_note else f"in “{one_line(story.title, limit=80)}”"
    yield Content.styled(f"{where}  {memory.id}", "$quiet")
    yield Content("")
    yield Content(clean(memory.text, limit=DISPLAY_LIMIT))
    yield Content("")


def _why(hit: Recollection | None, best: float, width: int) -> Iterator[Content]:
    if hit is None:
        return
    yield Content.assemble(("Why it was found", "bold $primary"), (f"  {hit.score:.2f}", "bold"))
    yield bar(hit.reasons, best=best, width=width)
    yield legend(hit.reasons)
    if hit.matched:
        yield Content.styled(f"shares {', '.join(one_line(word, limit=40) for word in hit.matched[:8])}", "$quiet")
    yield Content("")


def _around(story: MemoryStory) -> Iterator[Content]:
    if len(story.around) < 2:
        return
    yield Content.styled("Around it", "bold $primary")
    yield from (_turn(turn, here=turn.id == story.memory.id) for turn in story.around)
    yield Content("")


def _turn(turn: Turn, *, here: bool) -> Content:
    mark = ("▌ ", "$primary") if here else ("  ", "")
    text = one_line(turn.text, limit=AROUND_CHARACTERS)
    return Content.assemble(
        mark, (f"{one_line(turn.speaker, limit=30)}: ", "bold $secondary"), (text, "$foreground" if here else "$quiet")
    )


def _history(story: MemoryStory) -> Iterator[Content]:
    if not story.revisions:
        return
    yield Content.styled("Earlier wordings", "bold $primary")
    for revision in reversed(story.revisions):
        said = one_line(revision.text, limit=AROUND_CHARACTERS)
        yield Content.assemble((f"until {minute(revision.superseded_at)}  ", "$quiet"), (said, "$foreground"))
    yield Content("")


def _use(story: MemoryStory) -> Iterator[Content]:
    if not story.used_in:
        return
    yield Content.styled(f"Recalled for {count(len(story.used_in), 'reply', 'replies')}", "bold $primary")
    for reply in story.used_in[-5:]:
        said = one_line(reply.text, limit=120)
        yield Content.assemble((f"{day(reply.said_at)}  ", "$quiet"), (said, "$foreground"))
