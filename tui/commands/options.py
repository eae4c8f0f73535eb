"""Options that commands share."""

from __future__ import annotations

from pathlib import Path
from typing import Annotated

import typer

Home = Annotated[Path | None, typer.Option("--home", metavar="DIR", help="The folder that holds everything.")]
Profile = Annotated[str | None, typer.Option("--profile", metavar="NAME", help="Whose memory to use.")]
Json = Annotated[bool, typer.Option("--json", help="One JSON document on standard output.")]
Yes = Annotated[bool, typer.Option("--yes", "-y", help="Do it without asking.")]
MemoryId = Annotated[str, typer.Argument(metavar="ID", help="A memory's id, or the beginning of it.")]
MemoryIds = Annotated[list[str], typer.Argument(metavar="ID...", help="Memory ids, or the beginnings of them.")]
ConversationId = Annotated[str, typer.Argument(metavar="ID", help="A conversation's id, or the beginning of it.")]
Limit = Annotated[int, typer.Option("--limit", "-n", metavar="N", min=1, max=100_000, help="At most this many.")]
