"""Asking the hub, with a limit on how long, and its refusals in words that say what to do."""

from __future__ import annotations

import os
import re
import threading
from collections.abc import Callable, Iterator
from contextlib import contextmanager
from dataclasses import dataclass
from typing import Any, TypeVar
from urllib.parse import urlsplit

from agent.errors import ModelError, one_line
from agent.models.licences import from_card
from agent.models.pulling.files import RemoteFile
from agent.paths import printable

T = TypeVar("T")
USUAL = "https://huggingface.co"
_TRUE = {"1", "ON", "YES", "TRUE"}
_COMMIT = re.compile(r"[0-9a-f]{40}")
_SHA256 = re.compile(r"[0-9a-f]{64}")


class HubError(ModelError):
    """The hub cannot be reached, or does not give what was asked for."""


@dataclass(frozen=True, slots=True)
class Listing:
    """A model's files at one commit."""

    commit: str
    files: tuple[RemoteFile, ...]
    licence: str


@dataclass(frozen=True, slots=True)
class Hub:
    """Where to ask (``HF_ENDPOINT``, else huggingface.co), and how many seconds an answer may take."""

    endpoint: str
    timeout_s: float

    @classmethod
    def of_environment(cls, timeout_s: float) -> Hub:
        """Raises HubError when the environment says that no hub is to be asked."""
        for name in ("HF_HUB_OFFLINE", "TRANSFORMERS_OFFLINE"):
            if os.environ.get(name, "").upper() in _TRUE:
                raise HubError(f"{name} is set, so no hub is asked. Unset it for this command to download a model.")
        return cls((os.environ.get("HF_ENDPOINT") or USUAL).rstrip("/"), timeout_s)

    @property
    def host(self) -> str:
        return urlsplit(self.endpoint).netloc or self.endpoint

    def library(self) -> Any:
        """``huggingface_hub``, silent, without telemetry, and with this hub's time limit. Imported here only."""
        os.environ.setdefault("HF_HUB_DISABLE_TELEMETRY", "1")
        import huggingface_hub
        from huggingface_hub import constants
        from huggingface_hub.utils import disable_progress_bars, logging  # type: ignore[attr-defined]

        logging.set_verbosity_error()  # type: ignore[no-untyped-call]
        if constants.HF_HUB_DISABLE_PROGRESS_BARS is None:
            disable_progress_bars()
        constants.HF_HUB_DOWNLOAD_TIMEOUT = constants.HF_HUB_ETAG_TIMEOUT = self.timeout_s  # type: ignore[assignment]
        return huggingface_hub

    def listing(self, name: str, revision: str | None) -> Listing:
        """The files of a model, at a branch, tag or commit (None: its main branch). Raises HubError."""
        library = self.library()
        api = library.HfApi(endpoint=self.endpoint)

        def ask() -> Any:
            return api.model_info(name, revision=revision, files_metadata=True, timeout=self.timeout_s)

        with self.refusals(name, revision):
            found = within(self.timeout_s, ask)
        return _checked(found, self.host)

    @contextmanager
    def refusals(self, name: str, revision: str | None) -> Iterator[None]:
        """What the library raises, as one line each."""
        from huggingface_hub import errors

        try:
            yield
        except errors.GatedRepoError:
            raise HubError(
                f"{printable(name)} is given only to those who have accepted its terms: do that at "
                f"{self.endpoint}/{printable(name)}, then set HF_TOKEN to an access token of yours."
            ) from None
        except errors.RepositoryNotFoundError:
            raise HubError(self._answered(404, name)) from None
        except errors.RevisionNotFoundError:
            raise HubError(f"{printable(name)} has no revision {printable(revision or 'main')}.") from None
        except errors.HFValidationError:
            raise HubError(f'"{printable(name)}" cannot be the id of a model: it is like "owner/name".') from None
        except errors.HfHubHTTPError as error:
            raise HubError(self._answered(error.response.status_code, name)) from None
        except (errors.HTTPError, ConnectionError, TimeoutError, errors.LocalEntryNotFoundError) as error:  # type: ignore[attr-defined]
            raise HubError(
                f"No hub could be reached at {self.host} ({_why(error)}). Everything else works without; try again "
                "when this machine is online. What has arrived is kept."
            ) from None

    def _answered(self, status: int, name: str) -> str:
        if status in (401, 404):  # the hub does not say which, to those who may not know
            return (
                f"{self.host} has no model {printable(name)}, or not for you. Check the name; for a private one set "
                "HF_TOKEN to an access token of yours."
            )
        if status == 403:
            return (
                f"{self.host} does not give {printable(name)} to you ({status}). Set HF_TOKEN to an access token that "
                "may read it."
            )
        if status == 429:
            return f"{self.host} has been asked too often ({status}). Wait some minutes, or set HF_TOKEN."
        return f"{self.host} answered with an error ({status}). Try again later; what has arrived is kept."


def within(seconds: float, call: Callable[[], T]) -> T:
    """What ``call`` returns or raises; TimeoutError when that takes longer: name servers keep no time limit."""
    result: list[T] = []
    failure: list[BaseException] = []

    def run() -> None:
        try:
            result.append(call())
        except BaseException as error:  # noqa: BLE001  the edge of a thread: raised again by who waits
            failure.append(error)

    thread = threading.Thread(target=run, name="mneme-hub", daemon=True)
    thread.start()
    thread.join(seconds)
    if failure:
        raise failure[0]
    if not result:
        raise TimeoutError(f"no answer within {seconds:g} s")
    return result[0]


def _checked(found: Any, host: str) -> Listing:
    """The hub's answer, believed only where it has the right form: parts of it become file names."""
    if not _COMMIT.fullmatch(str(found.sha)):
        raise HubError(f"{host} does not answer as a hub does: it names no commit. Check HF_ENDPOINT.")
    files = []
    for one in found.siblings or ():
        lfs = one.lfs
        sha256 = str(lfs.sha256) if lfs is not None else None
        size = lfs.size if lfs is not None else one.size
        if not isinstance(size, int) or (sha256 is not None and not _SHA256.fullmatch(sha256)):
            raise HubError(f"{host} does not say how large its files are and what they hash to. Check HF_ENDPOINT.")
        files.append(RemoteFile(one.rfilename, size, sha256, str(one.blob_id)))
    card = found.card_data.to_dict() if found.card_data is not None else {}
    return Listing(str(found.sha), tuple(files), from_card(card))


def _why(error: BaseException) -> str:
    cause = error.__cause__ or error.__context__
    text = one_line(error) if not isinstance(error, FileNotFoundError) else one_line(cause or error)
    return printable(text).rstrip(".")[:120] or type(error).__name__
