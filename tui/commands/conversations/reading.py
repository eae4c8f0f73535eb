"""list, show and export: reading what was said, conversation by conversation."""

from __future__ import annotations

from typing import Annotated

import typer

from tui.commands.opening import open_store
from tui.commands.options import ConversationId, Home, Json, Profile, Written
from tui.text import show, transcripts
from tui.text.files import written


def list_conversations(
    matching: Annotated[
        str | None, typer.Option(metavar="WORDS", help="Only with all these words in title or turns.")
    ] = None,
    archived: Annotated[bool, typer.Option("--archived", help="Only archived ones.")] = False,
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
        found = store.conversations(
            matching=matching, archived=None if deleted else archived, deleted=deleted, limit=limit
        )
    if as_json:
        from memory_store.jsonable import conversation_json

        show.document([conversation_json(one) for one in found])
    elif found:
        rows = [(one.id, show.when(one.updated_at), f"{one.turns + one.shared:,}", one.title) for one in found]
        show.table(("ID", "LAST SAID", "TURNS", "TITLE"), rows)
    else:
        show.say("No conversation meets that." if matching or archived or deleted else "There is no conversation.")


def show_conversation(id: ConversationId, as_json: Json = False, home: Home = None, profile: Profile = None) -> None:
    """Print a conversation, turn by turn.

    \b
    mneme conversations show c81d
    """
    with open_store(home, profile) as store:
        found = store.conversation(id)
        turns = transcripts.all_turns(store, found)
    if as_json:
        print(transcripts.as_json(found, turns), end="")
        return
    states = [name for name, on in (("archived", found.archived), ("deleted", found.deleted)) if on]
    show.line(show.one_line(found.title) + (f" ({', '.join(states)})" if states else ""))
    for turn in turns:
        show.line()
        show.line(f"{show.one_line(turn.speaker)}, {show.when(turn.said_at)} ({turn.id})")
        show.line(turn.text)


def export(
    id: ConversationId,
    file: Written = None,
    format: Annotated[
        str | None, typer.Option(metavar="NAME", help="markdown or json; without: as the file's ending says.")
    ] = None,
    force: Annotated[bool, typer.Option("--force", help="Replace a file that is there.")] = False,
    home: Home = None,
    profile: Profile = None,
) -> None:
    """Write a conversation as Markdown or JSON.

    To move memories to another machine use `mneme memory export`.

    \b
    mneme conversations export c81d lisbon.md
    mneme conversations export c81d --format json > lisbon.json
    """
    chosen = transcripts.format_of(file) if format is None else format
    if chosen not in transcripts.FORMATS:
        raise typer.BadParameter(f"the formats are {', '.join(transcripts.FORMATS)}", param_hint="--format")
    with open_store(home, profile) as store, written(file, force=force) as stream:
        found = store.conversation(id)
        turns = transcripts.all_turns(store, found)
        stream.write(transcripts.as_document(found, turns, "json" if chosen == "json" else "markdown"))
        store.note_act("export_conversation", [found.id])
    show.say(f"{show.count(len(turns), 'turn')} exported.")
