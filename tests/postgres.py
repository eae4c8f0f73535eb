"""A real PostgreSQL for tests: its own server on the loopback, in a temporary folder, which ends with this process.

Found on the PATH or where Debian puts it. Nothing is installed here; without one, tests that need it are skipped.
"""

from __future__ import annotations

import json
import os
import shutil
import socket
import subprocess
import sys
import tempfile
import time
from collections.abc import Iterator
from contextlib import contextmanager, suppress
from dataclasses import dataclass, field
from pathlib import Path
from typing import Any

import psycopg

USER = "mneme_tests"
PASSWORD = "s3cret-of-the-tests"
SETTINGS = {  # a power cut may take what a test wrote
    "fsync": "off",
    "full_page_writes": "off",
    "max_connections": "60",
    "shared_buffers": "32MB",
    "autovacuum": "off",
    "unix_socket_directories": "",
    "listen_addresses": "127.0.0.1",
}
WATCH = """
import json, subprocess, sys
server = subprocess.Popen(sys.argv[2:], stdin=subprocess.DEVNULL, **json.loads(sys.argv[1]))
sys.stdin.read()  # until whoever started this is gone, or says so
server.send_signal(3)  # at once, as in a crash
server.wait()
"""
"""A process between the tests and the server, so that the server ends however they do."""


def program(name: str) -> str | None:
    """The path of one of PostgreSQL's programs, of the newest version there is."""
    debian = sorted(Path("/usr/lib/postgresql").glob(f"*/bin/{name}"), key=lambda file: int(file.parts[4]))
    return str(debian[-1]) if debian else shutil.which(name)


def missing() -> str:
    """Why there can be no server here; empty where there can."""
    if program("initdb") is None or program("postgres") is None:
        return "PostgreSQL is not installed (apt-get install postgresql)"
    if os.name != "nt" and os.geteuid() == 0:
        try:
            _owner()
        except KeyError:
            return "root may not run PostgreSQL, and there is no user postgres"
    return ""


def _owner() -> dict[str, Any]:
    """root may not run a server; Debian's package makes a user for it."""
    if os.geteuid() != 0:
        return {}
    import pwd

    known = pwd.getpwnam("postgres")
    return {"user": known.pw_uid, "group": known.pw_gid, "extra_groups": []}


@dataclass
class Server:
    """A cluster in ``folder``, started and stopped at will."""

    folder: Path
    port: int
    settings: dict[str, str] = field(default_factory=lambda: SETTINGS)
    _process: subprocess.Popen[bytes] | None = None
    _databases: int = field(default=0, init=False)

    def url(self, schema: str, **more: str) -> str:
        query = "&".join(f"{name}={value}" for name, value in {"schema": schema, **more}.items())
        return f"postgresql+psycopg://{USER}:{PASSWORD}@127.0.0.1:{self.port}/postgres?{query}"

    def start(self) -> None:
        options = [f"-c{name}={value}" for name, value in self.settings.items()]
        command = [program("postgres") or "", "-D", str(self.folder / "data"), "-p", str(self.port), *options]
        with (self.folder / "log").open("ab") as log:
            self._process = subprocess.Popen(
                [sys.executable, "-c", WATCH, json.dumps(_owner()), *command],
                stdin=subprocess.PIPE,
                stdout=log,
                stderr=log,
                cwd="/",
            )
        deadline = time.monotonic() + 30
        while True:
            try:
                self.connect().close()
            except psycopg.OperationalError:
                if time.monotonic() > deadline:
                    raise RuntimeError((self.folder / "log").read_text()) from None
                time.sleep(0.05)
            else:
                return

    def stop(self) -> None:
        if self._process is not None and self._process.stdin is not None:
            self._process.stdin.close()
            self._process.wait()
            self._process = None

    def processor_seconds(self) -> float:
        """What all of its processes have used of the processor until now, those that ended included (Linux)."""
        head = int((self.folder / "data" / "postmaster.pid").read_text().split()[0])
        ticks = 0
        for stat in Path("/proc").glob("[0-9]*/stat"):
            with suppress(OSError):
                fields = stat.read_text().rpartition(")")[2].split()
                if int(stat.parent.name) == head:
                    ticks += sum(map(int, fields[11:15]))
                elif int(fields[1]) == head:
                    ticks += sum(map(int, fields[11:13]))
        return ticks / os.sysconf("SC_CLK_TCK")

    def connect(self) -> psycopg.Connection[Any]:
        """As the superuser, in autocommit."""
        return psycopg.connect(
            host="127.0.0.1", port=self.port, user=USER, password=PASSWORD, dbname="postgres", autocommit=True
        )

    def files_of(self, schema: str) -> list[Path]:
        """The files in which the tables and indexes of a schema are, brought up to date."""
        self.run("CHECKPOINT")
        inside = f"SELECT oid, reltoastrelid FROM pg_class WHERE relnamespace = '\"{schema}\"'::regnamespace"
        oids = (
            f"WITH own AS ({inside}) SELECT oid FROM own UNION SELECT reltoastrelid FROM own WHERE reltoastrelid <> 0"
        )
        paths = self.run(f"SELECT pg_relation_filepath(oid) FROM ({oids}) every")
        return [file for (path,) in paths if path and (file := self.folder / "data" / path).is_file()]

    def run(self, sql: str) -> list[tuple[Any, ...]]:
        with self.connect() as connection:
            cursor = connection.execute(sql.encode())
            return cursor.fetchall() if cursor.description else []


@contextmanager
def running(*, durable: bool = False) -> Iterator[Server]:
    """A server of its own. ``durable``: on the disk and set as the package sets it, for measurements."""
    memory = Path("/dev/shm")  # its thousands of files are gone in no time there
    quick = not durable and os.access(memory, os.W_OK)
    folder = Path(tempfile.mkdtemp(prefix="mneme-postgres-", dir=memory if quick else None))
    kept = ("max_connections", "unix_socket_directories", "listen_addresses")
    settings = {name: SETTINGS[name] for name in kept} if durable else SETTINGS
    server = Server(folder, _free_port(), settings)
    owner = _owner()
    try:
        secret = folder / "password"
        secret.write_text(PASSWORD)
        if owner:
            for place in (folder, secret):
                os.chown(place, owner["user"], owner["group"])
        made = subprocess.run(
            [
                *(program("initdb") or "", "-D", str(folder / "data"), "-U", USER, "--pwfile", str(secret)),
                *("--auth", "scram-sha-256", "-E", "UTF8", "--locale", "C", "--no-sync"),
            ],
            capture_output=True,
            text=True,
            check=False,
            cwd="/",
            **owner,
        )
        if made.returncode:
            raise RuntimeError(made.stderr)
        server.start()
        yield server
    finally:
        server.stop()
        with suppress(OSError):
            shutil.rmtree(folder)


def _free_port() -> int:
    with socket.socket() as taken:
        taken.bind(("127.0.0.1", 0))
        return int(taken.getsockname()[1])
