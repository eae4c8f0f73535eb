"""Putting the backups of a profile under its passphrase, once the memory itself is under it."""

from __future__ import annotations

import os
from collections.abc import Callable, Sequence
from pathlib import Path

from memory_store.backups import making, shelf
from memory_store.backups.archive import Backup, pack, unpack
from memory_store.encryption import remains
from memory_store.encryption.cipher import kind_of
from memory_store.encryption.converting import rekeyed
from memory_store.encryption.keys import derive, new_salt
from memory_store.errors import BackupDamaged, StoreLocked


def rekey(
    folder: Path, passphrase: str, opens: Sequence[str] = (), *, progress: Callable[[int, int], None] | None = None
) -> tuple[list[Path], list[Path]]:
    """Encrypt every backup on the shelf that is plain, or that one of ``opens`` opens, under ``passphrase``.

    Each is whole at every instant; the old one is overwritten. Returns those that were done, and those left as they
    are: damaged, or under yet another passphrase. Raises StoreUnavailable.
    """
    sound, left = shelf.listed(folder)
    done: list[Path] = []
    if not sound:
        return done, left
    with shelf.at_work(folder) as place:
        for number, backup in enumerate(sound):
            try:
                _one(place, backup, passphrase, opens)
                done.append(backup.file)
            except (BackupDamaged, StoreLocked):
                left.append(backup.file)
            if progress is not None:
                progress(number + 1, len(sound))
    return done, left


def _one(place: Path, backup: Backup, passphrase: str, opens: Sequence[str]) -> None:
    out = place / f".rekey-{os.getpid()}.db"
    try:
        unpack(backup, out)
        old = making.key_of(out, opens)
        making.hold_to(backup, out, old)
        new = derive(passphrase, new_salt())
        rekeyed(out, old, new)
        said = backup.manifest
        manifest, ids = making.surveyed(out, said.number, said.made_at, said.reason, new)
        aside = place / f".old-{backup.file.name}"  # a second name, under which it can be overwritten afterwards
        os.link(backup.file, aside)
        packed = pack(out, ids, manifest, backup.file, None)
        making.read_back(packed, place, new)
        remains.overwrite(aside)
    finally:
        if kind_of(out) == "encrypted":
            out.unlink(missing_ok=True)
        else:
            remains.overwrite(out)
