"""list, show and stats: reading that touches neither a model nor the index."""

from __future__ import annotations

import sys
from typing import TYPE_CHECKING, Annotated

import typer

from tui.commands.opening import open_store
from tui.commands.options import After, Before, Home, Json, MemoryId, Profile
from tui.text import show
from tui.text.wording import CONFLICT_STATES

if TYPE_CHECKING:
    from memory_store import MemoryStore
    from memory_store.records import Turn


def list_memories(
    conversation: Annotated[str | None, typer.Option(metavar="ID", help="Only of this conversation.")] = None,
    speaker: Annotated[str | None, typer.Option(metavar="NAME", help="Only what this speaker said.")] = None,
    matching: Annotated[str | None, typer.Option(metavar="WORDS", help="Only with all these words in it.")] = None,
    after: After = None,
    before: Before = None,
    notes: Annotated[bool, typer.Option("--notes", help="Only notes.")] = False,
    pinned: Annotated[bool, typer.Option("--pinned", help="Only pinned ones.")] = False,
    forgotten: Annotated[bool, typer.Option("--forgotten", help="Only forgotten ones.")] = False,
    everything: Annotated[bool, typer.Option("--all", help="Forgotten ones too.")] = False,
    limit: Annotated[
        int | None, typer.Option("--limit", "-n", metavar="N", min=1, help="At most this many.", show_default=False)
    ] = None,
    as_json: Json = False,
    home: Home = None,
    profile: Profile = None,
) -> None:
    """List memories, newest first.

    P is pinned, F forgotten, N a note, S a standing instruction or preference.

    \b
    mneme memory list --matching "Miso" --after 2026-01-01
    mneme memory list --forgotten --json
    """
    if limit is None and sys.stdout.isatty() and not as_json:
        limit = show.AT_A_TERMINAL  # a file or a pipe gets all
    with open_store(home, profile) as store:
        turns = store.memories(
            conversation=store.conversation(conversation).id if conversation else None,
            speaker=speaker,
            notes=notes or None,
            pinned=pinned or None,
            forgotten=None if everything else forgotten,
            after=after,
            before=before,
            matching=matching,
            limit=None if limit is None else limit + 1,
        )
    shown = turns[:limit]
    if as_json:
        from memory_store.jsonable import turn_json

        show.document([turn_json(turn) for turn in shown])
        return
    if not shown:
        asked = (conversation, speaker, matching, after, before, notes, pinned, forgotten)
        show.say("No memory meets that." if any(asked) else "Nothing is remembered.")
        return
    show.table(("ID", "SAID", "SPEAKER", "", "WORDS"), [_row(turn) for turn in shown])
    if len(turns) > len(shown):
        show.say(f"These are the newest {len(shown)}: --limit lists more.")


def _row(turn: Turn) -> tuple[str, ...]:
    marks = ("P" if turn.pinned else "") + ("F" if turn.forgotten else "") + ("N" if turn.is_note else "")
    marks += "S" if turn.standing else ""
    return (turn.id, show.when(turn.said_at), turn.speaker[:14], marks, turn.text)


def show_memory(
    id: MemoryId,
    around: Annotated[int, typer.Option(min=0, max=1000, metavar="N", help="Turns before and after it.")] = 3,
    as_json: Json = False,
    home: Home = None,
    profile: Profile = None,
) -> None:
    """Show one memory with what was said around it, and its history.

    \b
    mneme memory show k3f9
    mneme memory show k3f9 --around 10 --json
    """
    with open_store(home, profile) as store:
        turn = store.get(id)
        if as_json:
            show.document(_details(store, turn, around))
        else:
            _print_details(store, turn, around)


def _details(store: MemoryStore, turn: Turn, around: int) -> dict[str, object]:
    from memory_store.jsonable import conflict_json, derived_json, revision_json, turn_json
    from memory_store.records import CONTRADICTING

    return turn_json(turn) | {
        "status": turn.status,
        "revisions": [revision_json(revision) for revision in store.revisions(turn.id)],
        "context": [turn_json(near) for near in store.context(turn.id, before=around, after=around)],
        "used_in": [turn_json(reply) for reply in store.used_in(turn.id)],
        "contradictions": [conflict_json(one) for one in store.conflicts(CONTRADICTING, memory=turn.id)],
        "derived": [derived_json(one) for one in store.derived(turn.id)],
    }


def _print_details(store: MemoryStore, turn: Turn, around: int) -> None:
    from memory_store.attachments import is_of_a_file

    where = "a note" if turn.is_note else f"conversation {turn.conversation_id}"
    flags = {"pinned": turn.pinned, "forgotten": turn.forgotten, "standing": turn.standing}
    states = [name for name, on in flags.items() if on]
    if turn.status == "partial":
        states.append("cut short")
    show.line(", ".join([turn.id, where, *states]))
    show.line(f"{show.when(turn.said_at)}, {turn.speaker}" + (f", {turn.source_id}" if turn.source_id else ""))
    if is_of_a_file(turn):
        show.line(_file(store, turn))
    show.line()
    show.line(turn.text)
    _print_relations(store, turn)
    near = [] if turn.is_note else store.context(turn.id, before=around, after=around)
    _section("Around it", [f"{'>' if one.id == turn.id else '-'} {one.speaker}: {one.text}" for one in near])
    _section("Earlier wordings", [f"until {show.when(r.superseded_at)}: {r.text}" for r in store.revisions(turn.id)])
    _section("Used for", [f"{one.id}, {show.when(one.said_at)}: {one.text}" for one in store.used_in(turn.id)])


def _file(store: MemoryStore, turn: Turn) -> str:
    """Where a passage stands: ``page 3 of lease.pdf``, with its whole path."""
    from memory_store.attachments import original, page_of

    path, page = original(store, turn), page_of(turn)
    where = "a file whose place is not known" if path is None else str(path)
    gone = " (no longer there)" if path is not None and not path.exists() else ""
    return f"{'in' if page is None else f'page {page} of'} {where}{gone}"


def _print_relations(store: MemoryStore, turn: Turn) -> None:
    """What it contradicts or is contradicted by, and what a language model derived from what."""
    from memory_store.records import CONTRADICTING

    for found in store.conflicts(CONTRADICTING, memory=turn.id):
        is_older = found.older.id == turn.id
        other = found.newer if is_older else found.older
        said = f"{other.id}, {show.when(other.said_at)}, {CONFLICT_STATES[found.state]}: {other.text}"
        _section("Contradicted by" if is_older else "Contradicts", [said])
    for one in store.derived(turn.id):
        if one.note.id == turn.id:
            _section(f"A {one.kind} derived from", [f"{source.id}: {source.text}" for source in one.sources])
        else:
            _section(f"A {one.kind} derived from it", [f"{one.note.id}: {one.note.text}"])


def _section(heading: str, lines: list[str]) -> None:
    if lines:
        show.line()
        show.line(f"{heading}:")
        for text in lines:
            show.line("  " + show.fit(show.one_line(text), show.WIDTH - 2).rstrip())


def stats(as_json: Json = False, home: Home = None, profile: Profile = None) -> None:
    """Count what is remembered, and the bytes it takes.

    \b
    mneme memory stats
    mneme memory stats --json
    """
    with open_store(home, profile) as store:
        found = store.stats()
    if as_json:
        from memory_store.jsonable import stats_json

        show.document(stats_json(found))
        return
    since = f", {found.first_said_at:%Y-%m-%d} to {found.last_said_at:%Y-%m-%d}" if found.first_said_at else ""
    show.line(f"memories       {found.memories:,}{since}")
    show.line(f"  notes        {found.notes:,}")
    show.line(f"  pinned       {found.pinned:,}")
    show.line(f"  forgotten    {found.forgotten:,}")
    show.line(f"conversations  {found.conversations:,}")
    for speaker, turns in sorted(found.speakers.items(), key=lambda item: -item[1])[:10]:
        show.line(f"  {show.fit(show.one_line(speaker), 12)} {turns:,}")
    late = f", {found.queued:,} not yet in the index" if found.queued else ""
    show.line(f"vectors        {found.vectors:,} by {found.embedder}{late}")
    show.line(f"index          {found.index}")
    if found.damaged_index_bytes:
        why = show.one_line(found.damaged_index, limit=200)
        show.line(f"  set aside    {show.size(found.damaged_index_bytes)}, {why}")
    show.line(f"on disk        {show.size(found.database_bytes)} words, {show.size(found.index_bytes)} index")
    show.line(f"encrypted      {'yes, the whole database (SQLCipher)' if found.encrypted else 'no'}")
