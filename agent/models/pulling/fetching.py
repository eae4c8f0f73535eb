"""One large file, resumed where it stopped and believed only when its hash is right.

It goes to where the hub's own tools keep it (``blobs/<sha256>``), so that they, and transformers, find it there.
huggingface_hub throws away what has come when a download is interrupted; a model's file is too large for that.
"""

from __future__ import annotations

import hashlib
from collections.abc import Callable
from pathlib import Path
from typing import IO, Any
from urllib.parse import urlsplit

from agent.errors import ModelError
from agent.models.pulling.files import RemoteFile
from agent.models.pulling.hub import Hub, HubError

Moved = Callable[[int], None]
"""Told how many bytes more (or, starting over, fewer) are there."""
BLOCK = 1024 * 1024


class Mismatch(ModelError):
    """What is there is not what the hub says it is."""


def fetch(hub: Hub, name: str, commit: str, file: RemoteFile, blob: Path, moved: Moved) -> None:
    """Download ``file`` to ``blob``. What has come before an interruption is kept beside it, and continued.

    Raises HubError; ModelError while another process downloads the same file; Mismatch.
    """
    from filelock import FileLock, Timeout

    lock = blob.parents[2] / ".locks" / blob.parents[1].name / f"{blob.name}.lock"
    lock.parent.mkdir(parents=True, exist_ok=True)
    blob.parent.mkdir(parents=True, exist_ok=True)
    try:
        with FileLock(lock, timeout=0):
            if not blob.exists():
                _continue(hub, name, commit, file, blob, moved)
    except Timeout:
        raise ModelError(f"{file.path} is being downloaded by another program. Wait until that is done.") from None


def partial(blob: Path) -> Path:
    """Where what has come so far is kept."""
    return blob.with_name(f"{blob.name}.mneme-partial")


def sha256_of(path: Path, moved: Moved = lambda _: None) -> str:
    """The hash of a file, hexadecimal."""
    digest = hashlib.sha256()
    with path.open("rb") as stream:
        while block := stream.read(BLOCK):
            digest.update(block)
            moved(len(block))
    return digest.hexdigest()


def git_hash_of(path: Path) -> str:
    """The hash under which Git keeps a small file."""
    content = path.read_bytes()
    return hashlib.sha1(b"blob %d\0%b" % (len(content), content), usedforsecurity=False).hexdigest()


def _continue(hub: Hub, name: str, commit: str, file: RemoteFile, blob: Path, moved: Moved) -> None:
    from huggingface_hub import constants
    from huggingface_hub.file_download import http_get

    constants.DOWNLOAD_CHUNK_SIZE = BLOCK  # 10 MB by default: on a slow line, a bar that stands still
    url, headers = _source(hub, name, commit, file)
    place = partial(blob)
    with place.open("ab+") as stream:
        target = _Hashing(stream, file.size, moved)
        with hub.refusals(name, commit):
            try:
                http_get(url, target, resume_size=target.size, headers=headers, expected_size=file.size)  # type: ignore[arg-type]
            except OSError as error:
                raise _told(error, hub, place) from error
    if target.digest.hexdigest() != file.sha256:
        place.unlink()
        raise Mismatch(
            f"{file.path} is not what {hub.host} says it is: its SHA-256 differs. It was thrown away; run the command "
            "again, and if that happens twice do not use the model."
        )
    place.replace(blob)


def _source(hub: Hub, name: str, commit: str, file: RemoteFile) -> tuple[str, dict[str, str]]:
    """From where the bytes come, and the headers to ask with: a token is for the hub, not for where it sends us."""
    from huggingface_hub import get_hf_file_metadata, hf_hub_url
    from huggingface_hub.utils import build_hf_headers  # type: ignore[attr-defined]

    url = hf_hub_url(name, file.path, revision=commit, endpoint=hub.endpoint)
    with hub.refusals(name, commit):
        found = get_hf_file_metadata(url, timeout=hub.timeout_s, endpoint=hub.endpoint, retry_on_errors=True)
    headers: dict[str, str] = build_hf_headers(library_name="mneme")
    if urlsplit(found.location).netloc != urlsplit(hub.endpoint).netloc:
        headers = {key: value for key, value in headers.items() if key.lower() != "authorization"}
    return found.location, headers


def _told(error: OSError, hub: Hub, place: Path) -> Exception:
    """An error of the network is the hub's affair; one of the disk is not; a short file is neither."""
    if error.errno is not None and error.filename is not None:
        return ModelError(f"{place} cannot be written: {error.strerror}.")
    if error.errno is not None and not isinstance(error, (ConnectionError, TimeoutError)):
        return ModelError(f"What comes cannot be written to {place.parent}: {error.strerror}. It can be continued.")
    if "Consistency check" in str(error):
        place.unlink(missing_ok=True)
        return HubError(f"{hub.host} sent a file of another size than it announced. Run the command again.")
    return error


class _Hashing:
    """A file that knows the hash of what is in it and tells how it grows; what ``http_get`` needs of a file."""

    def __init__(self, stream: IO[bytes], expected: int, moved: Moved) -> None:
        self._stream, self._moved = stream, moved
        self.size = 0
        self.digest: Any = hashlib.sha256()
        stream.seek(0, 2)
        if stream.tell() > expected:
            stream.truncate(0)
        stream.seek(0)
        while block := stream.read(BLOCK):
            self._count(block)

    def write(self, block: bytes) -> int:
        self._stream.write(block)
        self._count(block)
        return len(block)

    def tell(self) -> int:
        return self.size

    def seek(self, place: int) -> int:
        """Only ever back to the beginning: the server does not continue files."""
        if place == 0:
            self._moved(-self.size)
            self.size, self.digest = 0, hashlib.sha256()
        return self.size

    def truncate(self) -> int:
        return self._stream.truncate(self.size)

    def _count(self, block: bytes) -> None:
        self.digest.update(block)
        self.size += len(block)
        self._moved(len(block))
