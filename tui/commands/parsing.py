"""Ages and dates, as people write them on a command line."""

from __future__ import annotations

import os
import re
from datetime import UTC, datetime, timedelta

import typer

DAYS = {"h": 1 / 24, "d": 1.0, "w": 7.0, "m": 30.4375, "y": 365.25}
AGE = re.compile(r"(\d+(?:\.\d+)?)\s*(h|hours?|d|days?|w|weeks?|m|mo|months?|y|years?)", re.IGNORECASE)

LANGUAGES = ("en", "zh", "zh-Hant", "es", "fr", "de", "pt", "it", "nl", "pl", "ru", "uk", "tr", "ja", "ko")
"""Those that a date may be in beside the reader's own. To read in each of the 205 that are known, before saying that a
word is no date, took over a second."""


def an_age(words: str) -> timedelta:
    """``30d``, ``6w``, ``2y``, ``3 months``. A month is 30.44 days, a year 365.25."""
    found = AGE.fullmatch(words.strip())
    if not found:
        raise typer.BadParameter("an age is a number and a unit: 30d, 6w, 3 months, 2y")
    try:
        return timedelta(days=float(found[1]) * DAYS[found[2][0].lower()])
    except OverflowError:
        raise typer.BadParameter("no memory is that old") from None


def an_instant(words: str) -> datetime:
    """``2026-05-01``, ``2026-05-01T09:30+02:00``, ``3 weeks ago``, ``3周前``. Without a zone, the reader's own."""
    try:
        return datetime.fromisoformat(words.strip()).astimezone(UTC)
    except (ValueError, OverflowError):
        pass
    from dateparser import parse

    found: datetime | None = parse(words, languages=_languages(), settings={"RETURN_AS_TIMEZONE_AWARE": True})
    if found is None:
        raise typer.BadParameter("a date is like 2026-05-01, 2026-05-01T09:30, or 3 weeks ago")
    return found.astimezone(UTC)


def _languages() -> list[str]:
    from dateparser.data.languages_info import language_order

    named = next(filter(None, map(os.environ.get, ("LC_ALL", "LC_TIME", "LANG"))), "")
    own = re.split(r"[_.@]", named)[0].lower()
    return [*LANGUAGES, own] if own in language_order and own not in LANGUAGES else list(LANGUAGES)
