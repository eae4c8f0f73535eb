"""The real command in a process of its own, with a folder of its own for everything."""

from __future__ import annotations

import json
import os
import subprocess
import sys
from collections.abc import Callable
from dataclasses import dataclass
from pathlib import Path
from typing import Any

import pytest

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


def run_in(home: Path) -> Run:
    environment = {name: value for name, value in os.environ.items() if not name.startswith("MNEME_")}
    environment |= {"MNEME_HOME": str(home), "TZ": "UTC", "OMP_NUM_THREADS": "1"}

    def run(*arguments: str | bytes, input: str | bytes | None = None, **extra: Any) -> Ran:
        said = input.encode() if isinstance(input, str) else input
        ran = subprocess.run(
            [COMMAND, *arguments],
            input=said,
            stdin=subprocess.DEVNULL if said is None else None,
            capture_output=True,
            check=False,
            timeout=120,
            env=environment | extra.pop("env", {}),
            **extra,
        )
        return Ran(ran.returncode, ran.stdout.decode(), ran.stderr.decode())

    return run


@pytest.fixture
def mneme(tmp_path: Path) -> Run:
    return run_in(tmp_path / "home")


@pytest.fixture
def home(tmp_path: Path) -> Path:
    return tmp_path / "home"
