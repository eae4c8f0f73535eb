"""What a power cut may leave besides what was synced: a torn end of the log, torn pages that the log still holds."""

from __future__ import annotations

import random
import struct
from collections.abc import Iterator
from pathlib import Path

PAGE = 4096
FRAME = PAGE + 24


def tear(profile: Path, acknowledged: list[int], chance: random.Random) -> str:
    """Damage only what nothing depends on: no acknowledgement, and no later commit, which began when all before it were
    synced (and of which the index of meaning may know). Says what was done."""
    log = profile / "memory.db-wal"
    content = log.read_bytes() if log.exists() else b""
    if len(content) < 32:
        return "no log"
    salt = struct.unpack(">Q", content[16:24])[0]
    safe = acknowledged[1] if acknowledged[0] == salt else 32
    what = []
    safe = max(safe, _synced(content, salt))
    committed = _committed(content[:safe], salt)  # only what is synced is copied back
    if committed and chance.random() < 0.6:
        what.append(_tear_pages(profile / "memory.db", committed, chance))
    if len(content) > safe and chance.random() < 0.7:
        end = chance.randint(safe, len(content))
        content = content[:end]
        what.append(f"log cut to {end}")
    if len(content) >= safe:
        content += chance.randbytes(chance.choice([1, 23, 24, 512, FRAME, 3 * FRAME]))
        what.append("garbage behind the log")
    log.write_bytes(content)
    return ", ".join(what)


def _committed(content: bytes, salt: int) -> list[int]:
    """The pages of the frames up to the last commit: what a recovery will read from the log."""
    frames = list(_frames(content, salt))
    last = max((number for number, (_, commit) in enumerate(frames, 1) if commit), default=0)
    return [page for page, _ in frames[:last]]


def _synced(content: bytes, salt: int) -> int:
    """Where the last commit but one ends."""
    ends = [number for number, (_, commit) in enumerate(_frames(content, salt), 1) if commit]
    return 32 + ends[-2] * FRAME if len(ends) > 1 else 32


def _frames(content: bytes, salt: int) -> Iterator[tuple[int, bool]]:
    """Of each frame of the log, its page and whether it ends a commit."""
    for place in range(32, len(content) - FRAME + 1, FRAME):
        page, commit, frame_salt = struct.unpack(">IIQ", content[place : place + 16])
        if frame_salt != salt:
            return
        yield page, bool(commit)


def _tear_pages(database: Path, committed: list[int], chance: random.Random) -> str:
    """Pages that were being copied back from the log when the power went."""
    torn = chance.sample(sorted(set(committed)), min(3, len(set(committed))))
    with database.open("r+b") as stream:
        size = stream.seek(0, 2)
        for page in torn:
            start = (page - 1) * PAGE
            if start + PAGE <= size:
                cut = chance.randrange(PAGE)
                stream.seek(start + cut)
                stream.write(chance.randbytes(PAGE - cut))
    return f"pages {torn} torn"
