"""Draw the README's pictures: the real app over a real memory, with its real recall. Only the replies are scripted.

make screenshots        writes docs/pictures/*.svg anew
"""

from __future__ import annotations

import asyncio
import os
import re
import sys
import tempfile
import threading
import time
from collections.abc import Awaitable, Callable, Iterator
from datetime import UTC, datetime, timedelta
from pathlib import Path

from textual.pilot import Pilot

from agent.models.base import Message, Prompt, Sampling
from agent.models.loading import BackgroundModel
from agent.settings import Settings, load_settings
from memory_store import MemoryStore, VirtualClock
from memory_store.embedding import default_embedder
from tui.app import MnemeApp
from tui.talking.session import Opening, Session
from tui.themes.brought import DARK, LIGHT
from tui.widgets.top_bar import TopBar

PICTURES = Path(__file__).resolve().parents[1] / "docs" / "pictures"
DAWN = datetime(2026, 3, 2, 18, 20, tzinfo=UTC)
PATIENCE_S = 60.0
SIZE = (104, 30)
WITHOUT = "I do not know of any allergy among your guests. Is there anything I should keep in mind?"
REPLIES = {
    "dinner": (
        "Careful with the starter: **Ana is allergic to shellfish** [shellfish], so no prawns.\n\n"
        "- *Main:* the mushroom risotto, which went well with Ben in March [risotto]\n"
        "- *Dessert:* anything without nuts"
    ),
    "": "Noted.",
}
LIFE = {
    "The flat in Porto": [
        ("user", "We moved into the flat in Porto on Friday. The landlord is called Rui."),
        ("assistant", "Congratulations! How is it?"),
        ("user", "Third floor, no lift, and a view of the river. The spare key is with Clara downstairs."),
    ],
    "Dinner with Ben": [
        ("user", "Ben came to dinner. The mushroom risotto was a success, the prawns less so."),
        ("assistant", "What went wrong with the prawns?"),
        ("user", "Ana is allergic to shellfish, which I had forgotten completely."),
    ],
    "Spring in Kyoto": [
        ("user", "I want to see Kyoto in April, when the cherry trees bloom."),
        ("Ana", "我想去看樱花，还有伏见稻荷大社。"),
        ("user", "The train from Osaka takes fifteen minutes; no need for a rail pass."),
    ],
    "The bridge model": [
        ("user", "The deadline for the bridge model moved to 14 May."),
        ("assistant", "Then the load test comes first."),
        ("user", "I always want metric units, please."),
    ],
}


class Scripted:
    """A model that says what fits the words, a few letters at a time."""

    name = "small-chat"
    context_size = 8192

    def count(self, text: str) -> int:
        return max(1, len(text) // 4)

    def count_prompt(self, messages: tuple[Message, ...]) -> int:
        return sum(self.count(message.content) for message in messages)

    def stream(self, prompt: Prompt, sampling: Sampling, cancel: threading.Event) -> Iterator[str]:
        del sampling, cancel
        reply = next(said for words, said in REPLIES.items() if words in prompt.words)
        for number, memory in enumerate(prompt.memories, start=1):
            for word in re.findall(r"\[([a-z]+)\]", reply):
                if word in memory.text:
                    reply = reply.replace(f"[{word}]", f"[{number}]")
        if "[shellfish]" in reply:
            reply = WITHOUT
        yield from (reply[place : place + 5] for place in range(0, len(reply), 5))

    def close(self) -> None:
        return None


Scene = Callable[[Pilot[object], MnemeApp], Awaitable[None]]


async def until(pilot: Pilot[object], true: Callable[[], object]) -> None:
    end = time.monotonic() + PATIENCE_S
    while not true():
        if time.monotonic() > end:
            sys.exit("screenshots: something never came")
        await pilot.pause(0.05)


async def say(pilot: Pilot[object], app: MnemeApp, words: str) -> None:
    app.chat.prompt.insert(words)
    await pilot.press("enter")
    await until(pilot, lambda: app.chat.transcript.entries and not app.session.busy and not app.chat.replies.waiting())
    await pilot.pause(0.3)


async def recalled(pilot: Pilot[object], app: MnemeApp) -> None:
    await say(pilot, app, "Ana and Ben come to dinner on Saturday. What shall I cook?")


async def commands(pilot: Pilot[object], app: MnemeApp) -> None:
    await recalled(pilot, app)
    await pilot.press("slash", "r")


async def without(pilot: Pilot[object], app: MnemeApp) -> None:
    await recalled(pilot, app)
    rows = app.chat.panel.shown.rows if app.chat.panel.shown else ()
    number = next(row.number for row in rows if row.memory and "shellfish" in row.memory.text)
    app.chat.prompt.insert(f"/without {number}")
    await pilot.press("enter")
    await pilot.pause(1.5)


async def in_its_conversation(pilot: Pilot[object], app: MnemeApp) -> None:
    await recalled(pilot, app)
    app.chat.explain_last()
    await pilot.pause(0.3)
    await pilot.press("enter")
    await pilot.pause(1.0)


async def incognito(pilot: Pilot[object], app: MnemeApp) -> None:
    app.chat.prompt.insert("/incognito")
    await pilot.press("enter")
    await until(pilot, lambda: not app.session.privacy.remember)
    await say(pilot, app, "A surprise for Ana: do not write this down.")


async def memories(pilot: Pilot[object], app: MnemeApp) -> None:
    app.chat.prompt.insert("/search prawns")
    await pilot.press("enter")
    await pilot.pause(1.5)
    await pilot.press("down")
    await pilot.pause(0.5)


async def timeline(pilot: Pilot[object], app: MnemeApp) -> None:
    del app
    await pilot.press("f8")
    await pilot.pause(1.5)


SCENES: dict[str, tuple[Scene, str]] = {
    "recalled": (recalled, DARK),
    "commands": (commands, DARK),
    "without": (without, LIGHT),
    "conversation": (in_its_conversation, DARK),
    "memories": (memories, DARK),
    "timeline": (timeline, LIGHT),
    "incognito": (incognito, LIGHT),
}


def live(settings: Settings, clock: VirtualClock, open_store: Callable[[Settings], MemoryStore]) -> None:
    """Four conversations, weeks apart."""
    with open_store(settings) as store:
        for title, turns in LIFE.items():
            talk = store.begin_conversation(title=title).id
            for speaker, words in turns:
                store.remember(words, speaker=speaker, conversation=talk)
                clock.advance(timedelta(minutes=2))
            clock.advance(timedelta(days=17, hours=1, minutes=7))
        store.index_now()


async def draw(name: str, folder: Path) -> None:
    scene, theme = SCENES[name]
    clock, embedder, settings = VirtualClock(DAWN), default_embedder(), load_settings(None, None)

    def open_store(settings: Settings) -> MemoryStore:
        return MemoryStore.open(settings.paths.profile_dir, clock=clock, embedder=embedder, indexing="manual")

    settings.paths.create()
    live(settings, clock, open_store)
    session = Session(
        settings,
        opener=open_store,
        model_maker=lambda _, told: BackgroundModel(lambda _progress: Scripted(), name=Scripted.name, listener=told),
    )
    app = MnemeApp(session, Opening())
    async with app.run_test(size=SIZE) as pilot:
        app.theme = theme
        app.chat.prompt.cursor_blink = False
        bar = app.chat.query_one(TopBar)
        await until(pilot, lambda: app.session.store and bar.model.phase == "ready")
        await scene(pilot, app)
        app.clear_notifications()
        await pilot.pause(0.3)
        (folder / f"{name}.svg").write_text(app.export_screenshot(title="mneme"), "utf-8")
        print(f"{name}.svg", flush=True)


def main(folder: Path = PICTURES) -> None:
    for variable in [name for name in os.environ if name.startswith(("MNEME_", "XDG_", "NO_COLOR"))]:
        del os.environ[variable]
    os.environ["TZ"] = "UTC"
    time.tzset()
    folder.mkdir(parents=True, exist_ok=True)
    for name in SCENES:
        with tempfile.TemporaryDirectory() as home:
            os.environ["HOME"] = home
            asyncio.run(draw(name, folder))


if __name__ == "__main__":
    main(*map(Path, sys.argv[1:]))
