"""What the line above the keys says of the index."""

from __future__ import annotations

import pytest

from memory_store.records import IndexState
from tui.talking.notices import Status
from tui.widgets.status_line import store_texts


@pytest.mark.parametrize(
    ("index", "told"),
    [
        (IndexState(0, True, False), "index up to date"),
        (IndexState(3, True, True), "3 to index"),
        (IndexState(3, False, False, refused=True), "3 wait for the other window"),
        (IndexState(0, True, True, filling=(4000, 9000)), "index built anew, 4,000 of 9,000; search is exact"),
        (IndexState(0, True, False, problem="the disk is full"), "meaning not searched"),
        (IndexState(0, True, False, advice="full-text search has 0 rows"), "something is wrong: mneme memory check"),
    ],
)
def test_the_index_is_told_in_a_few_words(index: IndexState, told: str) -> None:
    assert store_texts(Status(9, 2, index))[0] == f"9 memories · {told}"
