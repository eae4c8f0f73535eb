"""How quick the terminal app is, measured from outside, in a pseudo-terminal.

    python benchmarks/app_speed.py                       first paint, keys while a reply streams, memory over an hour
    python benchmarks/app_speed.py --turns 50000 --json  a longer history; the last line is one JSON object

First paint: from starting `mneme chat` until its first picture, beside an interpreter that prints one character. Key to
screen: a letter is typed into the prompt every so often while a reply streams at 100 tokens/s in a conversation of
5,000 turns; from the key's byte until the letter's bytes come back. Memory: an hour's tokens at 100/s, said as fast as
the app takes them, in replies of 512; resident memory after each tenth.
"""

from __future__ import annotations

import argparse
import json
import os
import random
import re
import sqlite3
import sys
import tempfile
import time
from collections.abc import Iterator
from contextlib import closing, contextmanager
from pathlib import Path
from statistics import median
from typing import Any

from made_up import RandomVectors, Talk
from terminal import Terminal, started

from agent.settings import load_settings
from memory_store import MemoryStore
from memory_store.records import NewTurn

PROMPT = b"Say something"[1:]  # the cursor stands on the first letter
LETTERS = "".join(chr(code) for span in ((0x3B1, 0x3CA), (0x430, 0x450), (0x5D0, 0x5EB)) for code in range(*span))
"""One for each key: a letter that stands in the prompt already may be drawn again for other reasons."""
HOUR_TOKENS = 360_000
REPLY_TOKENS = 512
PARTS = 10
SETTLED_S = 6.0


def main() -> None:
    """Measure what was asked for; a line each, and JSON last."""
    asked = _arguments()
    with tempfile.TemporaryDirectory(prefix="mneme-app-") as name:
        home = Path(name)
        report: dict[str, Any] = {"turns": asked.turns, "rate": asked.rate}
        report["first_paint"] = first_paint(home / "empty", asked.repeat)
        fill(home / "full", asked.turns)
        report["keys"] = keys(home / "full", asked)
        if asked.hours:
            report["memory"] = memory(home / "full", asked)
    if asked.json:
        print(json.dumps(report))


def first_paint(home: Path, repeat: int) -> dict[str, float]:
    """Milliseconds, medians: the app's first picture, and a bare interpreter's first character."""
    mneme = Path(sys.executable).with_name("mneme")
    app, bare, cpu = [], [], []
    for _ in range(repeat + 1):
        with started([str(mneme), "--home", str(home), "chat"]) as terminal:
            app.append(_took(terminal, PROMPT))
            cpu.append(terminal.cpu_s() * 1000)
        with started([sys.executable, "-c", "print('x')"]) as terminal:
            bare.append(_took(terminal, b"x"))
    figures = {"app_ms": round(median(app[1:])), "interpreter_ms": round(median(bare[1:]))}
    figures["cpu_ms"] = round(median(cpu[1:]))
    figures["beyond_ms"] = figures["app_ms"] - figures["interpreter_ms"]
    print(
        f"first paint                {figures['beyond_ms']} ms beyond the interpreter's {figures['interpreter_ms']} ms"
    )
    print(f"  of CPU, all threads      {figures['cpu_ms']} ms")
    return figures


def _took(terminal: Terminal, wanted: bytes) -> float:
    at = terminal.wait_for(wanted, timeout=60)
    if at is None:
        raise SystemExit(f"app_speed: never seen on the screen: {wanted!r}")
    return (at - terminal.began) * 1000


def fill(home: Path, turns: int) -> None:
    """One conversation, ``long``, of so many turns."""
    folder = load_settings(home, None).paths.profile_dir
    with MemoryStore.open(folder, embedder=RandomVectors(), indexing="manual") as store:
        store.remember_many(NewTurn(turn.text, turn.speaker, "long", turn.said_at) for turn in Talk(1).turns(turns))
        store.index_now()


def keys(home: Path, asked: argparse.Namespace) -> dict[str, Any]:
    """Milliseconds from key to screen while a reply streams, and while nothing does."""
    tokens = int(asked.rate * (asked.keys * 0.35 + 20))
    with child(home, "--conversation", "long", "--rate", str(asked.rate), "--tokens", str(tokens)) as (
        terminal,
        report,
    ):
        _settle(terminal)
        idle = _type(terminal, LETTERS[: asked.keys // 2])
        terminal.press(b" Tell me all about the pier.\r")
        _run(terminal, 3.0)
        streaming = _type(terminal, LETTERS[-asked.keys :])
        inside = _quit(terminal, report)
    figures = {"idle_ms": _spread(idle), "streaming_ms": _spread(streaming), "inside": inside}
    for name, row in (("nothing streams", figures["idle_ms"]), (f"{asked.rate:g} tokens/s", figures["streaming_ms"])):
        print(f"key to screen, {name:<16}median {row['p50']} ms, p95 {row['p95']} ms, of {row['keys']}")
    print(f"mounted turns, at most     {inside['mounted_turns']}; {inside['widgets']} widgets")
    print(f"queue drained              {inside['drains_per_s']} times a second")
    print(f"event loop late by         p95 {inside['loop_lag_p95_ms']} ms, max {inside['loop_lag_max_ms']} ms")
    print(f"  of CPU at a stretch      p95 {inside['work_p95_ms']} ms, max {inside['work_max_ms']} ms")
    return figures


def _type(terminal: Terminal, letters: str) -> list[float]:
    """Milliseconds that each of ``letters`` took."""
    rng, took = random.Random(7), []
    for letter in map(str.encode, letters):
        pressed = terminal.press(letter)
        shown = terminal.wait_for(letter, timeout=30)
        if shown is None:
            raise SystemExit(f"app_speed: the letter {letter.decode()} never came to the screen")
        took.append((shown - pressed) * 1000)
        _run(terminal, 0.1 + rng.random() * 0.3)
    return took


def memory(home: Path, asked: argparse.Namespace) -> dict[str, Any]:
    """MiB after each tenth of the tokens that an hour at 100/s has."""
    replies = int(HOUR_TOKENS * asked.hours / REPLY_TOKENS)
    options = ["--rate", "1e9", "--tokens", str(REPLY_TOKENS), "--replies", str(replies)]
    sampled: list[float] = []
    with child(home, *options) as (terminal, report):
        done = 0
        while len(sampled) < PARTS:
            _run(terminal, 0.5)
            done = _replies(home)
            if done >= replies * (len(sampled) + 1) / PARTS:
                sampled.append(round(terminal.rss_mb(), 1))
        inside = _quit(terminal, report)
    growth = round(sampled[-1] - sampled[PARTS // 2 - 1], 1)
    print(f"memory, by tenths          {sampled} MiB, over {replies} replies; {growth:+} MiB in the second half")
    return {"rss_mb": sampled, "second_half_mb": growth, "replies": replies, "inside": inside}


def _replies(home: Path) -> int:
    """How many replies were remembered beside the long conversation."""
    file = load_settings(home, None).paths.profile_dir / "memory.db"
    with closing(sqlite3.connect(f"file:{file}?mode=ro", uri=True)) as database:
        query = "SELECT coalesce(sum(turns), 0) FROM conversations WHERE id != 'long'"
        return int(database.execute(query).fetchone()[0]) // 2


@contextmanager
def child(home: Path, *options: str) -> Iterator[tuple[Terminal, Path]]:
    """The app with a paced model, in a terminal; and the file that it leaves its report in."""
    report = home / f"report-{time.monotonic_ns()}.json"
    program = str(Path(__file__).with_name("app_child.py"))
    with started([sys.executable, program, str(home), str(report), *options]) as terminal:
        yield terminal, report


def _settle(terminal: Terminal) -> None:
    """Until the app has drawn itself and the conversation (a blinking cursor is never silent)."""
    if terminal.wait_for(PROMPT, timeout=60) is None:
        raise SystemExit("app_speed: the app did not draw itself")
    _run(terminal, SETTLED_S)


def _run(terminal: Terminal, seconds: float) -> None:
    """Read on for a while, as a terminal does."""
    end = time.monotonic() + seconds
    while (left := end - time.monotonic()) > 0:
        terminal.read(left)


def _quit(terminal: Terminal, report: Path) -> dict[str, Any]:
    terminal.press(b"\x11")
    end = time.monotonic() + 30
    while not report.exists() and time.monotonic() < end:
        terminal.read(0.1)
    _run(terminal, 0.2)
    if not report.exists():
        said = re.sub(r"\x1b\[[0-9;?]*[a-zA-Z]", " ", terminal.seen[-2000:].decode(errors="replace"))
        raise SystemExit(f"app_speed: the app ended without its report. The last that it wrote: {said}")
    return dict(json.loads(report.read_text()))


def _spread(milliseconds: list[float]) -> dict[str, float]:
    ordered = sorted(milliseconds)
    return {
        "p50": round(median(ordered), 1),
        "p95": round(ordered[int(len(ordered) * 0.95)], 1),
        "keys": len(ordered),
    }


def _arguments() -> argparse.Namespace:
    parser = argparse.ArgumentParser(description=(__doc__ or "").split("\n")[0])
    parser.add_argument("--turns", type=int, default=5_000, help="turns of the conversation that is open")
    parser.add_argument("--rate", type=float, default=100.0, help="tokens a second")
    parser.add_argument("--keys", type=int, default=50, help="letters typed while a reply streams, at most 60")
    parser.add_argument("--repeat", type=int, default=5, help="starts of the app")
    parser.add_argument("--hours", type=float, default=1.0, help="of tokens for the measurement of memory; 0: none")
    parser.add_argument("--json", action="store_true", help="end with one line of JSON")
    return parser.parse_args()


if __name__ == "__main__":
    os.environ.setdefault("OMP_NUM_THREADS", "1")
    main()
