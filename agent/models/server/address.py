"""Where a server is, and whether words sent there leave this machine."""

from __future__ import annotations

import ipaddress
from dataclasses import dataclass
from typing import TYPE_CHECKING
from urllib.parse import SplitResult, urlsplit

from agent.errors import ModelError
from agent.paths import printable

if TYPE_CHECKING:
    from agent.settings import ModelSettings

EXAMPLE = "http://127.0.0.1:11434/v1"
CLOUD = "ollama.com"
_ANYWHERE = ("0.0.0.0", "::")  # noqa: S104  (what servers print when they listen everywhere; nothing listens here)


@dataclass(frozen=True, slots=True)
class Address:
    """A base URL that was checked. ``str()`` of it holds no secret."""

    base_url: str
    """Without a slash at the end, such as ``http://127.0.0.1:11434/v1``."""
    host: str
    loopback: bool
    """Whether it is this machine; told by the name alone, no resolver is asked."""
    encrypted: bool

    def __str__(self) -> str:
        return self.base_url

    @property
    def root(self) -> str:
        """Where a server keeps what is its own and not OpenAI's: the base without ``/v1``."""
        return self.base_url.removesuffix("/v1")

    @property
    def place(self) -> str:
        """Host and port, as a key in the keyring and as a name on the screen."""
        return urlsplit(self.base_url).netloc


def parse(base_url: str) -> Address:
    """Check a base URL; one without a path gets ``/v1``. Raises ModelError, which never repeats a password."""
    text = base_url.strip().rstrip("/")
    try:
        parts = urlsplit(text)
        _ = parts.port  # read here, because it raises for what is no number
    except ValueError:
        raise _unusable("is no URL") from None
    host = parts.hostname or ""
    fault = _fault(parts, host)
    if fault:
        raise _unusable(fault)
    path = parts.path or "/v1"
    return Address(f"{parts.scheme}://{parts.netloc}{path}", host, is_loopback(host), parts.scheme == "https")


def is_loopback(host: str) -> bool:
    """True for ``localhost`` and the loopback addresses of IPv4 and IPv6; any other name may be anywhere."""
    if host.rstrip(".").lower() == "localhost":
        return True
    try:
        number = ipaddress.ip_address(host.partition("%")[0])
    except ValueError:
        return False
    mapped = getattr(number, "ipv4_mapped", None)
    return bool((mapped or number).is_loopback)


def permitted(settings: ModelSettings) -> Address:
    """The address of the settings, if words may go there. Raises ModelError."""
    if not settings.base_url:
        raise ModelError(f'No server is named: set model.base_url, such as "{EXAMPLE}". `mneme models list` looks.')
    address = parse(settings.base_url)
    if not (address.loopback or settings.allow_remote):
        hint = " (for a server on this machine write 127.0.0.1)" if address.host in _ANYWHERE else ""
        raise ModelError(
            f"{printable(address.place)} is not this machine{hint}: what you say and what is remembered for it would "
            "be sent there. If you want that, set model.allow_remote = true."
        )
    if is_cloud(settings.name) and not settings.allow_remote:
        raise ModelError(elsewhere(settings.name, CLOUD))
    return address


def is_cloud(name: str) -> bool:
    """Ollama's name for models that run on its makers' machines, although the server is on this one."""
    return name.endswith((":cloud", "-cloud"))


def elsewhere(name: str, place: str) -> str:
    """Why a model that runs at ``place`` may not be used yet."""
    return (
        f"{printable(name)} does not run on this machine but at {printable(place)}: what you say and what is "
        "remembered for it would be sent there. If you want that, set model.allow_remote = true."
    )


def where_words_go(settings: ModelSettings) -> str:
    """Host and port to which words leave this machine with these settings; empty when they stay, or may not go."""
    from agent.models.kinds import kind_of

    if kind_of(settings) != "server" or not settings.base_url or not settings.allow_remote:
        return ""
    try:
        address = parse(settings.base_url)
    except ModelError:
        return ""
    if address.loopback:
        return CLOUD if is_cloud(settings.name) else ""
    return address.place


def warning(settings: ModelSettings) -> str:
    """One line that says that words leave this machine, and whether others can read them; empty when they stay."""
    place = where_words_go(settings)
    if not place:
        return ""
    address = parse(settings.base_url or "")
    open_letter = "" if address.encrypted or address.loopback else ", unencrypted"
    return f"Words leave this machine{open_letter}: this conversation and what is recalled for it go to {place}."


def _fault(parts: SplitResult, host: str) -> str:
    if parts.scheme not in ("http", "https"):
        return "must begin with http:// or https://"
    if parts.username is not None or parts.password is not None:
        return "must hold no name and no password: a key belongs into MNEME_MODEL__API_KEY"
    if not host or any(c.isspace() or not c.isprintable() for c in parts.netloc + parts.path):
        return "names no host"
    if parts.query or parts.fragment:
        return "must end with its path, without ? and #"
    return ""


def _unusable(fault: str) -> ModelError:
    return ModelError(f'model.base_url {fault}. Give it like "{EXAMPLE}".')
