from __future__ import annotations

import contextlib
from datetime import UTC, datetime, timedelta

import pytest
from hypothesis import given
from hypothesis import strategies as st

from memory_store.interchange.dates import parse_instant, to_iso

EPOCH = datetime(1970, 1, 1, tzinfo=UTC)


@pytest.mark.parametrize(
    ("written", "meant"),
    [
        ("1:56 pm on 8 May, 2023", "2023-05-08T13:56:00Z"),
        ("12:48 am on 1 February, 2023", "2023-02-01T00:48:00Z"),
        ("12:00 PM on 31 Dec, 2022", "2022-12-31T12:00:00Z"),
        ("9:05 a.m. on 3 September 2024", "2024-09-03T09:05:00Z"),
        ("2023-05-08", "2023-05-08T00:00:00Z"),
        ("20230508", "2023-05-08T00:00:00Z"),
        ("2023-05-08 13:56", "2023-05-08T13:56:00Z"),
        ("2023-05-08T13:56:00.25Z", "2023-05-08T13:56:00.250000Z"),
        ("2023-05-08T13:56:00+02:00", "2023-05-08T11:56:00Z"),
        ("  2023-05-08T13:56:00Z\n", "2023-05-08T13:56:00Z"),
        (1683554160, "2023-05-08T13:56:00Z"),
        (1683554160.5, "2023-05-08T13:56:00.500000Z"),
        (1683554160500, "2023-05-08T13:56:00.500000Z"),
        ("1683554160", "2023-05-08T13:56:00Z"),
        ("1683554160500", "2023-05-08T13:56:00.500000Z"),
        (0, "1970-01-01T00:00:00Z"),
        (-86400, "1969-12-31T00:00:00Z"),
    ],
)
def test_reads(written: object, meant: str) -> None:
    assert to_iso(parse_instant(written)) == meant


@pytest.mark.parametrize(
    "written",
    [
        "", "yesterday", "13:56 pm on 8 May, 2023", "1:60 pm on 8 May, 2023", "1:56 pm on 31 June, 2023", "2023-13-01",
        "1:56 pm on 8 Mai, 2023", "0:10 am on 1 May, 2023", "1612010600000000", "12345", "٢٠٢٣-٠٥-٠٨",
        "0001-01-01T00:00:00+14:00", 1e300, float("nan"), float("inf"), 10**400, True, None, [], {},
    ],
)  # fmt: skip
def test_refuses(written: object) -> None:
    with pytest.raises(ValueError, match="date"):
        parse_instant(written)


@given(st.datetimes(timezones=st.just(UTC)))
def test_what_is_written_is_read_back_exactly(instant: datetime) -> None:
    assert parse_instant(to_iso(instant)) == instant


@given(st.integers(-(10**11) + 1, 10**11 - 1))
def test_seconds(seconds: int) -> None:
    try:
        meant = EPOCH + timedelta(seconds=seconds)
    except OverflowError:
        with pytest.raises(ValueError, match="out of range"):
            parse_instant(seconds)
    else:
        assert parse_instant(seconds) == meant


@given(st.text() | st.floats() | st.integers())
def test_nothing_else_escapes(value: object) -> None:
    with contextlib.suppress(ValueError):
        assert parse_instant(value).tzinfo is UTC
