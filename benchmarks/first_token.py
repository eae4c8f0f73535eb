"""Time to the first token over a conversation, with and without what was read before being kept, on the same prompts.

    python benchmarks/first_token.py                        a Llama of random weights, 30 turns of about 2,000 tokens
    python benchmarks/first_token.py --model FOLDER         a model of yours
    python benchmarks/first_token.py --context 500 --turns 12 --width 128 --json      the last line is one JSON object

Every turn goes through ``Dialogue``: real recall from a filled store, the real prompt layout, the real window over the
history. On each prompt three ways take turns: read from the beginning; what the prompt before had in common is kept;
and, as the app does, the next prompt's beginning is also read ahead between two turns. A model of random weights says
nothing worth keeping, so made-up sentences are remembered as its replies; what it does say, greedily, must be the same
three times.

``speedup`` is the median, over the turns whose prompt has at least ``--context`` tokens, of seconds from the beginning
/ seconds in the app's way: other programs that share the machine then spoil single turns, not the figure.
``speedup_cpu`` is the same of this process's CPU seconds.
"""

from __future__ import annotations

import argparse
import json
import tempfile
import threading
from collections.abc import Iterator, Sequence
from contextlib import ExitStack
from dataclasses import dataclass, field
from pathlib import Path
from statistics import median
from time import perf_counter, process_time
from typing import Any, NamedTuple

from made_up import BEGAN, RandomVectors, Talk
from random_llama import save_random_llama

from agent.dialogue import Dialogue
from agent.models.base import Generated, Message, Prompt, Sampling
from agent.models.checkpoint import load_checkpoint
from agent.models.transformers_model import TransformersModel
from agent.prompt import DEFAULT_SYSTEM
from agent.quoting import last_message, memory_line
from agent.settings import ModelSettings, Settings
from memory_store import MemoryStore, VirtualClock
from memory_store.records import NewTurn, Turn

MEMORIES = 2_000
SAID = 16  # tokens of each reply that are compared
WAYS = ("from the beginning", "kept", "kept, read ahead")
_HEAD, _EXCHANGES = 510, 7.5  # tokens of system text and last message; exchanges that a window of 20 turns shows
_BESIDE = 60  # of an exchange: the user's words, both frames, and what a made-up text has too much


class Took(NamedTuple):
    """Seconds."""

    wall: float
    cpu: float

    @classmethod
    def since_start(cls) -> Took:
        return cls(perf_counter(), process_time())


@dataclass
class Contest:
    """A LanguageModel that lets three reply to each prompt, notes how soon, and says something made up."""

    ways: Sequence[TransformersModel]
    talk: Talk
    reply_tokens: int
    name: str = "contest"
    turns: list[dict[str, Any]] = field(default_factory=list)
    identical: bool = True
    can_read_ahead: bool = True

    def __post_init__(self) -> None:
        self.context_size = self.ways[0].context_size
        self.count, self.count_prompt = self.ways[0].count, self.ways[0].count_prompt

    def stream(self, prompt: Prompt, sampling: Sampling, cancel: threading.Event) -> Iterator[str]:
        del sampling
        greedy = Sampling(temperature=0, max_new_tokens=SAID)
        replies = [_timed_reply(way, prompt, greedy, cancel) for way in self.ways]
        self.identical &= len({text for text, _, _ in replies}) == 1
        told = replies[0][2]
        self.turns.append(
            {
                "prompt_tokens": told.prompt_tokens,
                "reused": [end.reused_tokens for _, _, end in replies],
                "seconds": [round(took.wall, 4) for _, took, _ in replies],
                "cpu_seconds": [round(took.cpu, 4) for _, took, _ in replies],
            }
        )
        yield long_text(self.talk, self.reply_tokens, self)

    def read_ahead(self, messages: Sequence[Message], cancel: threading.Event) -> None:
        began = Took.since_start()
        self.ways[-1].read_ahead(messages, cancel)
        self.turns[-1]["read_ahead_cpu"] = round(Took.since_start().cpu - began.cpu, 4)

    def close(self) -> None:
        for way in self.ways:
            way.close()


def main() -> None:
    """Hold the conversation; print a line for each turn, then the sums, and JSON last."""
    asked = _arguments()
    with tempfile.TemporaryDirectory(prefix="mneme-first-token-") as name, ExitStack() as stack:
        folder = Path(name)
        contest = _contest(asked, folder)
        stack.callback(contest.close)
        clock = VirtualClock(BEGAN)
        store = stack.enter_context(
            MemoryStore.open(folder / "memory", clock=clock, embedder=RandomVectors(), indexing="manual")
        )
        _converse(store, contest, asked)
    report = _report(contest, asked)
    print(_summary(report))
    if asked.json:
        print(json.dumps(report))


def _contest(asked: argparse.Namespace, folder: Path) -> Contest:
    talk = Talk(asked.seed)
    where = asked.model or save_random_llama(folder / "model", _texts(talk), asked.width, asked.layers)
    loaded = load_checkpoint(where, ModelSettings(name=str(where), dtype=asked.dtype))
    loaded.end_tokens = frozenset()
    options = ({"reuse": False}, {}, {})
    ways = [TransformersModel(loaded, name=way, **named) for way, named in zip(WAYS, options, strict=True)]
    per_exchange = max(60, round((asked.context - _HEAD) / _EXCHANGES))
    parameters = sum(parameter.numel() for parameter in loaded.model.parameters())
    print(f"{parameters / 1e6:.1f} M parameters, {loaded.dtype} on {loaded.device}")
    return Contest(ways, talk, max(20, per_exchange - _BESIDE))


def _texts(talk: Talk) -> list[str]:
    """What a tokenizer is trained on: talk, and mneme's own sentences, which a real one knows as English."""
    remembered = [_remembered(turn) for turn in talk.turns(3000)]
    lines = [memory_line(number % 10 + 1, turn) for number, turn in enumerate(remembered)]
    return [*lines, *[DEFAULT_SYSTEM, last_message("", lines[:1], BEGAN)] * 30]


def _remembered(turn: NewTurn) -> Turn:
    return Turn("", None, 0, turn.speaker, turn.text, turn.said_at or BEGAN)


def _converse(store: MemoryStore, contest: Contest, asked: argparse.Namespace) -> None:
    talk = Talk(asked.seed + 1)
    earlier = list(talk.turns(MEMORIES))
    store.remember_many(earlier)
    store.index_now()
    dialogue = Dialogue(store, contest, settings=Settings())
    print(f"{'turn':>4} {'prompt':>7}  " + "  ".join(f"{way:>31}" for way in WAYS))
    for number in range(asked.turns):
        question = talk.question(earlier[(number * 37) % MEMORIES].text)
        for _ in dialogue.reply(f"{talk.sentence()} {question}"):
            pass
        dialogue.read_ahead(threading.Event())
        turn = contest.turns[-1]
        ways = zip(turn["seconds"], turn["cpu_seconds"], turn["reused"], strict=True)
        columns = (f"{s:>6.2f} s {cpu:>6.2f} s cpu, kept {kept:>4}" for s, cpu, kept in ways)
        print(f"{number + 1:>4} {turn['prompt_tokens']:>7}  " + "  ".join(columns), flush=True)


def _timed_reply(
    model: TransformersModel, prompt: Prompt, sampling: Sampling, cancel: threading.Event
) -> tuple[str, Took, Generated]:
    """What is said, how long its first piece took, and how it ended."""
    stream = model.stream(prompt, sampling, cancel)
    began = Took.since_start()
    text = str(next(stream, ""))
    now = Took.since_start()
    first = Took(now.wall - began.wall, now.cpu - began.cpu)
    while True:
        try:
            text += str(next(stream))
        except StopIteration as end:
            return text, first, end.value


def long_text(talk: Talk, tokens: int, model: Contest) -> str:
    """Made-up sentences of about ``tokens`` tokens."""
    text = talk.sentence()
    while model.count(text) < tokens:
        text = f"{text} {talk.sentence()}"
    return text


def _report(contest: Contest, asked: argparse.Namespace) -> dict[str, Any]:
    long = [turn for turn in contest.turns if turn["prompt_tokens"] >= asked.context]
    counted = long or contest.turns[-1:]
    return {
        "speedup": _ratio(counted, "seconds", 2),
        "identical_output": contest.identical,
        "speedup_cpu": _ratio(counted, "cpu_seconds", 2),
        "speedup_without_reading_ahead": _ratio(counted, "seconds", 1),
        "speedup_cpu_without_reading_ahead": _ratio(counted, "cpu_seconds", 1),
        "context": asked.context,
        "turns_counted": len(long),
        "median_first_token_s": _medians(counted, "seconds"),
        "median_first_token_cpu_s": _medians(counted, "cpu_seconds"),
        "median_tokens_read": _medians(
            [{"read": [turn["prompt_tokens"] - kept for kept in turn["reused"]]} for turn in counted], "read"
        ),
        "median_prompt_tokens": round(median(turn["prompt_tokens"] for turn in counted)),
        "median_read_ahead_cpu_s": round(median(turn["read_ahead_cpu"] for turn in counted), 4),
        "turns": contest.turns,
    }


def _ratio(turns: Sequence[dict[str, Any]], what: str, way: int) -> float:
    """By how much ``way`` is faster than reading from the beginning, in the median turn."""
    return round(median(turn[what][0] / turn[what][way] for turn in turns), 2)


def _medians(turns: Sequence[dict[str, Any]], what: str) -> dict[str, float]:
    return {way: round(median(turn[what][number] for turn in turns), 4) for number, way in enumerate(WAYS)}


def _summary(report: dict[str, Any]) -> str:
    tokens = report["median_tokens_read"]
    firsts = report["median_first_token_s"].items()
    times = "; ".join(f"{way}: {seconds:.3f} s ({tokens[way]:.0f} tokens read)" for way, seconds in firsts)
    same = "the same" if report["identical_output"] else "NOT the same"
    return (
        f"{report['turns_counted']} turns of at least {report['context']} tokens, in the median "
        f"{report['median_prompt_tokens']}. First token, {times}.\n"
        f"{report['speedup']} times as soon ({report['speedup_without_reading_ahead']} without reading ahead), by CPU "
        f"time {report['speedup_cpu']} ({report['speedup_cpu_without_reading_ahead']}). Reading ahead takes "
        f"{report['median_read_ahead_cpu_s']:.3f} CPU seconds between turns. The words are {same}."
    )


def _arguments() -> argparse.Namespace:
    parser = argparse.ArgumentParser(description=(__doc__ or "").split("\n")[0])
    parser.add_argument("--turns", type=int, default=30)
    parser.add_argument("--context", type=int, default=2_000, help="tokens of a prompt, about (default 2000)")
    parser.add_argument("--model", type=Path, help="the folder of a model; default: random weights")
    parser.add_argument("--width", type=int, default=512, help="of the random model, a multiple of 64 (default 512)")
    parser.add_argument("--layers", type=int, default=8, help="of the random model (default 8)")
    parser.add_argument("--dtype", default="auto")
    parser.add_argument("--seed", type=int, default=1)
    parser.add_argument("--json", action="store_true", help="end with one line of JSON")
    return parser.parse_args()


if __name__ == "__main__":
    main()
