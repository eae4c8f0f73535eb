"""Times, memory and disk, and one table for all of it."""

from __future__ import annotations

import resource
import sys
from collections.abc import Callable, Mapping
from pathlib import Path
from time import perf_counter, process_time
from typing import Any, NamedTuple

import numpy as np


class Taken(NamedTuple):
    """Seconds of one call: by the clock, and of the processor, all threads together."""

    clock: float
    busy: float


Times = list[Taken]


def timed(call: Callable[[], object]) -> Taken:
    """How long a call takes."""
    began, busy = perf_counter(), process_time()
    call()
    return Taken(perf_counter() - began, process_time() - busy)


def timed_calls(calls: Mapping[str, Callable[[], object]], into: Mapping[str, Times], *, keep: bool) -> None:
    """Make each call once, in turn, and note how long it took (unless this is warming up)."""
    for name, call in calls.items():
        taken = timed(call)
        if keep:
            into[name].append(taken)


def measured(times: Mapping[str, Times]) -> dict[str, dict[str, float]]:
    """Milliseconds: p50 and p95 of each, and p50 of the processor's time, which tells more on a busy machine."""
    return {
        name: {
            "p50": _percentile([one.clock for one in taken], 50),
            "p95": _percentile([one.clock for one in taken], 95),
            "cpu_p50": _percentile([one.busy for one in taken], 50),
        }
        for name, taken in times.items()
        if taken
    }


def _percentile(seconds: list[float], share: int) -> float:
    return round(float(np.percentile(seconds, share)) * 1000, 3)


def resident_mb() -> float:
    """The most memory this process has had, in MiB.

    Linux hands a parent's peak on to its children in ``ru_maxrss``; ``VmHWM`` begins anew with the program.
    """
    status = Path("/proc/self/status")
    if status.exists():
        lines = status.read_text().splitlines()
        return round(next(int(line.split()[1]) for line in lines if line.startswith("VmHWM")) / 1024, 1)
    peak = resource.getrusage(resource.RUSAGE_SELF).ru_maxrss
    return round(peak / (1024 * 1024 if sys.platform == "darwin" else 1024), 1)


def size_mb(folder: Path) -> float:
    """Bytes under ``folder``, in MiB."""
    return round(sum(file.stat().st_size for file in folder.rglob("*") if file.is_file()) / 2**20, 2)


def print_table(report: Mapping[str, Any]) -> None:
    """One size, for people."""
    print(f"\n{report['turns']:,} turns (meaning is searched: {report['way']})")
    _rows("acknowledgement, ms", report["acknowledge_ms"], "sqlite commit")
    _rows("acknowledgement while the indexer works, ms", report["acknowledge_while_indexing_ms"], "sqlite commit")
    _rows("recall without embedding the query, ms", report["recall_ms"], "chroma query")
    _rows("  of which", report["stages_ms"], None)
    for name, seconds in report["fill_s"].items():
        print(f"  {name:<42}{seconds:>9.2f} s")
    for kind, cold in report["cold"].items():
        steps = ", ".join(f"{step} {value:.0f} ms" for step, value in cold.items() if step != "rss_mb")
        print(f"  cold {kind}: {steps}; {cold['rss_mb']:.0f} MiB; on disk {report['disk_mb'][kind]:.1f} MiB")
    print(f"  memory of this process, at its peak    {report['rss_mb']:>12.0f} MiB")


def _rows(title: str, rows: Mapping[str, Mapping[str, float]], base: str | None) -> None:
    against = "" if base is None else f"   p50 against {base}"
    print(f"  {title:<42}{'p50':>9}{'p95':>9}{'cpu p50':>9}{against}")
    for name, row in rows.items():
        ratio = "" if base is None else f"{row['p50'] / rows[base]['p50']:>8.2f} x"
        print(f"    {name:<40}{row['p50']:>9.3f}{row['p95']:>9.3f}{row['cpu_p50']:>9.3f}{ratio}")


def print_growth(figures: Mapping[int, Mapping[str, Any]]) -> None:
    """Several sizes side by side, for people."""
    sizes = list(figures)
    print(f"{'turns':<44}" + "".join(f"{size:>14,}" for size in sizes))
    for name in figures[sizes[0]]:
        cells = [figures[size].get(name) for size in sizes]
        if isinstance(cells[0], Mapping):
            print(name)
            for inner in cells[0]:
                print(f"  {inner:<42}" + "".join(f"{_cell((cell or {}).get(inner)):>14}" for cell in cells))
        else:
            print(f"{name:<44}" + "".join(f"{_cell(cell):>14}" for cell in cells))


def _cell(value: Any) -> str:
    return "" if value is None else f"{value:,}" if isinstance(value, int | float) else str(value)
