"""mneme beside mem0, MemPalace and plain Chroma, on the same data and the same vectors: one table.

    python -m benchmarks.peers locomo10.json
    python -m benchmarks.peers locomo10.json --peer mem0 --peer chroma --limit 50
    python -m benchmarks.peers realmem/ locomo10.json --json > peers.json

From a checkout. The first run builds an environment for each peer, with pip: about 1.5 GB in the user's cache folder.
After that nothing needs a network, and no peer gets one. docs/bench.md says how each is asked.
"""

from __future__ import annotations

import argparse
import json
import sys
from collections.abc import Iterator
from contextlib import contextmanager
from pathlib import Path

from rich.console import Console
from rich.markup import escape

from agent.bench.data import DataSet
from agent.bench.embedding import CachingEmbedder
from agent.bench.formats.loading import FORMATS, load
from benchmarks.peers.catalogue import PEERS, Peer
from benchmarks.peers.environments import Say, default_root
from benchmarks.peers.measuring import prepared, side_by_side
from benchmarks.peers.table import print_set
from memory_store.embedding import default_embedder
from memory_store.errors import MnemeError
from tui.commands.progress import progress


def main(arguments: list[str] | None = None, peers: tuple[Peer, ...] = PEERS) -> int:
    """Exit code: 0 measured, 1 measured without a peer that failed, 2 not possible as asked, 130 interrupted."""
    asked = _arguments(arguments, peers)
    chosen = tuple(peer for peer in peers if not asked.peer or peer.name in asked.peer)
    try:
        sets = [_chosen(data, asked) for data in load(asked.data, asked.format)]
        pythons = prepared(chosen, asked.environments or default_root(), _building)
        embedder = CachingEmbedder(default_embedder())
        reports = [
            side_by_side(data, chosen, pythons, embedder, progress, minutes=asked.minutes, seed=asked.seed)
            for data in sets
        ]
    except (MnemeError, OSError) as error:
        print(f"peers: {error}", file=sys.stderr)
        return 2
    except KeyboardInterrupt:
        print("peers: stopped. Environments that were built are kept.", file=sys.stderr)
        return 130
    if asked.json:
        print(json.dumps({"embedder": embedder.name, "seed": asked.seed, "sets": reports}, indent=2))
    else:
        console = Console(width=None if sys.stdout.isatty() else 110)
        for report in reports:
            print_set(report, console)
    return int(any("failed" in peer for report in reports for peer in report["peers"].values()))


@contextmanager
def _building(what: str) -> Iterator[Say]:
    """Says what is built, once there is something to say: with pip's last line at a terminal."""
    console = Console(stderr=True)
    status = console.status(what)
    told = False

    def say(step: str) -> None:
        nonlocal told
        if console.is_terminal:
            status.start()
            status.update(f"{what}: {escape(step)}")
        elif not told:
            print(f"peers: {what}", file=sys.stderr)
        told = True

    try:
        yield say
    finally:
        status.stop()


def _chosen(data: DataSet, asked: argparse.Namespace) -> DataSet:
    whole = data.pooled() if asked.pooled else data
    return whole if asked.limit is None else whole.limited(asked.limit)


def _arguments(arguments: list[str] | None, peers: tuple[Peer, ...]) -> argparse.Namespace:
    parser = argparse.ArgumentParser(
        "python -m benchmarks.peers", description=__doc__, formatter_class=argparse.RawDescriptionHelpFormatter
    )
    parser.add_argument(
        "data", nargs="+", type=Path, metavar="DATA", help="files or folders, as for mneme bench recall"
    )
    parser.add_argument("--format", choices=FORMATS, help="of the data; without: as it looks")
    parser.add_argument(
        "--peer", action="append", choices=[peer.name for peer in peers], help="only this one; repeatable"
    )
    parser.add_argument("--pooled", action="store_true", help="all of a set in one store")
    parser.add_argument("--limit", type=_positive, metavar="N", help="only the first N questions: a quick look")
    parser.add_argument("--environments", type=Path, metavar="DIR", help=f"where they are kept ({default_root()})")
    parser.add_argument("--minutes", type=float, default=60, help="a peer may take for one store (60)")
    parser.add_argument("--seed", type=int, default=0, help="for the intervals")
    parser.add_argument("--json", action="store_true", help="everything measured, as one document")
    return parser.parse_args(arguments)


def _positive(text: str) -> int:
    value = int(text)
    if value < 1:
        raise argparse.ArgumentTypeError("at least 1")
    return value


if __name__ == "__main__":
    sys.exit(main())
