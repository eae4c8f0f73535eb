"""Keys that the user has changed: the table [keys] of the settings, checked against what can be bound."""

from __future__ import annotations

import difflib
from collections.abc import Collection, Iterator, Mapping

from agent.errors import SettingsError
from agent.paths import printable
from tui.keys.table import Place, keys_of, places

MODIFIERS = {"ctrl", "alt", "shift", "super", "hyper", "meta"}


def checked(keys: Mapping[str, str]) -> dict[str, str]:
    """The table, fit for Textual. Raises SettingsError: a name or a key that is none, a key that is taken."""
    if not keys:
        return {}
    found = places()
    names = {binding.id for place in found for binding in place.bindings if binding.id}
    for name, value in keys.items():
        if name not in names:
            raise SettingsError(f'[keys]: nothing is called "{printable(name)}".{_nearest(name, names)}')
        for key in value.split(","):
            if not _is_key(key.strip()):
                raise SettingsError(
                    f'[keys]: {name} = "{printable(value)}": "{printable(key.strip())}" is no key. '
                    'Write "p", "P", "f6", "ctrl+b" or "slash", several with commas between.'
                )
    keymap = {name: ",".join(key.strip() for key in value.split(",")) for name, value in keys.items()}
    for place in found:
        _refuse_taken(place, found, keymap)
    return keymap


def _nearest(name: str, names: Collection[str]) -> str:
    near = difflib.get_close_matches(name, names, n=1, cutoff=0.5)
    return f' Did you mean "{near[0]}"?' if near else " `mneme config keys` lists the names."


def _is_key(key: str) -> bool:
    from textual.keys import Keys

    *modifiers, last = key.split("+")
    known = last in {named.value for named in Keys} or _character(last) is not None
    return known and set(modifiers) <= MODIFIERS


def _refuse_taken(place: Place, found: list[Place], keymap: Mapping[str, str]) -> None:
    """One key for two things in one place, at the user's wish, would leave one of them without."""
    owners: dict[str, str] = {}
    around = () if place.everywhere else next(one.bindings for one in found if one.everywhere)
    for binding in (*around, *place.bindings):
        name = binding.id or binding.action
        for key in _characters(keys_of(binding, keymap)):
            owner = owners.setdefault(key, name)
            if owner != name and {owner, name} & keymap.keys():
                raise SettingsError(
                    f'[keys]: "{key}" is for both {owner} and {name} ({place.where}). Change one of them.'
                )


def _characters(keys: str) -> Iterator[str]:
    """The keys, each under one name: ``slash`` and ``/`` are the same."""
    for key in keys.split(","):
        yield _character(key) or key


def _character(key: str) -> str | None:
    """What the key writes; None for one that writes nothing, or is none."""
    from textual.keys import REPLACED_KEYS, key_to_character

    return key_to_character(REPLACED_KEYS.get(key, key))
