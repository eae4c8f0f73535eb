"""A fixed budget of fuzzing in every run, and what it once found."""

from __future__ import annotations

import os

import pytest
from hypothesis import HealthCheck, given, settings
from hypothesis import strategies as st

from tests.fuzz.targets import TARGETS, seeds_of

EXAMPLES = int(os.environ.get("FUZZ_EXAMPLES", "60"))

TRICKS = [
    b"\0", b"\xff\xfe", b"\xed\xa0\x80", b'"', b"\\ud800", b"{", b"[" * 50, b"]" * 3, b"1e999", b"NaN", b"-0",
    b"9" * 30, b"null", b"\r\n", b"\xe2\x80\xae", b"\x1b]0;x\x07", b"&a *a", b"<<: *a", b"!!python/object:x", b"'" * 3,
    b"#", b"2024-02-30", b"T25:00", "\u2028".encode(), "٣".encode(), "二".encode(), b" ago", b"%s{0}", b"</", b": ",
    b"- ", b"=", b"true",
]  # fmt: skip

FOUND: list[tuple[str, bytes]] = []
"""(target, what it once failed on), kept for good."""


@st.composite
def mangled(draw: st.DrawFn, name: str) -> bytes:
    """A good example with pieces cut out, doubled, and replaced by what breaks parsers; or anything at all."""
    if draw(st.booleans()) and draw(st.booleans()):
        written = st.text(max_size=100).map(lambda text: text.encode("utf-8", "replace"))
        return draw(st.one_of(st.binary(max_size=200), written))
    data = bytearray(draw(st.sampled_from(seeds_of(name))))
    for _ in range(draw(st.integers(1, 6))):
        start = draw(st.integers(0, len(data)))
        end = min(len(data), start + draw(st.integers(0, 12)))
        piece = draw(st.one_of(st.sampled_from(TRICKS), st.binary(max_size=4), st.just(bytes(data[start:end]) * 2)))
        data[start:end] = piece
    return bytes(data)


@pytest.mark.parametrize("name", TARGETS)
def test_it_takes_anything_or_refuses_it_in_a_line(name: str) -> None:
    @settings(
        max_examples=EXAMPLES, deadline=None, derandomize=True, database=None, suppress_health_check=list(HealthCheck)
    )
    @given(mangled(name))
    def run(data: bytes) -> None:
        TARGETS[name](data)

    run()


@pytest.mark.parametrize("name", TARGETS)
def test_the_examples_it_begins_with(name: str) -> None:
    for seed in seeds_of(name):
        TARGETS[name](seed)
        for cut in range(0, len(seed), 7):
            TARGETS[name](seed[:cut])


def test_what_was_found() -> None:
    for name, data in FOUND:
        TARGETS[name](data)
