"""Choosing among the models that are here: which settings that takes, and writing them where they belong."""

from __future__ import annotations

import difflib
from collections.abc import Mapping, Sequence
from pathlib import Path
from typing import TYPE_CHECKING

from agent import settings_keeping
from agent.errors import ModelError
from agent.models import installed
from agent.models.catalogue import InstalledModel, describe
from agent.models.kinds import kind_of
from agent.paths import printable
from agent.settings_editing import Value
from agent.settings_keeping import Kept

if TYPE_CHECKING:
    from agent.settings import ModelSettings, Settings


def find(
    name: str, models: Sequence[InstalledModel], settings: Settings, base_url: str | None = None
) -> InstalledModel:
    """The model that a person means by ``name``: as listed, or a folder. Raises ModelError for none, or several."""
    listed = [model for model in models if model.name == name and base_url in (None, model.base_url)]
    if len(listed) > 1:
        raise ModelError(f"Several models are called {printable(name)}: add --server URL to say which one.")
    if listed:
        return listed[0]
    if base_url is not None:
        return _unseen(name, base_url)
    if installed.is_folder(name):
        folder = Path(name).expanduser().absolute()
        return describe(str(folder), "folder", folder, settings)
    if "@" in name:
        return describe(name, "downloaded", installed.find_model(name), settings)
    near = difflib.get_close_matches(name, [model.name for model in models], n=1, cutoff=0.5)
    hint = f'Did you mean "{near[0]}"?' if near else "`mneme models list` shows what is here."
    raise ModelError(f'There is no model "{printable(name)}" on this machine. {hint}')


def values_for(model: InstalledModel, settings: ModelSettings) -> dict[str, Value]:
    """The settings that make ``model`` the one in use: as few as it takes. Raises ModelError for an unusable one."""
    if not model.usable:
        raise ModelError(
            f"{printable(model.name)} {model.remark}. `mneme models list` shows the models that can be used."
        )
    values: dict[str, Value] = {"model.name": model.name}
    if model.base_url is not None:
        values["model.base_url"] = model.base_url
    wanted = {"memory_only": "memory_only", "server": "server"}.get(model.kind, "transformers")
    if kind_of(changed(settings, values)) != wanted:
        values["model.kind"] = wanted
    return values


def changed(settings: ModelSettings, values: Mapping[str, Value]) -> ModelSettings:
    """``settings`` with dotted values of the [model] section put in."""
    return settings.model_copy(update={key.removeprefix("model."): value for key, value in values.items()})


def using(settings: Settings, model: InstalledModel) -> Settings:
    """``settings`` for a sitting with ``model``. Raises ModelError for an unusable one."""
    values = values_for(model, settings.model)
    return settings.model_copy(update={"model": changed(settings.model, values)})


def keep(settings: Settings, model: InstalledModel, *, for_profile: bool | None = None) -> Kept:
    """Write the choice into the profile's own file, or into the one for all profiles.

    ``for_profile`` None: where the present choice was made. Raises ModelError, SettingsError.
    """
    if for_profile is None:
        for_profile = settings.origin("model.name") == "profile"
    return settings_keeping.keep(settings, values_for(model, settings.model), for_profile=for_profile)


def answers_there(name: str, base_url: str, *, allow_remote: bool) -> str:
    """What stands in the way of a server's model that was chosen, as a sentence; empty when nothing does. No other
    machine is asked."""
    from agent.models.server.address import parse
    from agent.models.server.discovery import look

    address = parse(base_url)
    if not address.loopback:
        allowed = "" if allow_remote else " Nothing is sent there unless model.allow_remote is true."
        return f"{printable(address.host)} is not this machine, and was not asked.{allowed}"
    server = look(address.base_url, timeout_s=2)
    if server is None:
        return "Nothing answers there now: start the server before you talk."
    names = [model.name for model in server.models]
    return "" if not names or name in names else f"It answers, and has no such model now: {', '.join(names[:5])}."


def _unseen(name: str, base_url: str) -> InstalledModel:
    """A model of a server that does not run now. Raises ModelError for an address that cannot be one."""
    from agent.models.server.address import parse

    url = parse(base_url).base_url
    return InstalledModel(name, "server", None, 0, None, "", True, f"at {url}", in_use=False, base_url=url)
