"""A process to be killed: it works on a store with hashed words and tells what was acknowledged, line by line.

python -m tests.store.victim FOLDER remember            forever, one id a line
python -m tests.store.victim FOLDER replace             forever replaces the last turn of "talk", one id a line
python -m tests.store.victim FOLDER index|rebuild|purge MODULE:NAME before|after
    does that, and kills itself when it comes to the named function
"""

from __future__ import annotations

import os
import signal
import sys
from importlib import import_module
from itertools import count
from typing import Any

from memory_store import MemoryStore
from tests.fakes import HashedWords


def words(number: int) -> str:
    return f"turn{number} speaks of thing{number % 7} and of the secret{number}word"


def kill_at(place: str, when: str) -> None:
    """Replace the named function by one that ends this process, before or after its work."""
    module, _, path = place.partition(":")
    *owner, name = path.split(".")
    holder: Any = import_module(f"memory_store.{module}")
    for part in owner:
        holder = getattr(holder, part)
    real = getattr(holder, name)

    def deadly(*given: Any, **named: Any) -> Any:
        if when == "after":
            real(*given, **named)
        os.kill(os.getpid(), signal.SIGKILL)

    setattr(holder, name, deadly)


def main() -> None:
    folder, task, *place = sys.argv[1:]
    if place:
        kill_at(*place)
    with MemoryStore.open(folder, embedder=HashedWords(), indexing="manual") as store:
        if task == "remember":
            for number in count():
                turn = store.remember(words(number), conversation=f"c{number % 3}")
                print(turn.id, flush=True)
                if number % 20 == 19:
                    store.index_now()
        elif task == "replace":
            for number in count(1):
                last = store.history("talk")[-1].id
                turn = store.remember(f"Reply {number}.", speaker="assistant", conversation="talk", instead_of=[last])
                print(turn.id, flush=True)
        elif task == "index":
            store.index_now()
        elif task == "rebuild":
            store.rebuild()
        else:
            store.purge([turn.id for turn in store.memories(newest_first=False)][:5])


if __name__ == "__main__":
    main()
