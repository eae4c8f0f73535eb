"""What a service for many users would come to: machines, disk and money a month, from what a turn costs and prices.

    python benchmarks/server_costs.py                                  a million users
    python benchmarks/server_costs.py --users 10000 --turns-a-day 40
    python benchmarks/server_costs.py --json

It simulates a day, minute by minute: people come by a curve of the hour (most in the evening), each turn is a write, an
embedding and a recall. The busiest minute decides how many cores are needed, the years kept decide the disk. Every
assumption is an option, and is printed. What a turn costs is measured (benchmarks/servers.py; docs/servers.md);
the prices are round figures of rented machines in 2026, to be replaced by yours. A language model is no part of it.
"""

from __future__ import annotations

import argparse
import json
import math
from typing import Any

import numpy as np

MINUTES = 24 * 60
ASSUMED = {
    "users": (1_000_000, "people who have a memory"),
    "daily": (0.2, "share of them that talk on a day"),
    "turns-a-day": (20.0, "turns each of these says and hears"),
    "years": (3.0, "how long turns are kept"),
    "write-ms": (1.9, "CPU of mneme for a turn"),
    "write-db-ms": (1.3, "CPU of the database for a turn"),
    "recall-ms": (5.8, "CPU of mneme for a recall"),
    "recall-db-ms": (5.7, "CPU of the database for a recall"),
    "embed-ms": (4.0, "CPU of an embedding worker for a text, in batches of 32"),
    "bytes-a-turn": (2_000.0, "of the database, with indexes and vector"),
    "index-bytes": (2_000.0, "of a Chroma server's memory for a vector, if all are in one"),
    "core-month": (12.0, "price of a core with 4 GB for a month"),
    "gigabyte-month": (0.12, "price of a gigabyte of replicated SSD for a month"),
    "memory-month": (3.0, "price of a gigabyte of memory for a month"),
    "busy": (0.5, "how busy a core may be in the busiest minute"),
    "replicas": (1.0, "read replicas and standbys beside each primary"),
}
"""Name -> value, and what it means."""


def main() -> None:
    """Print the assumptions and what comes of them."""
    asked = _arguments()
    given = {name: getattr(asked, name.replace("-", "_")) for name in ASSUMED}
    found = simulate(given, asked.seed)
    if asked.json:
        print(json.dumps({"assumed": given, "found": found}))
        return
    print("Assumed")
    for name, (_, meaning) in ASSUMED.items():
        print(f"  {name:<16} {given[name]:>12,.2f}  {meaning}")
    print("\nFound")
    for name, value in found.items():
        print(f"  {name:<44} {value:>16,.2f}")


def simulate(given: dict[str, float], seed: int) -> dict[str, float]:
    """One day, minute by minute; then machines and money for it."""
    rng = np.random.default_rng(seed)
    hours = np.arange(MINUTES) / 60
    curve = 0.25 + np.exp(-(((hours - 20.5) / 3.2) ** 2)) + 0.55 * np.exp(-(((hours - 12.5) / 2.5) ** 2))
    mean = given["users"] * given["daily"] * given["turns-a-day"] * curve / curve.sum()
    turns = rng.poisson(mean)
    peak = float(turns.max()) / 60
    cores = {
        # Of two turns one is the user's, for which is recalled.
        "database": peak * (given["write-db-ms"] * (1 + given["replicas"]) + given["recall-db-ms"] / 2) / 1000,
        "mneme": peak * (given["write-ms"] + given["recall-ms"] / 2) / 1000,
        "embedding": peak * given["embed-ms"] / 1000,
    }
    kept = given["users"] * given["daily"] * given["turns-a-day"] * 365 * given["years"]
    gigabytes = kept * given["bytes-a-turn"] / 1e9 * (1 + given["replicas"])
    cores = {name: math.ceil(busy / given["busy"]) for name, busy in cores.items()}
    whole = sum(cores.values())
    money = {"cores": whole * given["core-month"], "disk": gigabytes * given["gigabyte-month"]}
    found: dict[str, float] = {
        "turns in the busiest second": peak,
        "turns kept": kept,
        "turns of a user": kept / given["users"],
        **{f"cores for {name}": float(count) for name, count in cores.items()},
        "disk, GB": gigabytes,
        "a month, cores": money["cores"],
        "a month, disk": money["disk"],
        "a month": sum(money.values()),
        "a user and year": sum(money.values()) * 12 / given["users"],
        "a month more, were all vectors in one index": kept * given["index-bytes"] / 1e9 * given["memory-month"],
    }
    return {name: round(float(value), 4) for name, value in found.items()}


def _arguments() -> Any:
    parser = argparse.ArgumentParser(description=__doc__, formatter_class=argparse.RawDescriptionHelpFormatter)
    for name, (value, meaning) in ASSUMED.items():
        parser.add_argument(f"--{name}", type=float, default=value, metavar="N", help=f"{meaning} ({value:g})")
    parser.add_argument("--seed", type=int, default=1)
    parser.add_argument("--json", action="store_true")
    return parser.parse_args()


if __name__ == "__main__":
    main()
