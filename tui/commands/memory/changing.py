"""note, edit, pin, unpin, forget, restore: one memory, or a few named ones.

What they change is found by its words at once, and by its meaning from the next search, ask or chat on.
"""

from __future__ import annotations

from collections.abc import Callable
from typing import TYPE_CHECKING, Annotated

import typer

from tui.commands.opening import open_settings, open_store, store_of
from tui.commands.options import Home, Json, MemoryId, MemoryIds, Profile
from tui.commands.screening import screened
from tui.text import show

if TYPE_CHECKING:
    from pathlib import Path

    from memory_store import MemoryStore
    from memory_store.records import Turn

    Change = Callable[[MemoryStore, str], Turn]


def note(
    words: Annotated[
        list[str],
        typer.Argument(metavar="WORDS...", help='The words; "-" reads standard input.', show_default=False),
    ],
    pinned: Annotated[bool, typer.Option("--pin", help="Put it before the model always.")] = False,
    as_json: Json = False,
    home: Home = None,
    profile: Profile = None,
) -> None:
    """Write down something to be remembered, outside any conversation.

    \b
    mneme memory note "The spare key is with Ana."
    mneme memory note --pin "I am vegetarian."
    """
    settings = open_settings(home, profile)
    said = screened(settings, _given(" ".join(words)))
    with store_of(settings) as store, store.secrets_settled("keep"), store.as_one_act():
        turn = store.remember(said)
        if pinned:
            turn = store.pin(turn.id)
    _print([turn], "remembered", as_json)


def edit(
    id: MemoryId,
    text: Annotated[
        str | None,
        typer.Argument(metavar="[TEXT]", help='The new words; "-" reads standard input. Without: opens $EDITOR.'),
    ] = None,
    as_json: Json = False,
    home: Home = None,
    profile: Profile = None,
) -> None:
    """Correct a memory; its earlier wordings are kept.

    \b
    mneme memory edit k3f9 "My cat is called Miso."
    EDITOR=nano mneme memory edit k3f9
    """
    settings = open_settings(home, profile)
    with store_of(settings) as store, store.secrets_settled("keep"):
        turn = store.get(id)
        words = screened(settings, _edited(turn.text) if text is None else _given(text))
        if words == turn.text:
            show.say("Nothing was changed.")
            return
        changed = store.edit(turn.id, words)
    _print([changed], "edited", as_json)


def pin(ids: MemoryIds, as_json: Json = False, home: Home = None, profile: Profile = None) -> None:
    """Put memories before the model always.

    \b
    mneme memory pin k3f9
    """
    _change(home, profile, ids, lambda store, memory: store.pin(memory), "pinned", as_json)


def unpin(ids: MemoryIds, as_json: Json = False, home: Home = None, profile: Profile = None) -> None:
    """Take pins away.

    \b
    mneme memory unpin k3f9
    """
    _change(home, profile, ids, lambda store, memory: store.unpin(memory), "unpinned", as_json)


def forget(ids: MemoryIds, as_json: Json = False, home: Home = None, profile: Profile = None) -> None:
    """Hide memories, until they are restored or purged.

    \b
    mneme memory forget k3f9 p7aa
    mneme memory restore k3f9
    """
    _change(home, profile, ids, lambda store, memory: store.forget(memory), "forgotten, until restored", as_json)


def restore(ids: MemoryIds, as_json: Json = False, home: Home = None, profile: Profile = None) -> None:
    """Bring forgotten memories back.

    \b
    mneme memory list --forgotten
    mneme memory restore k3f9
    """
    _change(home, profile, ids, lambda store, memory: store.restore(memory), "restored", as_json)


def _change(home: Path | None, profile: str | None, ids: list[str], change: Change, done: str, as_json: bool) -> None:
    """Change all of ``ids`` or, when one of them is unknown, none."""
    with open_store(home, profile) as store:
        known = [store.get(prefix).id for prefix in ids]
        with store.as_one_act():
            changed = [change(store, memory) for memory in known]
    _print(changed, done, as_json)


def _print(turns: list[Turn], done: str, as_json: bool) -> None:
    if as_json:
        from memory_store.jsonable import turn_json

        show.document([turn_json(turn) for turn in turns])
        return
    for turn in turns:
        show.line(turn.id)
        show.say(f"{done}: {show.one_line(turn.text, limit=60)}")


def _given(words: str) -> str:
    if words != "-":
        return words
    from tui.commands.asking import standard_input

    return standard_input().removesuffix("\n")


def _edited(text: str) -> str:
    from tui.commands.asking import edited

    return edited(text)
