"""Options and arguments that commands share."""

from __future__ import annotations

from datetime import datetime
from pathlib import Path
from typing import Annotated

import typer

from tui.commands.parsing import an_instant

Home = Annotated[Path | None, typer.Option("--home", metavar="DIR", help="The folder that holds everything.")]
Profile = Annotated[str | None, typer.Option("--profile", metavar="NAME", help="Whose memory to use.")]
Json = Annotated[bool, typer.Option("--json", help="One JSON document on standard output.")]
Yes = Annotated[bool, typer.Option("--yes", "-y", help="Do it without asking.")]
Limit = Annotated[int, typer.Option("--limit", "-n", metavar="N", min=1, max=100_000, help="At most this many.")]
After = Annotated[datetime | None, typer.Option(parser=an_instant, metavar="DATE", help="Said at or after this.")]
Before = Annotated[datetime | None, typer.Option(parser=an_instant, metavar="DATE", help="Said before this.")]
AsOf = Annotated[
    datetime | None,
    typer.Option("--as-of", parser=an_instant, metavar="DATE", help="Recall what was known by then, as worded then."),
]

Written = Annotated[
    Path | None,
    typer.Argument(
        metavar="[FILE]",
        help='Where to; without, or "-": standard output.',
        parser=lambda file: None if file == "-" else Path(file),
    ),
]

MemoryId = Annotated[str, typer.Argument(metavar="ID", help="A memory's id, or its beginning.", show_default=False)]
MemoryIds = Annotated[
    list[str], typer.Argument(metavar="ID...", help="Memories' ids, or their beginnings.", show_default=False)
]
ConversationId = Annotated[
    str, typer.Argument(metavar="ID", help="A conversation's id, or its beginning.", show_default=False)
]
