"""Writing settings where they belong: the file for all profiles, or a profile's own."""

from __future__ import annotations

import difflib
import tomllib
from collections.abc import Callable, Mapping
from dataclasses import dataclass, replace
from pathlib import Path
from typing import TYPE_CHECKING

from agent.errors import SettingsError
from agent.paths import printable
from agent.settings_editing import Change, Value, set_values
from agent.settings_files import ENV_DELIMITER, ENV_PREFIX, KEYS, is_secret, known_fields, load

if TYPE_CHECKING:
    from agent.settings import Settings


@dataclass(frozen=True, slots=True)
class Kept:
    """A choice that was written down."""

    file: Path
    changes: tuple[Change, ...]
    """Empty: the file said so already."""
    stronger: str
    """What wins over the file, so that the choice has no effect yet: one sentence; empty when nothing does."""


def keep(settings: Settings, values: Mapping[str, Value], *, for_profile: bool) -> Kept:
    """Write dotted keys and their values; None takes a setting out of the file. ``settings``: those in force until now.

    Raises SettingsError.
    """
    file = settings.paths.profile_config if for_profile else settings.paths.config_file
    changes = set_values(file, values)
    winners = (stronger(settings, key, for_profile=for_profile) for key in values)
    return Kept(file, tuple(changes), next(filter(None, winners), ""))


def stronger(settings: Settings, key: str, *, for_profile: bool) -> str:
    """What wins over the file that ``key`` is written to, as a sentence; empty when nothing does."""
    origin = settings.origin(key)
    if origin == "environment":
        return f"{ENV_PREFIX}{key.upper().replace('.', ENV_DELIMITER)} is set and wins over the file: unset it."
    if origin == "profile" and not for_profile:
        name = settings.profile
        return f"The profile {name} has {key} of its own, which wins: add --profile {name}."
    return ""


def choose(
    key: str,
    words: str | None,
    home: Path | None,
    profile: str | None,
    *,
    before: Callable[[Settings], object] | None = None,
) -> Kept:
    """Set ``key`` to what ``words`` mean, or (None) take it out: in the profile's own file where one is named, else in
    the one for all. ``before`` is given the settings when all is checked and nothing is written yet.

    Raises SettingsError.
    """
    if key not in known_fields() and not key.startswith(KEYS):
        raise no_such_setting(key)
    for_profile = profile is not None
    if key == "profile" and for_profile:
        raise SettingsError("A profile cannot name another one: leave --profile away.")
    value = None if words is None else value_of(key, words, home, profile)
    settings = load(home, profile, {key.replace(".", ENV_DELIMITER): value})
    if before is not None:
        before(settings)
    kept = keep(settings, {key: value}, for_profile=for_profile)
    return replace(kept, stronger=stronger(load(home, profile, {}), key, for_profile=for_profile))


def no_such_setting(key: str) -> SettingsError:
    near = difflib.get_close_matches(key, known_fields(), n=1, cutoff=0.5)
    hint = f'Did you mean "{near[0]}"?' if near else "`mneme config show` lists them all."
    return SettingsError(f'There is no setting "{printable(key)}". {hint}')


def value_of(key: str, words: str, home: Path | None, profile: str | None) -> Value:
    """What somebody means who sets ``key`` to ``words``: a number, true or false, a list as TOML has them, or text.

    Raises SettingsError for what is no setting, cannot be used, or does not belong into a file.
    """
    refuse_unwritable(key)
    meant = [value for value in (_as_toml(words), words) if value is not None]
    problems = []
    for value in meant:
        try:
            load(home, profile, {key.replace(".", ENV_DELIMITER): value})
        except SettingsError as error:
            problems.append(error)
        else:
            return value
    raise problems[0]


def refuse_unwritable(key: str) -> None:
    """Raises SettingsError for what `mneme config set` leaves alone."""
    field = known_fields().get(key)
    if field is not None and is_secret(field):
        variable = ENV_PREFIX + key.upper().replace(".", ENV_DELIMITER)
        raise SettingsError(
            f"{key} does not belong in a file: put it into the environment ({variable}) or the keyring."
        )
    if key.startswith(KEYS):
        raise SettingsError("Keys are written into the table [keys] by hand: `mneme config keys` lists their names.")


def _as_toml(words: str) -> str | int | float | bool | list[str] | None:
    try:
        value = tomllib.loads(f"value = {words}")["value"]
    except (tomllib.TOMLDecodeError, KeyError):
        return None
    return value if isinstance(value, str | int | float | bool | list) else None
