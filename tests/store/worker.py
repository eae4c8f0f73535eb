"""One of several processes on one folder: writes, recalls and indexes, a bounded number of times.

python -m tests.store.worker FOLDER NAME TURNS      prints its ids, and at the end whether it ever held the index
python -m tests.store.worker FOLDER NAME hold       indexes in the background until it is killed
"""

from __future__ import annotations

import sys
from pathlib import Path

from memory_store import MemoryStore
from tests.fakes import HashedWords


def main() -> None:
    folder, name, turns = sys.argv[1:]
    with MemoryStore.open(Path(folder), embedder=HashedWords(), indexing="background") as store:
        if turns == "hold":
            store.index_now()
            print(store.index_state().holds_lock, flush=True)
            sys.stdin.read()
        for number in range(int(turns) if turns != "hold" else 0):
            turn = store.remember(f"{name} says unique{name}{number} about thing{number % 5}", conversation=name)
            print(turn.id, flush=True)
            found = store.recall(f"unique{name}{number}", limit=300)
            assert [item.memory.id for item in found if item.matched] == [turn.id], turn
            store.recall(f"thing{number % 5}", limit=5)
        print(store.index_state().holds_lock, flush=True)


if __name__ == "__main__":
    main()
