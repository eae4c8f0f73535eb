"""``mneme conversations``: the threads that turns belong to."""

from __future__ import annotations

from typing import TYPE_CHECKING, Annotated

import typer

from tui import show
from tui.commands.opening import open_store
from tui.commands.options import ConversationId, Home, Json, Profile, Yes
from tui.lazy import Entry, group

if TYPE_CHECKING:
    from memory_store.records import Conversation

HERE = "tui.commands.conversations"

COMMANDS = {
    "list": Entry(f"{HERE}:list_conversations", "List conversations, newest first."),
    "show": Entry(f"{HERE}:show_conversation", "Print a conversation, turn by turn."),
    "rename": Entry(f"{HERE}:rename", "Give a conversation another title."),
    "delete": Entry(f"{HERE}:delete", "Forget a conversation and everything said in it."),
    "restore": Entry(f"{HERE}:restore", "Bring a deleted conversation back."),
}

app = group(COMMANDS, "List, read, rename and delete conversations.")


def list_conversations(
    matching: Annotated[str | None, typer.Option(metavar="WORDS", help="Only with these words in the title.")] = None,
    deleted: Annotated[bool, typer.Option("--deleted", help="Only deleted ones.")] = False,
    limit: Annotated[int | None, typer.Option("--limit", "-n", metavar="N", min=1, help="At most this many.")] = None,
    as_json: Json = False,
    home: Home = None,
    profile: Profile = None,
) -> None:
    """List conversations, newest first.

    \b
    mneme conversations list
    mneme conversations list --matching Lisbon --json
    """
    with open_store(home, profile) as store:
        found = store.conversations(matching=matching, archived=deleted, limit=limit)
    if as_json:
        from memory_store.jsonable import conversation_json

        show.document([conversation_json(one) for one in found])
    elif found:
        rows = [(one.id, show.when(one.updated_at), f"{one.turns:,}", one.title) for one in found]
        show.table(("ID", "LAST SAID", "TURNS", "TITLE"), rows)
    else:
        show.say("There is no conversation.")


def show_conversation(id: ConversationId, as_json: Json = False, home: Home = None, profile: Profile = None) -> None:
    """Print a conversation, turn by turn.

    \b
    mneme conversations show c81d
    """
    with open_store(home, profile) as store:
        found = store.conversation(id)
        turns = store.memories(conversation=found.id, forgotten=found.archived, newest_first=False)
    turns.sort(key=lambda turn: turn.position)
    if as_json:
        from memory_store.jsonable import conversation_json, turn_json

        show.document(conversation_json(found) | {"said": [turn_json(turn) for turn in turns]})
        return
    show.line(show.one_line(found.title) + (" (deleted)" if found.archived else ""))
    for turn in turns:
        show.line()
        show.line(f"{show.one_line(turn.speaker)}, {show.when(turn.said_at)} ({turn.id})")
        show.line(turn.text)


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
    with open_store(home, profile) as store:
        renamed = store.rename_conversation(id, title)
    _print(renamed, "renamed", as_json)


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
            return
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
