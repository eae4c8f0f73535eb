"""Read text with a reader, without a file or a store."""

from __future__ import annotations

import io
import json
from collections.abc import Callable
from typing import Any

import pytest

from memory_store.interchange.entries import Entry, Reader
from memory_store.interchange.source import Source

Read = Callable[..., list[Entry]]


@pytest.fixture
def read() -> Read:
    """``read(reader, content)``: text and bytes as they are, a list of rows as JSON lines, an object as a document."""

    def read_all(reader: Reader, content: Any, *, lines: bool = False) -> list[Entry]:
        if lines:
            content = "".join(json.dumps(row) + "\n" for row in content)
        elif not isinstance(content, (str, bytes)):
            content = json.dumps(content, indent=1)
        raw = content if isinstance(content, bytes) else content.encode("utf-8", "surrogatepass")
        return list(reader(Source("chats/log.json", io.BytesIO(raw))))

    return read_all
