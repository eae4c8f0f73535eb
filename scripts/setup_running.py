"""Run an installer with its output in a log, a line of progress on the screen, and one line when it fails."""

from __future__ import annotations

import os
import re
import subprocess
import sys
import time
from pathlib import Path

WORTH_SHOWING = re.compile(r"^\s*(Collecting|Downloading|Building|Installing|Resolved|Prepared|Installed|Bytecode)")
ERROR = re.compile(r"^(ERROR|error|  [×x]|\s*╰─▶|Caused by)[: ]*(.*)")
CAUSES = (
    (r"No space left on device|disk full|os error 28", "the disk is full. Make room and run it again"),
    (
        r"name resolution|Name or service|dns error|Connection refused|Network is unreachable|error sending request"
        r"|NewConnectionError|ConnectTimeout|timed out|Failed to fetch|client error \(Connect\)|nodename nor servname",
        "the package index could not be reached. With a connection, run it again: it goes on where it stopped",
    ),
    (
        r"No matching distribution|No solution found|Could not find a version|no version of",
        "a package has no version for this Python and machine",
    ),
)


class Refusal(Exception):
    """Set-up cannot go on. The message is one line that says what to do."""


class Runner:
    """Runs installers one after the other; everything they say goes to one log."""

    def __init__(self, log: Path) -> None:
        self.log = log
        self.log.write_text("", "utf-8")
        self.lively = sys.stderr.isatty()

    def run(
        self, what: str, command: list[str], environment: dict[str, str] | None = None, *, otherwise: str = ""
    ) -> None:
        """Run ``command``. Raises Refusal when it fails, with ``otherwise``: what else could be done."""
        started = time.monotonic()
        self._show(f"setup: {what} ...")
        with subprocess.Popen(
            command,
            stdin=subprocess.DEVNULL,
            stdout=subprocess.PIPE,
            stderr=subprocess.STDOUT,
            text=True,
            errors="replace",
            env=os.environ | {"PYTHONUNBUFFERED": "1", "NO_COLOR": "1"} | (environment or {}),
        ) as process:
            said = self._follow(what, process)
        if process.returncode:
            self._show("")
            raise Refusal(f"{what}: {diagnosis(said)}.{otherwise} Everything that was said: {self.log}")
        self._show(f"setup: {what}: {time.monotonic() - started:.0f} s", last=True)

    def _follow(self, what: str, process: subprocess.Popen[str]) -> list[str]:
        assert process.stdout is not None
        said: list[str] = []
        try:
            with self.log.open("a", encoding="utf-8") as log:
                for line in process.stdout:
                    log.write(line)
                    said.append(line.rstrip())
                    if self.lively and WORTH_SHOWING.match(line):
                        self._show(f"setup: {what}: {line.strip()}")
        except BaseException:  # also Ctrl+C: no process is left behind
            process.terminate()
            process.wait()
            raise
        return said

    def _show(self, text: str, *, last: bool = False) -> None:
        """On a terminal one line that changes; elsewhere only what is finished."""
        if self.lively:
            print(f"\r\x1b[K{text[:79]}", end="\n" if last else "", file=sys.stderr, flush=True)
        elif last:
            print(text, file=sys.stderr, flush=True)


def diagnosis(said: list[str]) -> str:
    """One line for what an installer said when it failed."""
    everything = "\n".join(said)
    for pattern, advice in CAUSES:
        if re.search(pattern, everything):
            return advice
    errors = [match[2] for match in map(ERROR.match, said) if match and match[2]]
    return (errors or [line for line in said if line.strip()] or ["it failed without a word"])[-1]
