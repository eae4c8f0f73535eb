"""The app as it is, on the terminal it is started on, with a model that says made-up Markdown at a given rate.

Started by app_speed.py in a pseudo-terminal of its own. When the app ends, FILE has what only the inside knows.
"""

from __future__ import annotations

import argparse
import asyncio
import json
import sys
import threading
import time
from collections import Counter
from collections.abc import Iterator
from pathlib import Path

from made_up import RandomVectors

import tui.app
from agent.models.base import Message, Prompt, Sampling
from agent.models.loading import BackgroundModel
from agent.settings import load_settings
from memory_store import MemoryStore
from tui.app import MnemeApp
from tui.talking.session import Opening, Session
from tui.widgets.turn_view import TurnView

LAG_EVERY_S = 0.01
PARAGRAPH = (
    "The load of the *pier* is known, and **two** of the beams were measured twice before the winter came. "
    "Use `load()` for that.\n\n- the first beam\n- the second beam\n\n```python\nload = 4.2 * 9.81\n```\n\n"
)


class Milliseconds:
    """How often something took how long, by tenths: what watches for an hour must not itself fill the memory."""

    def __init__(self) -> None:
        self._times: Counter[int] = Counter()

    def add(self, seconds: float) -> None:
        self._times[round(seconds * 10_000)] += 1

    def quantile(self, share: float) -> float:
        """The least that ``share`` of all took at most, in milliseconds; 0 when there are none."""
        wanted, seen = share * self._times.total(), 0
        for tenths in sorted(self._times):
            seen += self._times[tenths]
            if seen >= wanted:
                return tenths / 10
        return 0.0


class Paced:
    """A language model that says ``tokens`` tokens, ``rate`` a second."""

    name = "paced"
    context_size = 4096

    def __init__(self, rate: float, tokens: int) -> None:
        self.rate, self.tokens = rate, tokens

    def count(self, text: str) -> int:
        return len(text) // 4

    def count_prompt(self, messages: tuple[Message, ...]) -> int:
        return sum(self.count(message.content) for message in messages)

    def stream(self, prompt: Prompt, sampling: Sampling, cancel: threading.Event) -> Iterator[str]:
        del prompt, sampling
        began = time.monotonic()
        for number in range(self.tokens):
            wait = began + number / self.rate - time.monotonic()
            if cancel.wait(max(0.0, wait)) if wait > 0 else cancel.is_set():
                return
            at = number * 4 % len(PARAGRAPH)
            yield (PARAGRAPH + PARAGRAPH[:4])[at : at + 4]

    def close(self) -> None:
        return None


class Watched(MnemeApp):
    """Says how late its loop is, and lets ``replies`` replies follow each other."""

    CSS_PATH = [Path(tui.app.__file__).parent / path for path in MnemeApp.CSS_PATH]  # noqa: RUF012

    def __init__(self, session: Session, opening: Opening, replies: int) -> None:
        super().__init__(session, opening)
        self.replies = replies
        self.said = 0
        self.lags = Milliseconds()
        self.work = Milliseconds()
        """CPU seconds of the loop's thread between two looks: what a busy machine does not distort."""
        self.mounted = 0
        self.widgets = 0
        self.drains = 0
        self.began = time.monotonic()

    async def on_mount(self) -> None:  # Textual runs the one of MnemeApp as well
        self.run_worker(self._watch(), exit_on_error=True)
        self.set_interval(0.5, self._count)

    async def _drain(self) -> None:
        self.drains += 1
        await super()._drain()

    async def _watch(self) -> None:
        while True:
            before, worked = time.monotonic(), time.thread_time()
            await asyncio.sleep(LAG_EVERY_S)
            self.lags.add(time.monotonic() - before - LAG_EVERY_S)
            self.work.add(time.thread_time() - worked)

    def _count(self) -> None:
        # Walked, not queried: matching selectors would be half of what is measured.
        if self.chat.is_mounted:
            self.mounted = max(self.mounted, sum(isinstance(one, TurnView) for one in self.chat.transcript.children))
            self.widgets = max(self.widgets, sum(1 for _ in self.chat.walk_children(with_self=False)))
        # Until it is on the screen, not until it is made: else what is not drawn yet is most of what fills the memory.
        shown = not self.session.busy and not self.chat.replies.waiting()
        if self.session.store is not None and shown and self.said < self.replies:
            self.said += 1
            self.session.say(f"What about number {self.said}?")

    def report(self) -> dict[str, float]:
        return {
            "mounted_turns": self.mounted,
            "widgets": self.widgets,
            "drains_per_s": round(self.drains / (time.monotonic() - self.began), 1),
            "loop_lag_p50_ms": self.lags.quantile(0.5),
            "loop_lag_p95_ms": self.lags.quantile(0.95),
            "loop_lag_max_ms": self.lags.quantile(1.0),
            "work_p95_ms": self.work.quantile(0.95),
            "work_max_ms": self.work.quantile(1.0),
            "replies": self.said,
        }


def main() -> None:
    asked = _arguments()
    settings = load_settings(asked.home, None, chat={"theme": "dark"})
    model = Paced(asked.rate, asked.tokens)
    session = Session(
        settings,
        opener=lambda found: MemoryStore.open(found.paths.profile_dir, embedder=RandomVectors(), indexing="manual"),
        model_maker=lambda _, listener: BackgroundModel(lambda _: model, name=model.name, listener=listener),
    )
    app = Watched(session, Opening(asked.conversation), asked.replies)
    if (problem := app.run()) is not None:
        sys.exit(problem)
    draft = asked.report.with_suffix(".new")
    draft.write_text(json.dumps(app.report()))
    draft.replace(asked.report)


def _arguments() -> argparse.Namespace:
    parser = argparse.ArgumentParser(description=(__doc__ or "").split("\n")[0])
    parser.add_argument("home", type=Path)
    parser.add_argument("report", type=Path, metavar="FILE")
    parser.add_argument("--conversation")
    parser.add_argument("--rate", type=float, default=100.0, help="tokens a second")
    parser.add_argument("--tokens", type=int, default=512, help="tokens of a reply")
    parser.add_argument("--replies", type=int, default=0, help="replies that follow each other")
    return parser.parse_args()


if __name__ == "__main__":
    main()
