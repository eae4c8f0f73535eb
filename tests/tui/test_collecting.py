"""Garbage is looked for when nobody waits."""

from __future__ import annotations

import gc
import platform
from collections.abc import Iterator
from pathlib import Path

import pytest

from tui.process.collecting import FEW, MOST, PAUSE_S, QUIET_S, Collector


@pytest.fixture
def gc_as_it_was() -> Iterator[None]:
    before = gc.get_threshold()
    yield
    gc.set_threshold(*before)
    gc.unfreeze()


class Clock:
    now = 100.0

    def __call__(self) -> float:
        return self.now


def grown(times: int = 1) -> None:
    """So many looks at the middle generation lie behind."""
    for _ in range(times):
        gc.collect(1)


def test_it_waits_until_nobody_types_and_nothing_is_said(gc_as_it_was: None) -> None:
    clock = Clock()
    collector = Collector(clock)
    collector.begin()
    gc.collect()
    grown()
    clock.now += QUIET_S + 1
    collector.touched()
    assert not collector.look(busy=False)
    clock.now += QUIET_S + 1
    assert not collector.look(busy=True)
    clock.now += QUIET_S + 1
    assert collector.look(busy=False)
    assert not collector.look(busy=False), "there was nothing new to look at"


def test_what_never_ends_does_not_grow_for_ever(gc_as_it_was: None) -> None:
    collector = Collector(Clock())
    collector.begin()
    gc.collect()
    grown(MOST - 1)
    assert not collector.look(busy=True)
    grown()
    assert collector.look(busy=True)


def test_until_it_is_begun_the_collector_is_pythons_own(gc_as_it_was: None) -> None:
    before = gc.get_threshold()
    grown(MOST)
    assert not Collector(Clock()).look(busy=False)
    assert gc.get_threshold() == before


def test_the_end_of_a_reply_is_a_good_time_unless_somebody_types(gc_as_it_was: None) -> None:
    clock = Clock()
    collector = Collector(clock)
    collector.begin()
    gc.collect()
    grown(FEW)
    collector.touched()
    collector.over()
    assert gc.get_count()[2] >= FEW
    clock.now += PAUSE_S
    collector.over()
    assert gc.get_count()[2] == 0


@pytest.mark.skipif(platform.libc_ver()[0] != "glibc", reason="others give back by themselves, or never")
def test_what_is_let_go_of_goes_back_to_the_system(gc_as_it_was: None) -> None:
    def resident_mb() -> float:
        lines = Path("/proc/self/status").read_text("ascii").splitlines()
        return next(int(line.split()[1]) for line in lines if line.startswith("VmRSS")) / 1024

    clock = Clock()
    collector = Collector(clock)
    collector.begin()
    words = [bytes(1_000) for _ in range(100_000)]
    kept = [bytes(1_000) for _ in range(1_000)]  # what lies below a block in use stays
    held = resident_mb()
    del words
    assert held - resident_mb() < 50
    grown()
    clock.now += QUIET_S + 1
    assert collector.look(busy=False)
    assert held - resident_mb() > 50
    assert kept
