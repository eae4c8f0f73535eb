"""Whatever an export holds: it is read, or refused in words of ours. Never an error from below."""

from __future__ import annotations

import io
import json
from collections.abc import Callable
from copy import deepcopy
from typing import Any

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from memory_store.errors import ImportFailed
from memory_store.interchange.detecting import choose
from memory_store.interchange.entries import Reader
from memory_store.interchange.exports.chatgpt import read_chatgpt
from memory_store.interchange.exports.claude import read_claude
from memory_store.interchange.exports.sharegpt import read_sharegpt
from memory_store.interchange.exports.whatsapp import read_whatsapp
from memory_store.interchange.source import Source
from memory_store.records import NewTurn
from tests.interchange.exports import making

LEAVES = st.none() | st.booleans() | st.integers() | st.floats() | st.text(max_size=5)
ODD = st.recursive(
    LEAVES, lambda deeper: st.lists(deeper, max_size=2) | st.dictionaries(st.text(max_size=3), deeper, max_size=2)
)


def places(value: Any, path: tuple[Any, ...] = ()) -> list[tuple[Any, ...]]:
    inner = value.items() if isinstance(value, dict) else enumerate(value) if isinstance(value, list) else ()
    return [path, *(found for key, item in inner for found in places(item, (*path, key)))]


def put(value: Any, path: tuple[Any, ...], odd: Any) -> Any:
    if not path:
        return odd
    changed = deepcopy(value)
    at = changed
    for key in path[:-1]:
        at = at[key]
    at[path[-1]] = odd
    return changed


def read(reader: Reader, raw: bytes) -> None:
    try:
        found = list(reader(Source("export.json", io.BytesIO(raw))))
    except ImportFailed:
        return
    assert all(turn.text.strip() for turn in found if isinstance(turn, NewTurn))


@pytest.mark.parametrize(
    ("make", "reader"),
    [(making.chatgpt, read_chatgpt), (making.claude, read_claude), (making.sharegpt, read_sharegpt)],
)
@settings(max_examples=60, deadline=None)
@given(data=st.data())
def test_anything_anywhere_in_an_export(make: Callable[[], Any], reader: Reader, data: st.DataObject) -> None:
    export = make()
    for _ in range(data.draw(st.integers(1, 3))):
        export = put(export, data.draw(st.sampled_from(places(export))), data.draw(ODD))
    read(reader, json.dumps(export).encode("utf-8", "surrogatepass"))


@settings(max_examples=60, deadline=None)
@given(
    st.lists(
        st.sampled_from([*making.WHATSAPP_PHONE.splitlines(), "99/99/99, 25:61 - A: b", "[1.1.1, 1:1] : x"]) | st.text()
    )
)
def test_any_lines_of_a_chat(lines: list[str]) -> None:
    read(read_whatsapp, "\n".join(lines).encode("utf-8", "surrogatepass"))


@settings(max_examples=100, deadline=None)
@given(st.binary() | st.binary().map(lambda rest: b"PK\x03\x04" + rest) | st.binary().map(lambda rest: b"[{" + rest))
def test_any_bytes(raw: bytes) -> None:
    source = Source("export.json", io.BytesIO(raw))
    try:
        _, reader = choose(source, None)
    except ImportFailed:
        return
    read(reader, raw)
