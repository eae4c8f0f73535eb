"""export and import: memories as files. docs/interchange.md describes the formats."""

from __future__ import annotations

from collections.abc import Sequence
from pathlib import Path
from typing import TYPE_CHECKING, Annotated

import typer

from memory_store.errors import InvalidInput
from tui.commands.opening import caught_up, open_store
from tui.commands.options import Home, Json, Profile, Written
from tui.commands.progress import progress
from tui.commands.screening import settled_import
from tui.process import exit_codes
from tui.text import show
from tui.text.files import written

if TYPE_CHECKING:
    from memory_store import MemoryStore
    from memory_store.interchange.files.importing import Refused
    from memory_store.interchange.importing import ImportReport, Progress

STANDARD_INPUT = Path("/dev/stdin")


MOST_TOLD = 50
"""Files that are named one by one where they could not be read."""


def export(
    file: Written = None,
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
    files: Annotated[
        list[Path],
        typer.Argument(metavar="FILE", help='What to bring in; "-" reads standard input.', show_default=False),
    ],
    format: Annotated[
        str | None,
        typer.Option(
            metavar="NAME",
            help="chatgpt, claude, llm, ollama, sharegpt, whatsapp, jsonl, openai-messages, locomo or files;"
            " without: as the file looks.",
        ),
    ] = None,
    words: Annotated[
        str, typer.Option("--words", metavar="TEXT", help="What you say of the files; --format files.")
    ] = "",
    redact: Annotated[bool, typer.Option("--redact", help="Leave keys, tokens and card numbers out.")] = False,
    as_json: Json = False,
    home: Home = None,
    profile: Profile = None,
) -> None:
    """Bring in conversations from a file, or files as memories.

    Importing twice changes nothing, and importing again completes an import that was interrupted. A log is checked
    before anything is written; of other programs' exports, what cannot be read is told by position and left out.

    --format files makes memories of text, Markdown, PDF and image files, several at once; of a folder, of all that is
    in it and below, but for hidden files. What cannot be read is told by file, with exit code 1, and the rest comes in.

    \b
    mneme memory import backup.jsonl
    mneme memory import chatgpt-export.zip
    mneme memory import --format locomo locomo10.json
    mneme memory export | mneme memory import - --profile copy
    mneme memory import --format files lease.pdf notes/*.md
    mneme memory import --format files ~/notes
    mneme memory import --format files --words "My new bike." bike.jpg
    """
    from memory_store.interchange import FORMATS

    if format is not None and format not in FORMATS:
        raise typer.BadParameter(f"the formats are {', '.join(FORMATS)}", param_hint="--format")
    files = [STANDARD_INPUT if str(file) == "-" else file for file in files]
    if format != "files" and (words or len(files) > 1):
        raise InvalidInput(
            "Several files at once, and --words, go with --format files: see `mneme memory import --help`."
        )
    if format != "files" and files[0].is_dir():
        raise InvalidInput(f"{files[0]} is a folder. To make memories of the files in it, say --format files.")
    with open_store(home, profile, indexing="manual") as store:
        with progress("importing") as move:
            report, refused = _brought_in(store, files, format, words, redact=redact, move=move)
        for note in report.notes:
            show.say(note)
        for one in refused[:MOST_TOLD]:
            show.say(f"{one.path}: {one.reason}. Left out.")
        if len(refused) > MOST_TOLD:
            show.say(f"And {len(refused) - MOST_TOLD:,} more were left out: --json lists them all.")
        if not as_json:
            where = show.count(report.conversations, "file" if report.format == "files" else "conversation")
            found = f"{show.count(report.turns_new, 'new memory', 'new memories')}, {report.turns_known:,} known"
            show.say(f"{found}, in {where}.")
        caught_up(store)
    if as_json:
        from dataclasses import asdict

        left_out = [{"file": str(one.path), "reason": one.reason} for one in refused]
        show.document(asdict(report) | {"refused": left_out})
    if refused:
        raise typer.Exit(exit_codes.FAILED)


def _brought_in(
    store: MemoryStore, files: list[Path], format: str | None, words: str, *, redact: bool, move: Progress
) -> tuple[ImportReport, Sequence[Refused]]:
    from memory_store.interchange import files_in, import_file, import_files

    if format == "files":
        done = import_files(store, files_in(files), words=words, progress=move, redact=redact, settle=settled_import)
        return done.total, done.refused
    return import_file(store, files[0], format=format, progress=move, redact=redact, settle=settled_import), ()
