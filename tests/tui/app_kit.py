"""What the app's tests are made with: a scripted model, a world of memories, and waiting for what must come true."""

from __future__ import annotations

import threading
from collections.abc import Callable, Iterator
from dataclasses import dataclass, field
from datetime import UTC, datetime, timedelta

from textual.pilot import Pilot
from textual.screen import Screen
from textual.widgets import Static

from agent.errors import ModelError
from agent.models.base import Message, Prompt, Sampling
from agent.models.loading import BackgroundModel, LoadState
from agent.settings import Settings
from memory_store import MemoryStore, VirtualClock
from tui.screens.help import Aligned
from tui.talking.session import ModelMaker

DAWN = datetime(2026, 8, 3, 9, 0, tzinfo=UTC)
PATIENCE_S = 20.0

TALKS = {
    "A cat called Miso": [
        ("user", "We adopted a cat last weekend. She is grey and called Miso."),
        ("assistant", "Congratulations! How is Miso settling in?"),
        ("user", "She hides under the sofa and comes out for tuna."),
        ("assistant", "Tuna is a good start."),
    ],
    "Trip to Kyoto": [
        ("user", "I am planning a trip to Kyoto in April with Ana."),
        ("assistant", "Lovely. Is there anything you want to see?"),
        ("Ana", "我想去看樱花，还有伏见稻荷大社。"),
        ("user", "Ana is allergic to shellfish, so we must be careful with dinner."),
    ],
    "The bridge": [
        ("user", "The deadline for the bridge model moved to 14 March. [b]Not markup[/b]"),
        ("assistant", "Start with the load:\n\n```python\nload = 4.2 * 9.81\n```\n\n- measure *twice*\n- cut once"),
    ],
}


@dataclass
class Scripted:
    """A model that says what it was given to say. ``gate`` holds it back before a piece; cancel always gets through."""

    pieces: list[str] = field(default_factory=lambda: ["I ", "remember ", "Miso."])
    gate: threading.Semaphore | None = None
    failure: str = ""
    name: str = "scripted"
    context_size: int = 4096
    remark: str = ""
    asked: list[Prompt] = field(default_factory=list)

    def count(self, text: str) -> int:
        return len(text.split())

    def count_prompt(self, messages: tuple[Message, ...]) -> int:
        return sum(self.count(message.content) for message in messages)

    def stream(self, prompt: Prompt, sampling: Sampling, cancel: threading.Event) -> Iterator[str]:
        self.asked.append(prompt)
        for piece in self.pieces:
            while self.gate is not None and not self.gate.acquire(timeout=0.02):
                if cancel.is_set():
                    return
            if cancel.is_set():
                return
            yield piece
        if self.failure:
            raise ModelError(self.failure)

    def close(self) -> None:
        return None


def maker(model: Scripted) -> ModelMaker:
    """A session's model maker that loads ``model`` in the background, as the product does."""

    def make(settings: Settings, listener: Callable[[LoadState], None]) -> BackgroundModel:
        del settings
        return BackgroundModel(lambda progress: model, name=model.name, listener=listener)

    return make


def tell_world(store: MemoryStore, clock: VirtualClock) -> None:
    """Three conversations, weeks apart, a note, and everything indexed."""
    for title, turns in TALKS.items():
        conversation = store.begin_conversation(title=title).id
        for speaker, words in turns:
            store.remember(words, speaker=speaker, conversation=conversation)
            clock.advance(timedelta(minutes=3))
        clock.advance(timedelta(days=19, hours=5))
    store.remember("The spare key is with the neighbours at number 12.")
    store.index_now()


async def wait_until(pilot: Pilot[object], true: Callable[[], object], what: str = "") -> None:
    """Let the app run until ``true`` holds; fail, saying what was waited for, when it never does."""
    waited = 0.0
    while not true():
        await pilot.pause(0.03)
        waited += 0.03
        assert waited < PATIENCE_S, f"never came true: {what or true}"


async def settled(pilot: Pilot[object], looks: int = 3) -> None:
    """Let the app run until what it shows stays the same. Scroll bars are drawn anew: on a busy machine Textual can
    leave a thumb where it was two layouts ago, until the next scroll."""
    seen: object = None
    same, left = 0, 200
    while same < looks:
        left -= 1
        assert left, "what is shown never stays the same"
        for widget in pilot.app.screen.query("*"):
            if widget.show_vertical_scrollbar:
                widget.vertical_scrollbar.refresh()
        await pilot.pause(0.03)
        now = pilot.app.screen._compositor.render_strips()
        seen, same = now, same + 1 if now == seen else 0


def words_of(screen: Screen[object]) -> str:
    """All words on a screen of text, whatever the lines they stand in."""
    parts = [str(part.render()) for part in screen.query("*") if isinstance(part, Static | Aligned)]
    return " ".join(" ".join(parts).split())


async def write(pilot: Pilot[object], words: str) -> None:
    """Put words into the prompt as a paste does, and send them."""
    app = pilot.app
    app.chat.prompt.insert(words)
    await pilot.press("enter")
