"""Reading the settings: four layers of plain values, merged and checked, with errors that name the place.

flags (keywords)  >  environment (MNEME_MODEL__NAME=...)  >  the profile's config.toml  >  config.toml  >  defaults
"""

from __future__ import annotations

import difflib
import json
import os
import tomllib
from collections.abc import Iterable, Iterator, Mapping
from pathlib import Path
from typing import Any

from pydantic import BaseModel, ValidationError
from pydantic.fields import FieldInfo

from agent.errors import SettingsError, one_line
from agent.paths import Paths, chosen_home, printable
from agent.settings import Origin, Settings

Layer = dict[str, Any]
ENV_PREFIX = "MNEME_"
ENV_DELIMITER = "__"
KEYS = "keys."
"""What the names in the table of keys begin with, once flat."""


def load(home: Path | None, profile: str | None, overrides: Mapping[str, Any]) -> Settings:
    """Every setting from every layer. Nothing is created on disk.

    Overrides are named ``model__name="..."`` or nested, ``model={"name": "..."}``; None means not given.
    Raises SettingsError: one line with the file, variable or flag, the key, and the nearest known key.
    """
    home = chosen_home(home)
    file = Paths.of(home, "default").config_file
    layers: list[tuple[Origin, str, dict[str, Any]]] = [
        ("file", str(file), dict(_flat(read_file(file)))),
        ("environment", "the environment", dict(_flat(read_environment()))),
        ("flag", "the command line", dict(_flat(nested({"profile": profile, **overrides})))),
    ]
    layers.insert(1, _profile_layer(home, layers))
    known = known_fields()
    for _, place, values in layers[:2]:
        _refuse_secrets(place, values, known)
    merged: Layer = {}
    places: dict[str, tuple[Origin, str]] = {}
    for origin, place, values in layers:
        for key, value in values.items():
            if key.startswith(KEYS):  # names of the app's own, which this floor does not know
                merged.setdefault("keys", {})[key.removeprefix(KEYS)] = value
            elif key in known:
                _put(merged, key, value)
            else:
                raise SettingsError(_unknown(place, key, known))
            places[key] = (origin, place)
    try:
        settings = Settings(**merged)
    except ValidationError as error:
        raise SettingsError(_invalid(error, places)) from None
    settings._home = home
    settings._origins.update({key: origin for key, (origin, _) in places.items()})
    settings.paths  # noqa: B018  (refuses an impossible profile name here and now)
    return settings


def _profile_layer(home: Path | None, layers: Iterable[tuple[Origin, str, Layer]]) -> tuple[Origin, str, Layer]:
    """The settings that the profile in force has of its own. It cannot name another profile."""
    profile = "default"
    for _, _, values in layers:
        profile = str(values.get("profile", profile))
    file = Paths.of(home, profile).profile_config
    values = dict(_flat(read_file(file)))
    if "profile" in values:
        raise SettingsError(f'{file}: "profile" is chosen by a flag, MNEME_PROFILE or the file for all profiles.')
    return "profile", str(file), values


def read_file(path: Path) -> Layer:
    """The tables of a TOML file; nothing when there is no such file. Raises SettingsError."""
    try:
        return tomllib.loads(path.read_bytes().decode("utf-8"))
    except (FileNotFoundError, NotADirectoryError):
        return {}
    except OSError as error:
        raise SettingsError(f"{path} cannot be read: {error.strerror}.") from error
    except UnicodeDecodeError:
        raise SettingsError(f"{path} is not UTF-8 text: save it as UTF-8.") from None
    except tomllib.TOMLDecodeError as error:
        raise SettingsError(f"{path} is not valid TOML: {one_line(error)}.") from None


def read_environment() -> Layer:
    """What ``MNEME_*`` variables set. A variable with ``__`` must name a setting; others are left alone."""
    known, given = known_fields(), False
    for name in sorted(os.environ):
        if not name.upper().startswith(ENV_PREFIX):
            continue
        key = name[len(ENV_PREFIX) :].lower().replace(ENV_DELIMITER, ".")
        given = given or key.partition(".")[0] in Settings.model_fields
        if ENV_DELIMITER in name and key not in known and not key.startswith(KEYS):
            raise SettingsError(_unknown(f"the environment variable {printable(name)}", key, known))
    if not given:
        return {}
    from agent.environment import read  # the library for it takes longer than everything else here

    return read(Settings, ENV_PREFIX, ENV_DELIMITER)


def known_fields() -> dict[str, FieldInfo]:
    """Dotted key -> its field."""
    return dict(_fields(Settings))


def _fields(model: type[BaseModel], prefix: str = "") -> Iterator[tuple[str, FieldInfo]]:
    for name, field in model.model_fields.items():
        if isinstance(field.annotation, type) and issubclass(field.annotation, BaseModel):
            yield from _fields(field.annotation, f"{name}.")
        else:
            yield prefix + name, field


def nested(overrides: Mapping[str, Any]) -> Layer:
    """``{"model__name": "x"}`` -> ``{"model": {"name": "x"}}``, without what is None."""
    layer: Layer = {}
    for key, value in overrides.items():
        if isinstance(value, Mapping):
            for inner, inner_value in nested(value).items():
                _put(layer, f"{key}.{inner}", inner_value)
        elif value is not None:
            _put(layer, key.replace(ENV_DELIMITER, "."), value)
    return layer


def default_toml() -> str:
    """A configuration file with every setting explained and commented out, at its default or (unset) an example."""
    head = "# mneme's settings. Remove the '# ' before a line to change it. Flags and MNEME_* variables win over it."
    lines, section = [head], ""
    for key, field in known_fields().items():
        if is_secret(field):
            continue
        table, _, name = key.rpartition(".")
        if isinstance((examples := (field.examples or [None])[0]), dict):
            lines += ["", f"[{name}]", "", *(f"# {line}" for line in _wrapped(field.description or ""))]
            lines += [f"# {json.dumps(name)} = {_toml(value)}" for name, value in examples.items()]
            continue
        if table != section:
            section = table
            lines += ["", f"[{table}]"]
        lines += ["", *(f"# {line}" for line in _wrapped(field.description or ""))]
        value = (field.examples or [None])[0] if field.default is None else field.default
        lines.append(f"# {name} = {_toml(value)}")
    return "\n".join(lines) + "\n"


def is_secret(field: FieldInfo) -> bool:
    """True for what is never written down: not in a file, not in a message, not on the screen."""
    return "SecretStr" in str(field.annotation)


def _refuse_secrets(place: str, values: Mapping[str, Any], known: Mapping[str, FieldInfo]) -> None:
    for key in values:
        if key in known and is_secret(known[key]):
            variable = ENV_PREFIX + key.upper().replace(".", ENV_DELIMITER)
            raise SettingsError(
                f"{place}: {key} does not belong in a file: put it into the environment ({variable}) or the keyring."
            )


def _wrapped(text: str) -> list[str]:
    import textwrap

    return textwrap.wrap(text, 100)


def _toml(value: Any) -> str:
    """JSON's strings, numbers, booleans and arrays are TOML's."""
    return json.dumps(list(value) if isinstance(value, tuple) else value, ensure_ascii=False)


def _flat(layer: Layer, prefix: str = "") -> Iterator[tuple[str, Any]]:
    for key, value in layer.items():
        if isinstance(value, dict):
            yield from _flat(value, f"{prefix}{key}.")
        else:
            yield prefix + key, value


def _put(layer: Layer, key: str, value: Any) -> None:
    *tables, name = key.split(".")
    for table in tables:
        layer = layer.setdefault(table, {})
    layer[name] = value


def _unknown(place: str, key: str, known: Mapping[str, FieldInfo]) -> str:
    if any(name.startswith(f"{key}.") for name in known):
        return f'{place}: "{printable(key)}" is a section, not a setting: set one of its keys.'
    nearest = difflib.get_close_matches(key, known, n=1, cutoff=0.5)
    hint = f' Did you mean "{nearest[0]}"?' if nearest else " `mneme config show` lists them all."
    return f'{place}: there is no setting "{printable(key)}".{hint}'


def _invalid(error: ValidationError, places: Mapping[str, tuple[Origin, str]]) -> str:
    first = error.errors()[0]
    loc = [str(part) for part in first["loc"]]
    key = next((k for k in (".".join(loc[:n]) for n in range(len(loc), 0, -1)) if k in places), ".".join(loc))
    _, place = places.get(key, ("default", "the settings"))
    hidden = key in (known := known_fields()) and (is_secret(known[key]) or "ServerUrl" in str(known[key].annotation))
    value = "***" if hidden else printable(json.dumps(first["input"], ensure_ascii=False, default=str))
    problem = first["msg"].removeprefix("Value error, ").removeprefix("Input ")
    return f"{place}: {key} = {value} cannot be used: it {problem}."
