"""The laws that any sequence of acts keeps, kept on a server too."""

from __future__ import annotations

from pathlib import Path
from typing import ClassVar

from hypothesis import HealthCheck, settings
from hypothesis.stateful import run_state_machine_as_test

from memory_store import MemoryStore
from tests.fakes import HashedWords
from tests.postgres import Server
from tests.store.test_laws import Life


class LifeOnAServer(Life):
    """Each life has a schema of its own."""

    server: ClassVar[Server]

    def opened(self) -> MemoryStore:
        url = self.server.url(Path(self.folder.name).name)
        return MemoryStore.open(url, clock=self.clock, embedder=HashedWords(), indexing="manual", ids=self.ids)


def test_any_sequence_of_acts_keeps_the_laws(postgres: Server) -> None:
    LifeOnAServer.server = postgres
    few = settings(
        max_examples=4, stateful_step_count=20, deadline=None, derandomize=True, suppress_health_check=list(HealthCheck)
    )
    run_state_machine_as_test(LifeOnAServer, settings=few)
