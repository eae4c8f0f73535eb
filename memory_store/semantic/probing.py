"""Tries an index out: run as a process of its own, because a damaged one may take the process down with it.

python -m memory_store.semantic.probing FOLDER       exit code 0: it was read through, and finds what is in it
"""

from __future__ import annotations

import subprocess
import sys
from pathlib import Path

import numpy as np

from memory_store.semantic.chroma import IndexDamaged, SemanticIndex

PATIENCE_S = 300.0
"""A probe reads all ids and asks a few questions: seconds, at a million vectors a minute."""
SAMPLE = 16


def sound(folder: Path) -> str:
    """Empty when a child process can read and search the index in ``folder``; else what happened to it, a few words."""
    if not sys.executable:
        return "there is no Python to try it with"
    command = [sys.executable, "-P", "-m", "memory_store.semantic.probing", str(folder)]
    try:
        ended = subprocess.run(command, stdin=subprocess.DEVNULL, capture_output=True, check=False, timeout=PATIENCE_S)
    except subprocess.TimeoutExpired:
        return "a child process that tried it got stuck"
    except OSError as error:
        return f"no child process could try it: {error.strerror}"
    if ended.returncode == 0:
        return ""
    if ended.returncode < 0:
        return f"a child process that tried it was ended by signal {-ended.returncode}"
    told = ended.stderr.decode("utf-8", "replace").strip().splitlines()
    return f"a child process could not read it ({told[-1] if told else f'code {ended.returncode}'})"


def probe(folder: Path) -> None:
    """Read an index through and ask it for what it holds. Raises IndexDamaged."""
    index = SemanticIndex(folder)
    try:
        names = index.ids()
        if len(names) != index.count():
            raise IndexDamaged(f"{folder}: {len(names)} ids, but a count of {index.count()}")
        few = sorted(names)[:: max(1, len(names) // SAMPLE)][:SAMPLE]
        held = index.vectors(few)
        for vector in held.values():
            near = index.nearest(vector, 1).seqs
            if not len(near) or int(near[0]) not in names:
                raise IndexDamaged(f"{folder}: it finds what it does not hold")
            best = index.vectors([int(near[0])])[int(near[0])]
            if float(np.dot(best, vector)) < 0.99 * float(np.linalg.norm(best) * np.linalg.norm(vector)):
                raise IndexDamaged(f"{folder}: it does not find what it holds")
    finally:
        index.close()


def main() -> None:
    try:
        probe(Path(sys.argv[1]))
    except IndexDamaged as error:
        sys.exit(str(error))


if __name__ == "__main__":
    main()
