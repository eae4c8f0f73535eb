"""consolidate: a local language model takes notes on what was said. Never by itself."""

from __future__ import annotations

from contextlib import closing
from typing import TYPE_CHECKING, Annotated

import typer

from tui.commands.opening import caught_up, open_settings, store_of
from tui.commands.options import Home, Json, Profile
from tui.commands.progress import progress
from tui.text import show

if TYPE_CHECKING:
    from agent.consolidation.running import Outcome
    from agent.models.base import LanguageModel
    from agent.settings import Settings
    from memory_store import MemoryStore
    from memory_store.records import Derived, Turn


def consolidate(
    revoke: Annotated[bool, typer.Option("--revoke", help="Forget every derived note; 'mneme undo' restores.")] = False,
    listing: Annotated[bool, typer.Option("--list", help="Print the derived notes, with what they are from.")] = False,
    again: Annotated[bool, typer.Option("--again", help="Read again what was read before.")] = False,
    limit: Annotated[
        int | None, typer.Option("--limit", "-n", metavar="N", min=1, help="At most this many parts of conversations.")
    ] = None,
    model: Annotated[str | None, typer.Option("--model", metavar="NAME", help="Another model than set.")] = None,
    as_json: Json = False,
    home: Home = None,
    profile: Profile = None,
) -> None:
    """Let a local language model take notes on what was said.

    Facts, preferences and a summary of each part of a conversation: marked as derived, linked to the turns they are
    taken from, and going where those go. They never replace the words, and are recalled only with `recall.derived`
    in the settings. Nothing is derived unless this is called. It goes on where it stopped.

    \b
    mneme consolidate
    mneme consolidate --model ./models/qwen --limit 5
    mneme consolidate --list
    mneme consolidate --revoke
    """
    settings = open_settings(home, profile, model__name=model)
    if revoke or listing:
        with store_of(settings) as store:
            _print_notes(store.derived(), as_json) if listing else _revoked(store.revoke_derived(), as_json)
        return
    if settings.model.name == "memory_only" and settings.model.base_url is None:
        with store_of(settings, indexing="manual") as store:
            _without_model(store, as_json)
        return
    speaker = _load(settings)
    with closing(speaker), store_of(settings, indexing="manual") as store, store.secrets_settled("keep"):
        if again:
            store.consolidate_again()
        outcome = _run(store, speaker, settings, limit)
        caught_up(store)
    _print(outcome, speaker.name, as_json)


def _load(settings: Settings) -> LanguageModel:
    from agent.models.loading import load_model

    with progress(f"loading {settings.model.name}") as move:
        return load_model(settings, lambda fraction, _what: move(round(100 * fraction), 100))


def _run(store: MemoryStore, model: LanguageModel, settings: Settings, limit: int | None) -> Outcome:
    from agent.consolidation.running import Outcome
    from agent.consolidation.running import consolidate as run
    from agent.errors import ModelError

    outcome = Outcome()
    try:
        with progress("reading") as move:
            return run(store, model, settings.model.sampling(), limit=limit, progress=move, outcome=outcome)
    except (KeyboardInterrupt, ModelError) as end:
        stopped = "Interrupted" if isinstance(end, KeyboardInterrupt) else "Stopped"
        show.say(f"{stopped}. {_done(outcome)} What was done is kept: the same command goes on from there.")
        raise


def _done(outcome: Outcome) -> str:
    told = f"{show.count(outcome.parts, 'part')} of conversations read, {show.count(len(outcome.kept), 'note')} kept"
    told += f", {outcome.known} known already" * bool(outcome.known)
    return f"{told}. {outcome.left} left to read." if outcome.left else f"{told}."


def _without_model(store: MemoryStore, as_json: bool) -> None:
    """What recall uses needs no model: see that it is there, and say so."""
    caught_up(store)
    standing = sum(memory.standing for memory in store.memories(speaker="user"))
    stats = store.stats()
    if as_json:
        counts = {"conversations": stats.conversations, "standing": standing, "vectors": stats.vectors}
        show.document({"model": None, **counts})
        return
    show.say("No language model is chosen, so no notes were taken. See: mneme models list")
    show.say(
        f"What recall uses is there without one: {show.count(stats.conversations, 'conversation')} by session,"
        f" {show.count(standing, 'standing instruction')}, {show.count(stats.vectors, 'vector')}."
    )


def _revoked(notes: list[Turn], as_json: bool) -> None:
    if as_json:
        show.document({"revoked": [note.id for note in notes]})
    elif notes:
        show.say(f"{show.count(len(notes), 'derived note')} forgotten. 'mneme undo' brings them back.")
    else:
        show.say("There is no derived note.")


def _print(outcome: Outcome, model: str, as_json: bool) -> None:
    if as_json:
        from memory_store.jsonable import turn_json

        notes = [turn_json(note) for note in outcome.kept]
        counts = {"parts": outcome.parts, "left": outcome.left, "known": outcome.known}
        show.document({"model": model, "notes": notes, "skipped": dict(outcome.skipped), **counts})
        return
    for note in outcome.kept:
        show.line(f"{note.id}  {show.one_line(note.text, limit=200)}")
    if not (outcome.parts or outcome.left or outcome.skipped):
        show.say("There is nothing that was not read before; --again reads it anew.")
        return
    show.say(_done(outcome))
    for why, often in outcome.skipped.most_common():
        show.say(f"{often} skipped: what {model} wrote {why}" if why else "")


def _print_notes(notes: list[Derived], as_json: bool) -> None:
    if as_json:
        from memory_store.jsonable import derived_json

        show.document([derived_json(note) for note in notes])
        return
    for one in notes:
        show.line(f"{one.note.id}  {one.kind}: {show.one_line(one.note.text, limit=200)}")
        show.line(f"  from {' '.join(source.id for source in one.sources)}, by {show.one_line(one.model)}")
    if not notes:
        show.say("There is no derived note.")
