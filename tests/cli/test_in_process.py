"""What a command does in the process of the tests is what it does in a process of its own."""

from __future__ import annotations

import logging
import os
import sys
from pathlib import Path

import pytest

from tests.command import Run, run_apart, run_here


@pytest.mark.parametrize(
    ("words", "input"),
    [
        (["memory", "list", "--matching", "Miso", "--json"], None),
        (["memory", "show", "nosuchid"], None),
        (["ask"], " "),
        (["memory", "note", b"caf\xe9"], None),
        (["memory", "nonsense"], None),
        (["memory", "purge", "--forgotten", "--help"], None),
        (["memory", "forget", "nosuchid", "--home", "/proc/mneme"], None),
    ],
)
def test_here_and_apart_are_the_same(tmp_path: Path, words: list[str | bytes], input: str | None) -> None:
    here, apart = run_here(tmp_path / "home"), run_apart(tmp_path / "home")
    here("memory", "note", "My cat is called Miso.").done()
    assert here(*words, input=input) == apart(*words, input=input)


def test_the_process_is_as_it_was(mneme: Run, tmp_path: Path) -> None:
    log = logging.getLogger("mneme")
    before = (dict(os.environ), sys.argv, sys.stdin, sys.stdout, Path.cwd(), log.level, log.propagate, log.handlers[:])
    mneme("memory", "list", cwd=tmp_path, env={"TZ": "Asia/Shanghai"})
    after = (dict(os.environ), sys.argv, sys.stdin, sys.stdout, Path.cwd(), log.level, log.propagate, log.handlers[:])
    assert after == before
