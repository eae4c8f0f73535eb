"""A program in a pseudo-terminal: its bytes as they come, with the instant of each, and keys that go to it."""

from __future__ import annotations

import contextlib
import fcntl
import os
import pty
import select
import signal
import struct
import termios
from collections.abc import Iterator, Sequence
from dataclasses import dataclass, field
from pathlib import Path
from time import monotonic, sleep


@dataclass
class Terminal:
    """What a terminal emulator would be, without drawing. Instants are monotonic seconds."""

    pid: int
    fd: int
    began: float
    seen: bytearray = field(default_factory=bytearray)

    def press(self, keys: bytes) -> float:
        """Send keys; the instant before."""
        at = monotonic()
        os.write(self.fd, keys)
        return at

    def wait_for(self, wanted: bytes, *, timeout: float) -> float | None:
        """The instant at which ``wanted`` had come, looking only at what comes from now on; None: it did not."""
        start, deadline = len(self.seen), monotonic() + timeout
        while (left := deadline - monotonic()) > 0:
            if self.read(left) and wanted in self.seen[max(0, start - len(wanted)) :]:
                return monotonic()
        return None

    def read(self, timeout: float) -> bool:
        """Read what is there, waiting at most so long. Keeps the last megabyte."""
        if not select.select([self.fd], [], [], timeout)[0]:
            return False
        try:
            self.seen += os.read(self.fd, 1 << 16)
        except OSError:  # Linux's way of saying that the other end is closed
            sleep(min(timeout, 0.1))
            return False
        return True

    def cpu_s(self) -> float:
        """Seconds of CPU that the program has had, all its threads together (Linux)."""
        fields = Path(f"/proc/{self.pid}/stat").read_text("ascii", "replace").rpartition(")")[2].split()
        return (int(fields[11]) + int(fields[12])) / os.sysconf("SC_CLK_TCK")

    def rss_mb(self) -> float:
        """Memory of the program now, in MiB (Linux)."""
        lines = Path(f"/proc/{self.pid}/status").read_text("ascii").splitlines()
        return next(int(line.split()[1]) for line in lines if line.startswith("VmRSS")) / 1024


@contextlib.contextmanager
def started(command: Sequence[str], *, columns: int = 120, lines: int = 40) -> Iterator[Terminal]:
    """Run ``command`` in a terminal of that size; it is ended when the block is left."""
    began = monotonic()
    pid, fd = pty.fork()
    if pid == 0:
        os.environ |= {"TERM": "xterm-256color", "COLORTERM": "truecolor"}
        os.execvp(command[0], list(command))
    fcntl.ioctl(fd, termios.TIOCSWINSZ, struct.pack("HHHH", lines, columns, 0, 0))
    try:
        yield Terminal(pid, fd, began)
    finally:
        with contextlib.suppress(ProcessLookupError):
            os.kill(pid, signal.SIGTERM)
        with contextlib.suppress(ChildProcessError):
            os.waitpid(pid, 0)
        os.close(fd)
