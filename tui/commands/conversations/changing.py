"""rename, branch, archive, delete and their opposites."""

from __future__ import annotations

from typing import TYPE_CHECKING, Annotated

import typer

from tui.commands.opening import open_settings, open_store, store_of
from tui.commands.options import ConversationId, Home, Json, Profile, Yes
from tui.commands.screening import screened
from tui.process import exit_codes
from tui.text import show

if TYPE_CHECKING:
    from memory_store.records import Conversation


def rename(
    id: ConversationId,
    title: Annotated[str, typer.Argument(metavar="TITLE", show_default=False)],
    as_json: Json = False,
    home: Home = None,
    profile: Profile = None,
) -> None:
    """Give a conversation another title.

    \b
    mneme conversations rename c81d "The trip to Lisbon"
    """
    settings = open_settings(home, profile)
    title = screened(settings, title)
    with store_of(settings) as store, store.secrets_settled("keep"):
        renamed = store.rename_conversation(id, title)
    _print(renamed, "renamed", as_json)


def branch(
    turn: Annotated[str, typer.Argument(metavar="TURN", help="A turn's id, or its beginning.", show_default=False)],
    as_json: Json = False,
    home: Home = None,
    profile: Profile = None,
) -> None:
    """Begin a conversation with what was said up to a turn.

    The turns are shared, not copied: what is edited or forgotten in one is so in both, and each is recalled once.

    \b
    mneme conversations show c81d           # names the turns
    mneme conversations branch k3f9
    """
    with open_store(home, profile) as store:
        begun = store.branch(turn)
    _print(begun, "begun", as_json)


def archive(id: ConversationId, as_json: Json = False, home: Home = None, profile: Profile = None) -> None:
    """Take a conversation out of the list; it is recalled as before.

    \b
    mneme conversations archive c81d
    mneme conversations list --archived
    """
    with open_store(home, profile) as store:
        archived = store.archive_conversation(id)
    _print(archived, "archived", as_json)


def unarchive(id: ConversationId, as_json: Json = False, home: Home = None, profile: Profile = None) -> None:
    """Put an archived conversation back into the list.

    \b
    mneme conversations unarchive c81d
    """
    with open_store(home, profile) as store:
        put_back = store.unarchive_conversation(id)
    _print(put_back, "in the list again", as_json)


def delete(
    id: ConversationId, yes: Yes = False, as_json: Json = False, home: Home = None, profile: Profile = None
) -> None:
    """Forget a conversation and everything said in it.

    `mneme conversations restore` brings it back, until its turns are purged.

    \b
    mneme conversations delete c81d
    """
    from tui.commands.asking import confirmed

    with open_store(home, profile) as store:
        found = store.conversation(id)
        what = f'"{show.one_line(found.title, limit=50)}" ({show.count(found.turns, "turn")})'
        show.say(what)
        if not confirmed("Forget it?", yes=yes):
            raise typer.Exit(exit_codes.FAILED)
        deleted = store.delete_conversation(found.id)
    _print(deleted, "deleted, until restored", as_json)


def restore(id: ConversationId, as_json: Json = False, home: Home = None, profile: Profile = None) -> None:
    """Bring a deleted conversation back.

    \b
    mneme conversations list --deleted
    mneme conversations restore c81d
    """
    with open_store(home, profile) as store:
        restored = store.restore_conversation(id)
    _print(restored, "restored", as_json)


def _print(conversation: Conversation, done: str, as_json: bool) -> None:
    if as_json:
        from memory_store.jsonable import conversation_json

        show.document(conversation_json(conversation))
        return
    show.line(conversation.id)
    show.say(f"{done}: {show.one_line(conversation.title, limit=60)}")
