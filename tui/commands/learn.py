"""``mneme learn``: recall learns from what its owner marked and did; adopted only where that is better."""

from __future__ import annotations

from pathlib import Path
from typing import TYPE_CHECKING, Annotated

import typer

from tui.commands.learned import print_outcome, print_status, row_of
from tui.commands.opening import caught_up, open_settings, store_of
from tui.commands.options import Home, Json, Profile
from tui.commands.progress import progress
from tui.text import show

if TYPE_CHECKING:
    from agent.learning.common import Outcome, Wish
    from agent.settings import Settings


def learn(
    *,
    files: Annotated[
        list[Path] | None,
        typer.Option("--from", metavar="FILE", help="Labelled data too; may be given again.", show_default=False),
    ] = None,
    format: Annotated[
        str | None,
        typer.Option(
            metavar="NAME", help="Of the files: locomo, realmem, madial, beam or jsonl; without: as it looks."
        ),
    ] = None,
    reranker: Annotated[
        bool,
        typer.Option("--reranker", help="Tune a cross-encoder from the embedder instead: minutes, and slower recall."),
    ] = False,
    dry_run: Annotated[bool, typer.Option("--dry-run", help="Say what would come of it, and change nothing.")] = False,
    undo: Annotated[bool, typer.Option("--undo", help="Go back to what was in force before.")] = False,
    status: Annotated[bool, typer.Option("--status", help="Say what is in force, and where it comes from.")] = False,
    seed: Annotated[int, typer.Option("--seed", metavar="N", min=0, help="For what is drawn by lot.")] = 0,
    as_json: Json = False,
    home: Home = None,
    profile: Profile = None,
) -> None:
    """Let recall learn from you: from what you marked, cited, pinned and opened.

    What is learned is tried on queries it was not trained on, and adopted only where it finds more than the fixed
    formula beyond chance. Everything stays on this machine; docs/learning.md says how it works.

    \b
    mneme learn --dry-run
    mneme learn
    mneme learn --from questions.jsonl
    mneme learn --status
    mneme learn --undo
    mneme learn --reranker --dry-run
    """
    if undo and (status or files or dry_run):
        raise typer.BadParameter("--undo goes alone", param_hint="--undo")
    settings = open_settings(home, profile)
    if undo or status:
        _look(settings, undo=undo, reranker=reranker, as_json=as_json)
        return
    from agent.bench.formats.loading import FORMATS

    if format is not None and format not in FORMATS:
        raise typer.BadParameter(f"the formats are {', '.join(FORMATS)}", param_hint="--format")
    from agent.learning.common import Wish

    outcome = _learn(settings, Wish(files or (), format, dry_run, seed), reranker=reranker)
    if as_json:
        show.document(row_of(outcome))
    else:
        print_outcome(outcome, used=settings.recall.learned)


def _learn(settings: Settings, wish: Wish, *, reranker: bool) -> Outcome:
    from agent.learning.learn import learn as learn_from
    from agent.learning.rerank import learn_to_rerank
    from agent.opening import rerankers
    from memory_store.embedding import embedder_named

    with store_of(settings, indexing="manual") as store:
        caught_up(store)
        embedder = embedder_named(settings.recall.embedder)
        if not reranker:
            return learn_from(store, embedder, progress, wish)
        return learn_to_rerank(store, rerankers(settings, embedder), embedder, progress, wish)


def _look(settings: Settings, *, undo: bool, reranker: bool, as_json: bool) -> None:
    """Say what is in force, after taking it back where ``undo`` wants it."""
    from agent.opening import rerankers
    from memory_store.embedding import embedder_named

    kept = rerankers(settings, embedder_named(settings.recall.embedder))
    with store_of(settings) as store:
        if undo and reranker:
            if kept.undo():
                store.note_learned("unlearn")
            else:
                show.say("No reranker was tuned here.")
        elif undo and not store.undo_head():
            show.say("Nothing was learned here, so the fixed formula is in force already.")
        print_status(store.learned(), kept, settings.recall, as_json=as_json)
