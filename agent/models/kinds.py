"""Which kind of model the settings mean."""

from __future__ import annotations

from typing import TYPE_CHECKING, Literal

from agent.models.installed import is_folder
from agent.models.memory_only import NAME as MEMORY_ONLY

if TYPE_CHECKING:
    from agent.settings import ModelSettings

Kind = Literal["memory_only", "transformers", "server"]


def kind_of(settings: ModelSettings) -> Kind:
    """``model.kind``; with "auto", told by the name.

    memory_only by its own name; a folder is a model in process; anything else is looked for on the server of
    ``model.base_url`` when one is set (its only model, when no name was given), and among what is downloaded when not.
    """
    if settings.kind != "auto":
        return settings.kind
    named = "name" in settings.model_fields_set
    if settings.name == MEMORY_ONLY and (named or not settings.base_url):
        return "memory_only"
    return "server" if settings.base_url and not is_folder(settings.name) else "transformers"
