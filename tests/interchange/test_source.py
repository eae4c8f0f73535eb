from __future__ import annotations

import io
import json
import os
import threading
from pathlib import Path
from typing import Any

import pytest
from hypothesis import given
from hypothesis import strategies as st

from memory_store.errors import ImportFailed
from memory_store.interchange import source as source_module
from memory_store.interchange import streaming
from memory_store.interchange.detecting import choose
from memory_store.interchange.exports import whatsapp
from memory_store.interchange.source import Source, line_of, opened

json_values = st.recursive(
    st.none() | st.booleans() | st.integers() | st.text(max_size=5),
    lambda inner: st.lists(inner, max_size=4) | st.dictionaries(st.text(max_size=4), inner, max_size=4),
    max_leaves=25,
)


def source(raw: bytes) -> Source:
    return Source("file.jsonl", io.BytesIO(raw))


def test_lines_without_mark_endings_and_blanks() -> None:
    assert list(source(b"\xef\xbb\xbfone\r\n\n  \ntwo \nthree").lines()) == [(1, "one"), (4, "two "), (5, "three")]


def test_can_be_read_again() -> None:
    file = source("é\n".encode())
    assert list(file.lines()) == list(file.lines()) == [(1, "é")]
    assert file.text() == file.text() == "é\n"


@pytest.mark.parametrize(
    ("raw", "line", "problem"),
    [
        (b'1\n"\xff"\n', 2, "not UTF-8"),
        (b"\xff\xfe{\x00", 1, "not UTF-8"),
        (b"1\n{\n", 2, "not valid JSON"),
        (b"1\n\nNaN\n", 3, "NaN is not JSON"),
        (b"[" * 100_000, 1, "nested too deeply"),
        (b"1" * 5000, 1, "not valid JSON"),
    ],
)
def test_names_the_line_at_fault(raw: bytes, line: int, problem: str) -> None:
    with pytest.raises(ImportFailed, match=problem) as failure:
        list(source(raw).values())
    assert failure.value.line == line
    assert str(failure.value).startswith(f"file.jsonl, line {line}: ")


def test_names_the_line_in_a_document() -> None:
    with pytest.raises(ImportFailed, match="column 6") as failure:
        source(b"").decode('[\n1,\n{"a" 2}]')
    assert failure.value.line == 3
    with pytest.raises(ImportFailed, match="not UTF-8") as failure:
        source(b"\n\n\xff").text()
    assert failure.value.line == 3


def paths(value: Any, path: tuple[str | int, ...] = ()) -> list[tuple[tuple[str | int, ...], Any]]:
    found = [(path, value)]
    items = value.items() if isinstance(value, dict) else enumerate(value) if isinstance(value, list) else ()
    for step, inner in items:
        found += paths(inner, (*path, step))
    return found


@given(json_values, st.integers(0, 3))
def test_finds_the_line_of_every_value(value: Any, indent: int) -> None:
    words = "\n" + json.dumps(value, indent=indent)
    lines = words.splitlines()
    for path, inner in paths(value):
        found = lines[line_of(words, path) - 1]
        begins = {dict: "{", list: "["}.get(type(inner)) or json.dumps(inner)
        assert begins in found
        if path and isinstance(path[-1], str):
            assert found.lstrip().startswith(json.dumps(path[-1]))


def test_a_path_that_leads_nowhere_stops_at_the_last_step() -> None:
    words = '{\n"a": [\n1,\n2]}'
    assert line_of(words, ("a", 1)) == 4
    assert line_of(words, ("a", 7)) == line_of(words, ("a", "x")) == 2
    assert line_of(words, ("b", 0)) == line_of(words, (0,)) == 1


def test_reads_a_pipe_twice(tmp_path: Path) -> None:
    pipe = tmp_path / "pipe"
    os.mkfifo(pipe)
    writer = threading.Thread(target=pipe.write_bytes, args=(b"1\n2\n",))
    writer.start()
    with opened(pipe) as file:
        assert list(file.values()) == list(file.values()) == [(1, 1), (2, 2)]
    writer.join()


@pytest.mark.parametrize("name", ["absent.jsonl", "."])
def test_a_file_that_cannot_be_opened(tmp_path: Path, name: str) -> None:
    with pytest.raises(ImportFailed, match=r"cannot be read \("), opened(tmp_path / name):
        pass


@pytest.mark.parametrize(
    ("content", "problem"),
    [
        (
            '{"role": "user", "content": "Hi"}\n{"role": "user", "content": "' + "x" * 3000 + '"}\n',
            r"line 2: a line of",
        ),
        ('{\n "messages": [{"role": "user", "content": "' + "x" * 3000 + '"}]}', r"a document of .* JSON Lines"),
        ('[\n{"id": "' + "x" * 900_000 + '"}]', r"a document of|element 1: a conversation of"),
        ("\0" * 4000, "not UTF-8 text"),
        ("[24/12/2024, 21:05:09] Ana: " + "x\n" * 5000, "a chat of more than"),
    ],
)
def test_a_piece_that_memory_need_not_hold(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch, content: str, problem: str
) -> None:
    """A file may be larger than memory; a line, a document, one conversation of many may not."""
    for module in (source_module, streaming):
        monkeypatch.setattr(module, "LARGEST_PIECE", 2000)
    monkeypatch.setattr(whatsapp, "MOST_BYTES", 2000)
    file = tmp_path / "large.json"
    file.write_text(content)
    with opened(file) as source, pytest.raises(ImportFailed, match=problem):
        list(choose(source, None)[1](source))
