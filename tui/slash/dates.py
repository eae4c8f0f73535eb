"""The day of ``/as-of``."""

from __future__ import annotations

from datetime import datetime

from memory_store.errors import InvalidInput


def day(words: str) -> datetime | None:
    """A date as the command line takes it; ``now`` is None. Raises InvalidInput."""
    if words.strip().lower() in ("now", "today", "off"):
        return None
    from typer import BadParameter

    from tui.commands.parsing import an_instant

    try:
        return an_instant(words)
    except BadParameter as error:
        raise InvalidInput(f"{error.message[:1].upper()}{error.message[1:]}; or: now.") from None
