"""Looking for models, for the screens: takes a moment, so it runs in a thread of theirs."""

from __future__ import annotations

from dataclasses import dataclass
from typing import TYPE_CHECKING

from textual.message import Message

if TYPE_CHECKING:
    from agent.models.catalogue import InstalledModel
    from agent.settings import Settings


@dataclass
class ModelsFound(Message):
    """What is on this machine now."""

    models: list[InstalledModel]
    free: int | None
    """Bytes of memory that a model could take."""


def models_here(settings: Settings) -> ModelsFound:
    """Look at files and at servers of this machine; no other is asked."""
    from agent.models.catalogue import list_models, running_servers
    from agent.models.room import free_memory

    return ModelsFound(list_models(settings, running_servers(settings)), free_memory(settings.model.device))


def facts(model: InstalledModel) -> str:
    """What there is to say of a model in one line."""
    from tui.text.show import size

    if model.kind == "memory_only":
        return "quotes memories, no language model"
    parts = [
        f"needs {size(model.memory_bytes)} of memory" if model.memory_bytes and model.fits is False else "",
        size(model.bytes) if model.bytes else "",
        model.licence,
        model.remark if model.kind == "server" or not model.usable else "",
    ]
    return " · ".join(part for part in parts if part)
