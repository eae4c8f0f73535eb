"""What the tests of the store share: a clock that stands still, and stores that are closed again."""

from __future__ import annotations

import gc
import os
import sqlite3
import zlib
from collections.abc import Callable, Iterator
from contextlib import ExitStack, closing
from datetime import UTC, datetime
from pathlib import Path
from typing import Any

import hypothesis
import pytest

os.environ.setdefault("OMP_NUM_THREADS", "1")  # before NumPy and torch: tests run side by side, one core each

from memory_store import MemoryStore, VirtualClock
from memory_store.database import migrating
from tests import migrated_before
from tests.command import own_log
from tests.fakes import HashedWords
from tests.postgres import Server, running
from tests.postgres import missing as postgres_missing

hypothesis.settings.register_profile("untimed", deadline=None)  # an example's time says how busy the machine is
hypothesis.settings.load_profile("untimed")
migrating._upgrade = migrated_before.once(migrating._upgrade)
gc.set_threshold(20_000, 10, 10)  # all libraries together make a look for garbage dear: it took a quarter of the time

OpenStore = Callable[..., MemoryStore]

ON_BOTH = pytest.mark.on_both
"""For tests of what a store does, whichever database keeps it: those that open one are run with each kind."""


def pytest_generate_tests(metafunc: pytest.Metafunc) -> None:
    marked = metafunc.definition.get_closest_marker("on_both")
    if marked is not None and "kind_of_database" in metafunc.fixturenames:
        metafunc.parametrize("kind_of_database", ["sqlite", "postgresql"], indirect=True)


@pytest.hookimpl(trylast=True)
def pytest_collection_modifyitems(items: list[pytest.Item]) -> None:
    """Files with long tests first, so that at the end no worker waits for another that began one of them late."""
    long = {item.path for item in items if item.get_closest_marker("slow")}
    items.sort(key=lambda item: item.path not in long)


@pytest.fixture
def virtual_clock() -> VirtualClock:
    return VirtualClock(datetime(2026, 11, 22, 9, 0, tzinfo=UTC))


@pytest.fixture
def kind_of_database(request: pytest.FixtureRequest) -> str:
    """``sqlite``, unless a test is run :data:`ON_BOTH`."""
    return str(getattr(request, "param", "sqlite"))


@pytest.fixture(scope="session")
def postgres() -> Iterator[Server]:
    """A PostgreSQL server, one for all tests of this process. Without one, what needs it is skipped."""
    if why := postgres_missing():
        pytest.skip(why)
    with running() as server:
        yield server


@pytest.fixture
def store_place(tmp_path: Path, kind_of_database: str, request: pytest.FixtureRequest) -> Callable[[str | Path], Any]:
    """Where a store of that name is: a folder, or on a server a schema of this test's own."""
    if kind_of_database == "sqlite":
        return lambda folder: tmp_path / folder
    server: Server = request.getfixturevalue("postgres")
    own = f"t{zlib.crc32(str(tmp_path).encode()):08x}"
    return lambda folder: server.url(f"{own}_{folder}")


@pytest.fixture
def past_the_store(store_place: Callable[[str | Path], Any]) -> Callable[..., list[tuple[Any, ...]]]:
    """``past_the_store(sql, ...)``: statements run on the database of ``open_store()``, which must be closed, by
    another program; the rows of the last."""

    def run(*statements: str) -> list[tuple[Any, ...]]:
        place = store_place("store")
        if isinstance(place, str):
            from memory_store.postgresql.connecting import connect
            from memory_store.postgresql.place import place_of

            with connect(place_of(place)) as raw:
                found = [raw.execute(one.encode()) for one in statements]
                return found[-1].fetchall() if found[-1].description else []
        with closing(sqlite3.connect(place / "memory.db")) as file, file:
            return [file.execute(one) for one in statements][-1].fetchall()

    return run


@pytest.fixture
def left_behind(
    tmp_path: Path, store_place: Callable[[str | Path], Any], request: pytest.FixtureRequest
) -> Callable[[], bytes]:
    """What lies on the disk of ``open_store()``: all of its folder, and on a server the files of its tables and what
    the server has noted of them."""

    def read() -> bytes:
        place = store_place("store")
        files = [file for file in (tmp_path / "store").rglob("*") if file.is_file()]
        noted = b""
        if isinstance(place, str):
            from memory_store.postgresql.place import place_of

            server: Server = request.getfixturevalue("postgres")
            files += server.files_of(place_of(place).schema)
            noted = repr(server.run("SELECT * FROM pg_stats")).encode()
        return b"\n".join([noted, *(file.read_bytes() for file in files)])

    return read


@pytest.fixture
def open_store(
    store_place: Callable[[str | Path], Any], virtual_clock: VirtualClock, tmp_path: Path
) -> Iterator[OpenStore]:
    """``open_store(folder="store", **options)``: manual indexing, hashed words and the still clock unless told."""
    with ExitStack() as stack:

        def opened(folder: str | Path = "store", **options: Any) -> MemoryStore:
            given = {"clock": virtual_clock, "embedder": HashedWords(), "indexing": "manual"} | options
            place = store_place(folder)
            if isinstance(place, str):  # as the commands do: what is learned is beside it on this machine
                given = {"folder": tmp_path / folder} | given
            return stack.enter_context(MemoryStore.open(place, **given))

        yield opened


@pytest.fixture(autouse=True)
def _own_log() -> Iterator[None]:
    """What a test does to the logger of the process is undone after it."""
    with own_log():
        yield
