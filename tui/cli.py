"""The command line. This module knows the commands' names; each command is imported only when it is called.

To add a command: write a plain function in a module under ``tui/commands/`` (parameters annotated for Typer, the
docstring is its help, its first line the same as in the table), and put one row into ``COMMANDS`` below:

    def count(home: Home = None, profile: Profile = None, as_json: Json = False) -> None:
        \"\"\"Count the memories.\"\"\"                      # tui/commands/options.py has Home, Profile, Json
        with open_store(home, profile) as store:      # tui/commands/opening.py
            show.line(str(store.stats().memories))    # tui/text/show.py: stdout is data, show.say() narrates on stderr

    "count": Entry("tui.commands.count:count", "Count the memories."),

Import torch, transformers, chromadb, SQLAlchemy, Textual and Rich inside functions only. Raise MnemeError for what a
person can put right, ``typer.Exit(exit_codes.FAILED)`` for "it ran, and the answer is no"; catch nothing else: every
error ends in ``tui/process/error_edge.py``.
"""

from __future__ import annotations

import atexit
import gc
import os
import sys
from pathlib import Path
from typing import Annotated, NoReturn

import typer
from typer.main import get_command

from tui.process import error_edge
from tui.process.lazy import HELP_NAMES, Entry, hand_down, lazy_group

atexit.register(gc.freeze)  # Python looks for garbage once more as it ends: for nothing, and a tenth of a short command

COMMANDS = {
    "chat": Entry("tui.commands.chat:chat", "Talk, in the terminal app. `mneme` alone does the same."),
    "ask": Entry("tui.commands.ask:ask", "Say one thing and print the reply."),
    "replay": Entry("tui.commands.replay:replay", "Play scripted conversations and check what they expect."),
    "memory": Entry("tui.commands.memory:app", "See, search, correct, prune and erase what is remembered."),
    "backup": Entry("tui.commands.backup:app", "Keep the whole memory in one file, and bring it back."),
    "conversations": Entry(
        "tui.commands.conversations:app", "List, read, export, rename, branch and delete conversations."
    ),
    "consolidate": Entry(
        "tui.commands.consolidate:consolidate", "Let a local language model take notes on what was said."
    ),
    "undo": Entry("tui.commands.undo:undo", "Take back the last change of the memory, or the last few."),
    "models": Entry("tui.commands.models:app", "The language models that can be used."),
    "config": Entry("tui.commands.config:app", "The settings in force, and where they come from."),
    "serve": Entry("tui.commands.serve:serve", "Let other programs of this machine use the memory."),
    "learn": Entry(
        "tui.commands.learn:learn",
        "Let recall learn from you: from what you marked, cited, pinned and opened.",
    ),
    "bench": Entry("tui.commands.bench:app", "Measure how well recall finds what it should."),
    "help": Entry("tui.commands.help:help_on", "Show a page of the manual; without a topic, list them."),
}

app = typer.Typer(
    cls=lazy_group(COMMANDS),
    rich_markup_mode=None,
    invoke_without_command=True,
    context_settings=HELP_NAMES,
    epilog="Everything stays on this machine. `mneme COMMAND --help` has examples, `mneme help` the manual.",
)


def print_version(wanted: bool) -> None:
    if wanted:
        from tui.manual.version import version

        typer.echo(f"mneme {version()}")
        raise typer.Exit


@app.callback()
def mneme(
    ctx: typer.Context,
    home: Annotated[
        Path | None, typer.Option(metavar="DIR", help="The folder that holds everything. Also: MNEME_HOME.")
    ] = None,
    profile: Annotated[
        str | None, typer.Option(metavar="NAME", help="Whose memory to use. Also: MNEME_PROFILE.")
    ] = None,
    debug: Annotated[bool, typer.Option("--debug", help="Show tracebacks of unexpected errors.")] = False,
    version: Annotated[
        bool, typer.Option("--version", callback=print_version, is_eager=True, help="Print the version.")
    ] = False,
) -> None:
    """A conversational agent that remembers you."""
    del version
    error_edge.configure(debug=debug)
    given = {name: str(value) for name, value in (("home", home), ("profile", profile)) if value is not None}
    ctx.default_map = hand_down(given, ctx.invoked_subcommand or "chat")
    if ctx.invoked_subcommand is None:
        run_chat(ctx)


def run_chat(ctx: typer.Context) -> None:
    chat = ctx.command.get_command(ctx, "chat")  # type: ignore[attr-defined]
    with chat.make_context("chat", [], parent=ctx) as below:
        chat.invoke(below)


def start_quickly() -> None:
    """What imports allocate stays: Python need not look for garbage among it every 700 objects, a fifth of the start
    of the app. And nobody's plugins watch our settings: pydantic would read what every installed package offers."""
    gc.set_threshold(10_000, 20, 100)
    os.environ.setdefault("PYDANTIC_DISABLE_PLUGINS", "__all__")


def main() -> NoReturn:
    """The ``mneme`` command. Whatever it writes is its user's alone."""
    os.umask(0o077)
    start_quickly()
    sys.exit(error_edge.guard(lambda: get_command(app).main(prog_name="mneme")))
