"""purge: shown first, then (said yes to) the deed, then the proof."""

from __future__ import annotations

import sys
from collections.abc import Sequence
from typing import TYPE_CHECKING, Annotated, Any

import typer

from tui.commands.opening import open_settings, store_of
from tui.commands.options import Home, Json, Profile, Yes
from tui.process import exit_codes
from tui.text import show

if TYPE_CHECKING:
    from memory_store import MemoryStore
    from memory_store.records import PurgeReceipt, Turn


def purge(
    ids: Annotated[
        list[str] | None, typer.Argument(metavar="[ID...]", help="Memories' ids, or their beginnings.")
    ] = None,
    forgotten: Annotated[bool, typer.Option("--forgotten", help="All that are forgotten.")] = False,
    conversation: Annotated[
        list[str] | None, typer.Option("--conversation", metavar="ID", help="A whole conversation, its title too.")
    ] = None,
    speaker: Annotated[str | None, typer.Option("--speaker", metavar="NAME", help="All that somebody said.")] = None,
    backups: Annotated[bool, typer.Option("--backups", help="Take it out of the profile's backups too.")] = False,
    yes: Yes = False,
    as_json: Json = False,
    home: Home = None,
    profile: Profile = None,
) -> None:
    """Erase memories for good, and prove it.

    The words, their vectors and their history are overwritten; then every file of the profile, the log and the app's
    state are searched for them. Backups that still hold them are named; --backups rewrites them. This cannot be
    undone.

    \b
    mneme memory purge k3f9
    mneme memory purge --forgotten --backups --yes
    mneme memory purge --conversation c81d
    mneme memory purge --speaker Ana
    mneme memory purge --backups                # what was purged before
    """
    from tui.commands.passphrases import unlocked

    given = sum(map(bool, (ids, forgotten, conversation, speaker)))
    if given != 1 and not (backups and not given):
        raise typer.BadParameter("give memories' ids, or one of --forgotten, --conversation and --speaker")
    settings = open_settings(home, profile)
    with store_of(settings, indexing="manual") as store:
        passphrases = [known for known in (unlocked(settings),) if known is not None]
        if not given:
            _purge_backups(store, passphrases, yes, as_json=as_json)
            return
        turns = _chosen(store, ids or (), conversation or (), speaker)
        more: dict[str, Any] = {
            "conversations": conversation or (),
            "rewrite_backups": backups,
            "passphrases": passphrases,
            "elsewhere": (settings.paths.log_file.parent, settings.paths.state_dir),
        }
        receipt = _purge(store, turns, more, yes, quiet=as_json)
    if as_json:
        from memory_store.jsonable import purge_json

        show.document(purge_json(receipt) if receipt else {"purged": []})
    declined = receipt is None and bool(turns or conversation)
    if declined or (receipt and receipt.traces):
        raise typer.Exit(exit_codes.FAILED)


def _chosen(store: MemoryStore, ids: Sequence[str], threads: Sequence[str], speaker: str | None) -> list[Turn]:
    """Raises UnknownId."""
    if speaker is not None:
        return store.memories(speaker=speaker, forgotten=None)
    if threads:
        return [turn for thread in threads for turn in store.memories(conversation=thread, forgotten=None)]
    if not ids:
        return store.memories(forgotten=True)
    turns = [store.get(prefix) for prefix in ids]
    return list({turn.id: turn for turn in turns}.values())


def _purge(
    store: MemoryStore, turns: list[Turn], more: dict[str, Any], yes: bool, *, quiet: bool
) -> PurgeReceipt | None:
    from tui.commands.asking import confirmed

    if not turns and not more["conversations"]:
        show.say("There is nothing to purge.")
        return None
    if not quiet:
        rows = [(turn.id, f"{turn.said_at:%Y-%m-%d}", turn.text) for turn in show.first(turns)]
        show.table(("ID", "SAID", "WORDS"), rows)
        show.rest(turns)
    if not confirmed(f"Erase {show.count(len(turns), 'memory', 'memories')} for good?", yes=yes):
        return None
    receipt = store.purge([turn.id for turn in turns], **more)
    _say_proof(receipt)
    if receipt.backups and not more["rewrite_backups"] and not yes and sys.stdin.isatty():
        _purge_backups(store, more["passphrases"], yes, as_json=False)
    return receipt


def _purge_backups(store: MemoryStore, passphrases: Sequence[str], yes: bool, *, as_json: bool) -> None:
    """Take whatever was purged so far out of the backups."""
    from tui.commands.asking import confirmed

    held = store.backups_holding_purged()
    if held and not as_json:
        show.say(f"{show.count(len(held), 'backup')}: {', '.join(file.name for file in held)}")
    done: tuple[list[str], list[str]] = ([], [file.name for file in held])
    if held and confirmed("Take what was purged out of them?", yes=yes):
        done = store.purge_backups(passphrases)
    if as_json:
        show.document({"rewritten": done[0], "backups": done[1]})
    elif not held:
        show.say("No backup holds anything that was purged.")
    else:
        _say_backups(*done)


def _say_backups(rewritten: Sequence[str], left: Sequence[str]) -> None:
    if rewritten:
        show.say(f"Taken out of {show.count(len(rewritten), 'backup')}: {', '.join(rewritten)}.")
    if left:
        show.say(
            f"{show.count(len(left), 'backup')} may still hold it: {', '.join(left)}. "
            "'mneme memory purge --backups' takes it out; delete what is damaged or under another passphrase."
        )


def _say_proof(receipt: PurgeReceipt) -> None:
    searched = f"{show.count(receipt.files_searched, 'file')} ({show.size(receipt.bytes_searched)}) searched"
    show.say(f"{show.count(len(receipt.purged), 'memory', 'memories')} erased. {searched}:")
    show.say("no trace of them is left." if not receipt.traces else f"traces left in {', '.join(receipt.traces)}.")
    if receipt.unsearched:
        show.say(f"Not searched: {receipt.unsearched}.")
    _say_backups(receipt.rewritten, receipt.backups)
    for pending in receipt.pending:
        show.say(f"Still to come: {pending}")
