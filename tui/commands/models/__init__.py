"""``mneme models``: what can reply, choosing it, and getting one."""

from __future__ import annotations

from tui.process.lazy import Entry, group

HERE = "tui.commands.models"

COMMANDS = {
    "list": Entry(f"{HERE}.listing:list_models", "List the language models on this machine."),
    "use": Entry(f"{HERE}.using:use", "Choose the language model, from now on."),
    "pull": Entry(f"{HERE}.pulling:pull", "Download a model. The only command that goes to a hub."),
}

app = group(COMMANDS, "The language models that can be used.")
