"""Every example of a command, in the README, in docs/ and in --help, is run in a memory that has what it speaks of."""

from __future__ import annotations

import glob
import os
import shutil
import subprocess
from pathlib import Path

import pytest

from tests.command import COMMAND, environment, run_here
from tests.documented.examples import Example, in_help, in_pages, parsed
from tests.documented.world import ELSEWHERE

EXAMPLES = [*in_pages(), *in_help()]

NOT_RUN = {
    "models pull": "downloads",
    "models use Qwen/Qwen3-0.6B": "wants a model that was downloaded",
    "models use llama3.2": "wants a server",
    "serve --mcp --http": "stays until it is stopped",
    "serve --openai": "stays until it is stopped",
    "chat": "wants a terminal",
    "--install-completion": "wants the shell it was started by",
    "memory migrate --to postgresql": "wants a server",
    "memory encrypt": "asks for a passphrase",
    "memory decrypt": "asks for a passphrase",
    "memory change-passphrase": "asks for a passphrase",
    "--profile diary memory encrypt": "asks for a passphrase",
    "memory conflicts resolve": "wants a contradiction of that id, which is drawn by lot",
    "bench recall locomo10.json --head": "wants more questions than are made up here",
    "bench recall realmem/": "wants data that is not ours to ship",
    "bench recall locomo10.json --late-interaction --reranker": "wants a reranker",
    'memory import "$(llm': "wants llm",
}
"""How a command begins that can only be parsed here, and why."""

ASKING = ("memory prune", "memory purge", "backup restore", "memory restore-backup", "undo", "conversations delete")
"""At a terminal these ask before they act; --yes is the answer."""

ANSWER_MAY_BE_NO = ("replay --json --no-memory", "replay --junit report.xml --model")
"""Expectations fail without a memory, and with a model of two million weights: exit code 1."""


def reason_not_to_run(example: Example) -> str | None:
    rest = example.line.partition("mneme ")[2]
    if "EDITOR=" in example.line:
        return "wants an editor"
    if rest.startswith("chat --plain"):
        return None
    return next((why for start, why in NOT_RUN.items() if rest.startswith(start)), None)


@pytest.mark.parametrize("example", EXAMPLES, ids=str)
def test_an_example_can_be_parsed(example: Example) -> None:
    parsed(example.words)


RUN = {one.line: one for one in EXAMPLES if reason_not_to_run(one) is None}
"""What several pages and a help say alike is run once."""


@pytest.mark.slow
@pytest.mark.parametrize("example", RUN.values(), ids=str)
def test_an_example_runs(example: Example, furnished: Path, tmp_path: Path) -> None:
    home, place = tmp_path / "home", tmp_path / "place"
    shutil.copytree(furnished / "home", home)
    shutil.copytree(furnished / "place", place, symlinks=True)
    if example.is_for_a_shell:
        code, out, err = run_in_a_shell(example, home, place)
    else:
        words = [word for written in example.words for word in expanded(written, place)]
        if words[:2] == ["memory", "export"]:
            Path(place, words[-1]).unlink(missing_ok=True)
        if parsed(example.words) in ASKING and not {"--yes", "--dry-run", "--simulate"} & set(words):
            words.append("--yes")
        ran = run_here(home)(*words, cwd=place, env={"HOME": str(place)})
        code, out, err = ran.code, ran.out, ran.err
    allowed = {0, 1} if any(start in example.line for start in ANSWER_MAY_BE_NO) else {0}
    assert code in allowed, f"{example}\n{out}{err}"


def expanded(word: str, place: Path) -> list[str]:
    """What a shell makes of ``~`` and ``*``, and what stands here for what an example names."""
    for named, here in ELSEWHERE.items():
        word = word.replace(named, here)
    word = word.replace("~/", f"{place}/")
    return sorted(glob.glob(word, root_dir=place)) if "*" in word else [word]  # noqa: PTH207  relative to place


def run_in_a_shell(example: Example, home: Path, place: Path) -> tuple[int, str, str]:
    line = example.line if shutil.which("jq") else example.line.partition(" | jq")[0]
    path = {"HOME": str(place), "PATH": f"{COMMAND.parent}:{os.environ['PATH']}"}
    if line.startswith("git "):
        subprocess.run(["git", "init", "-q"], cwd=place, check=True)
        identity = ["-c", "user.name=Ana", "-c", "user.email=ana@example.org"]
        subprocess.run(["git", *identity, "commit", "-q", "--allow-empty", "-m", "Begun"], cwd=place, check=True)
    command = ["bash", "-o", "pipefail", "-c", line]
    ran = subprocess.run(
        command,
        cwd=place,
        env=environment(home) | path,
        stdin=subprocess.DEVNULL,
        capture_output=True,
        text=True,
        check=False,
        timeout=120,
    )
    return ran.returncode, ran.stdout, ran.stderr


def test_each_exception_is_still_needed() -> None:
    lines = [example.line.partition("mneme ")[2] for example in EXAMPLES]
    assert [start for start in NOT_RUN if not any(line.startswith(start) for line in lines)] == []


def test_examples_are_found() -> None:
    assert len(list(in_pages())) > 60
    assert len(list(in_help())) > 100
