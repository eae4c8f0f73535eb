"""Children of the harness: forked, because everything slow is imported once, and killed without mercy."""

from __future__ import annotations

import json
import os
import select
import signal
import time
import traceback
from collections import deque
from collections.abc import Callable, Iterator, Mapping
from pathlib import Path
from typing import Any

Tell = Callable[[Mapping[str, Any]], None]
PATIENCE_S = 300.0


class Stuck(Exception):
    """A child that said nothing for too long."""


class Child:
    """A forked process that does ``work`` and tells lines; :meth:`lines` ends when it ends, however it does."""

    def __init__(self, work: Callable[[Tell], None]) -> None:
        reading, writing = os.pipe()
        self.pid = os.fork()
        if not self.pid:
            os.close(reading)
            _be_a_child(work, writing)
        os.close(writing)
        self._stream = reading
        self._rest = b""
        self._told: deque[Mapping[str, Any]] = deque()
        self.ended = False

    def kill(self) -> None:
        os.kill(self.pid, signal.SIGKILL)

    def lines(self, until: float | None = None) -> Iterator[Mapping[str, Any]]:
        """What it tells, up to its end or to the instant ``until`` (monotonic). Raises Stuck."""
        while True:
            while self._told:
                yield self._told.popleft()
            limit = PATIENCE_S if until is None else max(0.0, until - time.monotonic())
            if not select.select([self._stream], [], [], limit)[0]:
                if until is not None:
                    return
                self.kill()
                raise Stuck(f"nothing for {PATIENCE_S:.0f} s")
            block = os.read(self._stream, 1 << 16)
            if not block:
                self.ended = True
                return
            *whole, self._rest = (self._rest + block).split(b"\n")
            self._told += [json.loads(line) for line in whole]

    def wait(self) -> int:
        """Its exit code; minus the signal that ended it."""
        os.close(self._stream)
        return os.waitstatus_to_exitcode(os.waitpid(self.pid, 0)[1])


def _be_a_child(work: Callable[[Tell], None], writing: int) -> None:
    code = 1
    try:
        work(lambda told: _write(writing, told))
        code = 0
    except BaseException:  # noqa: BLE001 - the end of a process: told, and then it ends
        _write(writing, {"crash": traceback.format_exc()})
    finally:
        os._exit(code)


def _write(stream: int, told: Mapping[str, Any]) -> None:
    line = json.dumps(told).encode() + b"\n"
    while line:
        line = line[os.write(stream, line) :]


def asked(work: Callable[[], Any]) -> Any:
    """The result of ``work``, done in a child. Raises RuntimeError with its traceback."""
    child = Child(lambda tell: tell({"result": work()}))
    told = list(child.lines())
    code = child.wait()
    if code or not told or "result" not in told[-1]:
        raise RuntimeError(told[-1].get("crash", "") if told else f"a child ended with {code}")
    return told[-1]["result"]


def probed_by_fork(folder: Path) -> str:
    """What semantic.probing.sound does, without starting another Python: this process has not opened Chroma yet."""
    from memory_store.semantic.probing import probe

    pid = os.fork()
    if not pid:
        code = 1
        try:
            probe(folder)
            code = 0
        finally:
            os._exit(code)
    code = os.waitstatus_to_exitcode(os.waitpid(pid, 0)[1])
    return "" if code == 0 else f"a child process ended with {code}"
