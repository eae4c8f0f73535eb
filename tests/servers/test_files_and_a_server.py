"""A memory in a folder, exported and brought in on a server, is the same memory; and the way back."""

from __future__ import annotations

from collections.abc import Callable
from pathlib import Path
from tempfile import TemporaryDirectory

from hypothesis import HealthCheck, Phase, given, settings

from memory_store import MemoryStore
from memory_store.interchange import export_file, import_file
from tests.interchange.test_round_trip import exported, live, lives, open_store, state
from tests.postgres import Server


def test_there_and_back(postgres: Server) -> None:
    @given(lives())
    @settings(
        max_examples=4,
        deadline=None,
        derandomize=True,
        phases=(Phase.generate,),
        suppress_health_check=list(HealthCheck),
    )
    def any_life(acts: list[Callable[[MemoryStore], object]]) -> None:
        with TemporaryDirectory() as name:
            folder, url = Path(name), postgres.url(Path(name).name)
            with open_store(folder / "a") as one, open_store(url) as server, open_store(folder / "b") as back:
                live(one, acts)
                count = export_file(one, folder / "out.jsonl", forgotten=True)
                first = import_file(server, folder / "out.jsonl")
                assert (first.turns_new, first.turns_known) == (count, 0)
                assert exported(server) == exported(one)
                assert state(server) == state(one)
                assert import_file(server, folder / "out.jsonl").turns_new == 0
                export_file(server, folder / "back.jsonl", forgotten=True)
                import_file(back, folder / "back.jsonl")
                assert exported(back) == exported(one)

    any_life()
