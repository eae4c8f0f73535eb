"""The command line, run for a test: in this process, or in one of its own.

``run_here`` calls what the installed ``mneme`` calls, the error edge included, and takes a tenth of the time,
because what a command imports and loads is there already. ``run_apart`` is for what only a process of its own
shows: what is imported, signals, pipes, limits of the system.
"""

from __future__ import annotations

import contextlib
import io
import json
import logging
import os
import subprocess
import sys
import time
from collections.abc import Callable, Iterator, Mapping
from dataclasses import dataclass
from pathlib import Path
from typing import Any
from unittest import mock

COMMAND = Path(sys.executable).with_name("mneme")


@dataclass(frozen=True)
class Ran:
    """What a command did."""

    code: int
    out: str
    err: str

    @property
    def json(self) -> Any:
        return json.loads(self.out)

    def refused(self, *words: str) -> Ran:
        """Exit code 2 and one line on standard error, with ``words`` in it; nothing on standard output."""
        assert self.code == 2, self
        assert self.err.count("\n") == 1, self.err
        assert self.err.startswith("mneme: "), self.err
        assert "Traceback" not in self.err
        assert not self.out, self.out
        for word in words:
            assert word in self.err, self.err
        return self

    def done(self) -> Ran:
        assert self.code == 0, self
        return self


Run = Callable[..., Ran]
"""``run(*arguments, input=None, env={}, cwd=None)``: ``input`` is standard input, text or bytes; ``env`` is added."""


def run_here(home: Path) -> Run:
    """``mneme`` as a function of this process, with its own environment, standard streams and working directory."""

    def run(
        *arguments: str | bytes | Path,
        input: str | bytes | None = None,
        env: Mapping[str, str] | None = None,
        cwd: Path | None = None,
    ) -> Ran:
        from tui import cli

        said = input.encode() if isinstance(input, str) else input or b""
        out, err = io.BytesIO(), io.BytesIO()
        with contextlib.ExitStack() as stack:
            stack.enter_context(living_in(environment(home) | dict(env or {})))
            stack.enter_context(mock.patch.object(sys, "argv", ["mneme", *map(os.fsdecode, arguments)]))
            for name, stream in ("stdin", io.BytesIO(said)), ("stdout", out), ("stderr", err):
                wrapped = io.TextIOWrapper(stream, "utf-8", write_through=name != "stdin")
                stack.enter_context(mock.patch.object(sys, name, wrapped))
                stack.callback(wrapped.detach)
            stack.enter_context(contextlib.chdir(cwd or Path.cwd()))
            stack.enter_context(own_log())
            code = 0
            try:
                cli.main()
            except SystemExit as leaving:
                code = leaving.code if isinstance(leaving.code, int) else 1
        return Ran(code, out.getvalue().decode(), err.getvalue().decode())

    return run


def run_apart(home: Path) -> Run:
    """The installed ``mneme`` in a process of its own; ``extra`` is for :func:`subprocess.run`."""

    def run(*arguments: str | bytes | Path, input: str | bytes | None = None, **extra: Any) -> Ran:
        said = input.encode() if isinstance(input, str) else input
        ran = subprocess.run(
            [COMMAND, *map(os.fspath, arguments)],
            input=said,
            stdin=subprocess.DEVNULL if said is None else None,
            capture_output=True,
            check=False,
            timeout=120,
            env=environment(home) | extra.pop("env", {}),
            **extra,
        )
        return Ran(ran.returncode, ran.stdout.decode(), ran.stderr.decode())

    return run


def environment(home: Path) -> dict[str, str]:
    """That of the tests without anyone's settings: everything of mneme's lies in ``home``, the clock is in UTC."""
    mine = {name: value for name, value in os.environ.items() if not name.startswith("MNEME_")}
    return mine | {"MNEME_HOME": str(home), "TZ": "UTC", "OMP_NUM_THREADS": "1", "COLUMNS": "80"}


@contextlib.contextmanager
def living_in(variables: Mapping[str, str]) -> Iterator[None]:
    """With these environment variables and no others, and in their time zone."""
    with mock.patch.dict(os.environ, variables, clear=True):
        time.tzset()
        yield
    time.tzset()


@contextlib.contextmanager
def own_log() -> Iterator[None]:
    """What a command does to the logger of the process is undone after it."""
    log = logging.getLogger("mneme")
    before = log.handlers[:], log.level, log.propagate
    yield
    for handler in log.handlers:
        if handler not in before[0]:
            handler.close()
    log.handlers[:], log.level, log.propagate = before
