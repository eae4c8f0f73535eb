"""export and import: memories as files. docs/interchange.md describes the formats."""

from __future__ import annotations

from pathlib import Path
from typing import Annotated

import typer

from tui import show
from tui.commands.opening import caught_up, open_store
from tui.commands.options import Home, Json, Profile
from tui.commands.progress import progress
from tui.commands.screening import settled_import
from tui.files import written


def export(
    file: Annotated[Path | None, typer.Argument(metavar="[FILE]", help="Where to; without: standard output.")] = None,
    forgotten: Annotated[
        bool, typer.Option("--forgotten", help="Forgotten ones too, and deleted conversations.")
    ] = False,
    force: Annotated[bool, typer.Option("--force", help="Replace a file that is there.")] = False,
    home: Home = None,
    profile: Profile = None,
) -> None:
    """Write every memory as JSON lines.

    Ids, dates, speakers, pins and earlier wordings are kept. What is forgotten stays out, unless --forgotten asks for
    it. Importing the file elsewhere, or twice, gives the same memory.

    \b
    mneme memory export memories.jsonl
    mneme memory export --forgotten everything.jsonl
    mneme memory export | gzip > backup.jsonl.gz
    """
    from memory_store.interchange import export_jsonl

    with open_store(home, profile) as store, written(file, force=force) as stream:
        count = export_jsonl(store, stream, forgotten=forgotten)
    show.say(f"{show.count(count, 'memory', 'memories')} exported.")


def import_memories(
    file: Annotated[Path, typer.Argument(metavar="FILE", help="What to bring in.", show_default=False)],
    format: Annotated[
        str | None,
        typer.Option(
            metavar="NAME",
            help="chatgpt, claude, llm, ollama, sharegpt, whatsapp, jsonl, openai-messages or locomo;"
            " without: as the file looks.",
        ),
    ] = None,
    redact: Annotated[bool, typer.Option("--redact", help="Leave keys, tokens and card numbers out.")] = False,
    as_json: Json = False,
    home: Home = None,
    profile: Profile = None,
) -> None:
    """Bring in conversations from a file.

    Importing twice changes nothing, and importing again completes an import that was interrupted. A log is checked
    before anything is written; of other programs' exports, what cannot be read is told by position and left out.

    \b
    mneme memory import backup.jsonl
    mneme memory import chatgpt-export.zip
    mneme memory import --format locomo locomo10.json
    """
    from memory_store.interchange import FORMATS, import_file

    if format is not None and format not in FORMATS:
        raise typer.BadParameter(f"the formats are {', '.join(FORMATS)}", param_hint="--format")
    with open_store(home, profile, indexing="manual") as store:
        with progress("importing") as move:
            report = import_file(store, file, format=format, progress=move, redact=redact, settle=settled_import)
        for note in report.notes:
            show.say(note)
        if not as_json:
            found = f"{show.count(report.turns_new, 'new memory', 'new memories')}, {report.turns_known:,} known"
            show.say(f"{found}, in {show.count(report.conversations, 'conversation')}.")
        caught_up(store)
    if as_json:
        from dataclasses import asdict

        show.document(asdict(report))
