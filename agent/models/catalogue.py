"""What is installed: memory_only, the models the hub's tools downloaded, and those in the folders of the settings."""

from __future__ import annotations

from collections.abc import Iterator
from dataclasses import dataclass
from pathlib import Path
from typing import TYPE_CHECKING, Literal

from agent.models import installed
from agent.models.memory_only import NAME as MEMORY_ONLY
from agent.models.memory_only import MemoryOnly

if TYPE_CHECKING:
    from agent.settings import Settings


@dataclass(frozen=True, slots=True)
class InstalledModel:
    """One line of ``mneme models list``."""

    name: str
    """What ``model.name`` must be set to."""
    kind: Literal["memory_only", "downloaded", "folder"]
    path: Path | None
    bytes: int
    """Of its weights."""
    context_size: int | None
    architecture: str
    usable: bool
    """As far as can be seen without loading it."""
    remark: str
    """Why it is not usable, or what to know about it."""
    in_use: bool


def list_models(settings: Settings) -> list[InstalledModel]:
    """memory_only first, then by name. Looks at files only; a folder that cannot be read is passed over."""
    chosen = settings.model.name
    models = {model.name: model for model in _found(settings)}
    if chosen not in models and chosen != MEMORY_ONLY and installed.is_folder(chosen):
        models[chosen] = describe(chosen, "folder", Path(chosen).expanduser(), chosen)
    return [memory_only(in_use=chosen == MEMORY_ONLY), *(models[name] for name in sorted(models))]


def memory_only(*, in_use: bool) -> InstalledModel:
    remark = "no language model: answers by quoting memories"
    return InstalledModel(MEMORY_ONLY, "memory_only", None, 0, MemoryOnly.context_size, "", True, remark, in_use)


def describe(name: str, kind: Literal["downloaded", "folder"], folder: Path, chosen: str) -> InstalledModel:
    """What the files of one model folder tell."""
    config = installed.read_config(folder)
    architectures = config.get("architectures") or [str(config.get("model_type", ""))]
    missing = installed.what_is_missing(folder)
    template = "" if installed.has_chat_template(folder) else "no chat template: gets a plain form"
    return InstalledModel(
        name=name,
        kind=kind,
        path=folder,
        bytes=installed.weight_bytes(folder),
        context_size=installed.context_size(config),
        architecture=str(architectures[0]),
        usable=not missing,
        remark=missing or template,
        in_use=name == chosen or installed.is_same(folder, chosen),
    )


def _found(settings: Settings) -> Iterator[InstalledModel]:
    for name, folder in installed.downloaded().items():
        if (folder / "config.json").is_file():
            yield describe(name, "downloaded", folder, settings.model.name)
    for top in settings.model.folders:
        for folder in installed.model_folders(top.expanduser()):
            yield describe(str(folder), "folder", folder, settings.model.name)
