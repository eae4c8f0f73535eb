"""The whole of ``mneme models pull``: list, choose, make sure of the room, fetch, verify, link into the cache."""

from __future__ import annotations

import glob
import shutil
from collections.abc import Callable, Iterable
from dataclasses import dataclass
from pathlib import Path

from agent.errors import ModelError
from agent.models.installed import hub_cache, what_is_missing
from agent.models.memory_need import gigabytes
from agent.models.pulling.fetching import Mismatch, fetch, git_hash_of, partial, sha256_of
from agent.models.pulling.files import RemoteFile, needed
from agent.models.pulling.hub import Hub, HubError, Listing

Watch = Callable[[int, int, str], None]
"""Told how many bytes are there, how many there will be, and what is being done."""
SPARE = 64_000_000
"""Bytes of a disk that are left free."""


@dataclass(frozen=True, slots=True)
class Plan:
    """What will be downloaded, before it is."""

    name: str
    revision: str | None
    """As asked for: a branch, a tag, a commit; None: the main branch."""
    commit: str
    files: tuple[RemoteFile, ...]
    licence: str
    here: int
    """Bytes of it that have arrived before."""

    @property
    def bytes(self) -> int:
        return sum(file.size for file in self.files)


@dataclass(frozen=True, slots=True)
class Pulled:
    """A model that is now here, whole."""

    name: str
    """What ``model.name`` must be set to."""
    path: Path
    commit: str
    bytes: int
    licence: str
    remark: str
    """Why mneme cannot use it all the same; empty: it can."""


def plan(hub: Hub, name: str, revision: str | None = None, *, pickles: bool = False) -> Plan:
    """Ask the hub what there is and choose what is needed. Raises HubError, ModelError (no weights, no room)."""
    listing: Listing = hub.listing(name, revision)
    try:
        files = needed(listing.files, pickles=pickles)
    except ModelError as error:
        raise ModelError(f"{name} cannot be used. {error}") from None
    here = sum(_arrived(name, listing.commit, file) for file in files)
    made = Plan(name, revision, listing.commit, tuple(files), listing.licence, here)
    _check_room(made)
    return made


def carry_out(hub: Hub, made: Plan, watch: Watch = lambda _done, _total, _what: None) -> Pulled:
    """Download what is planned, continuing what was begun; every file is verified.

    Raises HubError, ModelError, and Mismatch: a file is not what the hub says it is. Interrupting it loses nothing.
    """
    large = [file for file in made.files if file.sha256 is not None]
    done = 0

    def moving(what: str) -> Callable[[int], None]:
        def moved(more: int) -> None:
            nonlocal done
            done += more
            watch(done, made.bytes, what)

        return moved

    for file in large:
        blob = _blob(made.name, file)
        if blob.exists() and sha256_of(blob, moving(f"verifying {file.path}")) != file.sha256:
            blob.unlink()
            done -= file.size
        if not blob.exists():
            fetch(hub, made.name, made.commit, file, blob, moving(file.path))
    watch(done, made.bytes, "finishing")
    folder = _link(hub, made)
    watch(made.bytes, made.bytes, "done")
    name = made.name if made.revision in (None, "main") else f"{made.name}@{made.revision}"
    return Pulled(name, folder, made.commit, made.bytes, made.licence, what_is_missing(folder))


def _link(hub: Hub, made: Plan) -> Path:
    """Let huggingface_hub fetch the small files and lay the cache out; then look at every file once more."""
    folder = _snapshot(hub, made)
    wrong = list(_wrong(folder, made.files))
    if wrong:
        for path in wrong:
            path.resolve().unlink(missing_ok=True)
            path.unlink(missing_ok=True)
        folder = _snapshot(hub, made)
        wrong = list(_wrong(folder, made.files))
    if wrong:
        raise Mismatch(f"{wrong[0].name} is not what {hub.host} says it is. Run the command again.")
    return folder


def _snapshot(hub: Hub, made: Plan) -> Path:
    library = hub.library()
    with hub.refusals(made.name, made.revision):
        try:
            folder = library.snapshot_download(
                made.name,
                revision=made.revision,
                cache_dir=hub_cache(),
                endpoint=hub.endpoint,
                allow_patterns=[glob.escape(file.path) for file in made.files],
                etag_timeout=hub.timeout_s,
                library_name="mneme",
            )
        except PermissionError as error:
            raise ModelError(f"{error.filename} cannot be written: {error.strerror}.") from None
    if Path(folder).name != made.commit:
        raise HubError(f"{made.name} was changed on {hub.host} in the meantime. Run the command again.")
    return Path(folder)


def _wrong(folder: Path, files: Iterable[RemoteFile]) -> Iterable[Path]:
    """What is missing or differs. Large files are known by the name of their blob, which was verified."""
    for file in files:
        path = folder / file.path
        whole = path.is_file() and path.stat().st_size == file.size
        if not whole or (file.sha256 is None and git_hash_of(path) != file.blob_id):
            yield path


def _check_room(made: Plan) -> None:
    place = hub_cache()
    while not place.exists():
        place = place.parent
    free = shutil.disk_usage(place).free
    missing = made.bytes - made.here
    if missing + SPARE > free:
        raise ModelError(
            f"{made.name} needs {gigabytes(missing)} more on the disk, and {hub_cache()} has {gigabytes(free)}. "
            "Make room, or set HF_HOME to a folder on a larger disk."
        )


def _arrived(name: str, commit: str, file: RemoteFile) -> int:
    """Bytes of a file that are here already."""
    places = [_folder(name) / "snapshots" / commit / file.path]
    if file.sha256 is not None:
        blob = _blob(name, file)
        places += [blob, partial(blob)]
    return next((min(place.stat().st_size, file.size) for place in places if place.is_file()), 0)


def _blob(name: str, file: RemoteFile) -> Path:
    return _folder(name) / "blobs" / str(file.sha256)


def _folder(name: str) -> Path:
    return hub_cache() / f"models--{name.replace('/', '--')}"
