"""What is installed: memory_only, the models the hub's tools downloaded, those in folders, those of running servers."""

from __future__ import annotations

from collections.abc import Iterator, Sequence
from dataclasses import dataclass
from pathlib import Path
from typing import TYPE_CHECKING, Literal

from agent.models import installed
from agent.models.kinds import kind_of
from agent.models.licences import licence_of
from agent.models.memory_only import NAME as MEMORY_ONLY
from agent.models.memory_only import MemoryOnly
from agent.models.room import room_for

if TYPE_CHECKING:
    from agent.models.server.discovery import RunningServer
    from agent.settings import ModelSettings, Settings

Kind = Literal["memory_only", "downloaded", "folder", "server"]


@dataclass(frozen=True, slots=True)
class InstalledModel:
    """One line of ``mneme models list``."""

    name: str
    """What ``model.name`` must be set to."""
    kind: Kind
    path: Path | None
    bytes: int
    """Of its weights; 0: not known."""
    context_size: int | None
    architecture: str
    usable: bool
    """As far as can be seen without loading it."""
    remark: str
    """Why it is not usable, or what to know about it."""
    in_use: bool
    licence: str = ""
    """Its usual short name; empty: not known."""
    memory_bytes: int | None = None
    """What it needs when it is loaded; None: not known, or not this machine's affair."""
    fits: bool | None = None
    """Whether that much memory is free now; None: cannot be told."""
    base_url: str | None = None
    """What ``model.base_url`` must be set to, for a server's model."""
    server: str = ""
    """Whose server it is: "Ollama", "llama.cpp"."""


def list_models(settings: Settings, servers: Sequence[RunningServer] = ()) -> list[InstalledModel]:
    """memory_only first, then by name, then what ``servers`` offer. Looks at files only; a folder that cannot be read
    is passed over."""
    chosen = _chosen(settings.model)
    models = {model.name: model for model in _found(settings, chosen)}
    if chosen and chosen not in models and installed.is_folder(chosen):
        models[chosen] = describe(chosen, "folder", Path(chosen).expanduser(), settings)
    served = [_served(server, name, settings.model) for server in servers for name in range(len(server.models))]
    using_none = kind_of(settings.model) == "memory_only"
    return [memory_only(in_use=using_none), *(models[name] for name in sorted(models)), *served]


def running_servers(settings: Settings, timeout_s: float = 0.5) -> list[RunningServer]:
    """Servers on this machine at their usual ports, and the one of the settings where that is this machine too.

    No other machine is asked.
    """
    from agent.errors import ModelError
    from agent.models.server.address import parse
    from agent.models.server.discovery import discover, look

    found = discover(timeout_s)
    try:
        own = parse(settings.model.base_url) if settings.model.base_url else None
    except ModelError:
        own = None
    if own is not None and own.loopback and own.base_url not in {parse(one.base_url).base_url for one in found}:
        server = look(own.base_url, timeout_s)
        found += [server] if server is not None else []
    return found


def memory_only(*, in_use: bool) -> InstalledModel:
    remark = "no language model: answers by quoting memories"
    return InstalledModel(MEMORY_ONLY, "memory_only", None, 0, MemoryOnly.context_size, "", True, remark, in_use)


def describe(name: str, kind: Kind, folder: Path, settings: Settings) -> InstalledModel:
    """What the files of one model folder tell."""
    config = installed.read_config(folder)
    chosen = _chosen(settings.model)
    architectures = config.get("architectures") or [str(config.get("model_type", ""))]
    missing = installed.what_is_missing(folder)
    template = "" if installed.has_chat_template(folder) else "no chat template: gets a plain form"
    room = None if missing else room_for(folder, config, settings.model)
    too_large = "needs more memory than is free" if room is not None and room.fits is False else ""
    return InstalledModel(
        name=name,
        kind=kind,
        path=folder,
        bytes=installed.weight_bytes(folder),
        context_size=installed.context_size(config),
        architecture=str(architectures[0]),
        usable=not missing,
        remark=missing or too_large or template,
        in_use=bool(chosen) and (name == chosen or installed.is_same(folder, chosen)),
        licence=licence_of(folder, config),
        memory_bytes=room.needed if room is not None else None,
        fits=room.fits if room is not None else None,
    )


def _found(settings: Settings, chosen: str) -> Iterator[InstalledModel]:
    for name, folder in installed.downloaded().items():
        if (folder / "config.json").is_file():
            yield describe(name, "downloaded", folder, settings)
    tops = [top.expanduser() for top in settings.model.folders]
    for folder in (folder for top in tops for folder in installed.model_folders(top)):
        same = chosen if chosen and installed.is_same(folder, chosen) else str(folder)
        yield describe(same, "folder", folder, settings)


def _served(server: RunningServer, number: int, chosen: ModelSettings) -> InstalledModel:
    model = server.models[number]
    here = kind_of(chosen) == "server" and (chosen.base_url or "").rstrip("/") in (
        server.base_url,
        server.base_url.removesuffix("/v1"),
    )
    only = len(server.models) == 1 and chosen.name == MEMORY_ONLY  # no name was given: the server's only model
    return InstalledModel(
        name=model.name,
        kind="server",
        path=None,
        bytes=model.bytes or 0,
        context_size=model.context_size,
        architecture="",
        usable=True,
        remark=f"{server.kind} at {server.base_url.partition('://')[2].removesuffix('/v1')}",
        in_use=here and (chosen.name == model.name or only),
        base_url=server.base_url,
        server=server.kind,
    )


def _chosen(settings: ModelSettings) -> str:
    """The name of the model in process that is in use; empty when it is none."""
    return settings.name if kind_of(settings) == "transformers" else ""
