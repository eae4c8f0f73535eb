"""The dialogue over a memory: prompt, model, replay. It yields typed events (:mod:`agent.events`) and draws nothing.

Nothing is imported before it is asked for. docs/python.md lists what programs may rely on.
"""

from __future__ import annotations

from typing import TYPE_CHECKING, Any

if TYPE_CHECKING:
    from agent.dialogue import Dialogue
    from agent.errors import ModelError, SettingsError
    from agent.models.loading import load_model
    from agent.opening import open_memory
    from agent.settings import Settings, load_settings

_HOMES = {
    "Dialogue": "dialogue",
    "ModelError": "errors",
    "Settings": "settings",
    "SettingsError": "errors",
    "load_model": "models.loading",
    "load_settings": "settings",
    "open_memory": "opening",
}

__all__ = ["Dialogue", "ModelError", "Settings", "SettingsError", "load_model", "load_settings", "open_memory"]


def __getattr__(name: str) -> Any:
    if name not in _HOMES:
        raise AttributeError(f"module {__name__!r} has no attribute {name!r}")
    from importlib import import_module

    return getattr(import_module(f"agent.{_HOMES[name]}"), name)
