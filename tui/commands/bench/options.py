"""Options that both benchmarks share."""

from __future__ import annotations

from pathlib import Path
from typing import Annotated

import typer

Budget = Annotated[bool, typer.Option("--budget", help="Also: evidence within 250 to 2000 tokens.")]
NoTerms = Annotated[bool, typer.Option("--no-terms", help="Do not switch the score's terms off in turn.")]
Plot = Annotated[Path | None, typer.Option("--plot", metavar="FILE", help="Draw recall against k, as a PNG.")]
Seed = Annotated[int, typer.Option("--seed", metavar="N", min=0, max=2**63 - 1, help="For what is drawn by lot.")]
