"""Ages and dates as people write them."""

from __future__ import annotations

from datetime import UTC, datetime, timedelta

import pytest
import typer

from tui.commands.parsing import an_age, an_instant


@pytest.mark.parametrize(
    ("words", "days"),
    [
        ("30d", 30),
        ("6w", 42),
        ("2y", 730.5),
        ("3 months", 91.3125),
        ("1 month", 30.4375),
        ("12h", 0.5),
        ("1.5 Y", 547.875),
    ],
)
def test_ages(words: str, days: float) -> None:
    assert an_age(words) == timedelta(days=days)


@pytest.mark.parametrize("words", ["", "30", "d", "-3d", "3 fortnights", "1e9y", "9999999999y", "30d and more"])
def test_what_is_no_age_is_refused(words: str) -> None:
    with pytest.raises(typer.BadParameter):
        an_age(words)


@pytest.mark.parametrize(
    ("words", "instant"),
    [
        ("2026-05-01T09:30+02:00", datetime(2026, 5, 1, 7, 30, tzinfo=UTC)),
        ("2026-05-01T09:30:00Z", datetime(2026, 5, 1, 9, 30, tzinfo=UTC)),
    ],
)
def test_dates(words: str, instant: datetime) -> None:
    assert an_instant(words) == instant


def test_a_date_without_a_zone_is_the_readers() -> None:
    assert an_instant("2026-05-01") == datetime(2026, 5, 1).astimezone(UTC)


def test_a_date_in_words() -> None:
    earlier = datetime.now(UTC) - timedelta(days=21)
    assert abs(an_instant("3 weeks ago") - earlier) < timedelta(days=1)


@pytest.mark.parametrize("words", ["3周前", "vor 3 Wochen", "hace 3 semanas", "3 недели назад", "3週間前"])
def test_a_date_in_other_languages(words: str) -> None:
    assert abs(an_instant(words) - an_instant("3 weeks ago")) < timedelta(minutes=1)


@pytest.mark.parametrize("place", ["sv_SE.UTF-8", "sv"])
def test_a_date_in_the_readers_own_language(place: str, monkeypatch: pytest.MonkeyPatch) -> None:
    for name in ("LC_ALL", "LC_TIME", "LANG"):
        monkeypatch.delenv(name, raising=False)
    with pytest.raises(typer.BadParameter):
        an_instant("3 veckor sedan")
    monkeypatch.setenv("LANG", place)
    assert abs(an_instant("3 veckor sedan") - an_instant("3 weeks ago")) < timedelta(minutes=1)


@pytest.mark.parametrize("place", ["C.UTF-8", "POSIX", "xx_YY"])
def test_a_locale_that_is_no_language_is_passed_over(place: str, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setenv("LC_ALL", place)
    assert an_instant("3 weeks ago")


@pytest.mark.parametrize("words", ["", "qwertz", "2026-13-40"])
def test_what_is_no_date_is_refused(words: str) -> None:
    with pytest.raises(typer.BadParameter):
        an_instant(words)
