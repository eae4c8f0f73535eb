"""The examples in docs/interchange.md are what the code reads and writes."""

from __future__ import annotations

import io
import re
from pathlib import Path

from memory_store.interchange import export_jsonl, import_file
from memory_store.interchange.importing import ImportReport
from memory_store.store import MemoryStore

PAGE = Path(__file__).parents[2] / "docs" / "interchange.md"


def imported(store: MemoryStore, folder: Path, number: int) -> tuple[str, ImportReport]:
    """The page's example ``number``, and what became of it."""
    example = re.findall(r"```jsonl\n(.*?)```", PAGE.read_text(encoding="utf-8"), re.DOTALL)[number]
    (folder / "example.jsonl").write_text(example, encoding="utf-8")
    return example, import_file(store, folder / "example.jsonl")


def test_the_example_of_our_format_comes_out_as_it_went_in(tmp_path: Path) -> None:
    with MemoryStore.open(tmp_path / "store", indexing="off") as store:
        example, report = imported(store, tmp_path, 0)
        assert (report.format, report.turns_new, report.notes) == ("mneme", 2, ("With them came 1 search.",))
        stream = io.StringIO()
        export_jsonl(store, stream, forgotten=True)
        assert stream.getvalue() == example


def test_the_example_of_a_log(tmp_path: Path) -> None:
    with MemoryStore.open(tmp_path / "store", indexing="off") as store:
        _, report = imported(store, tmp_path, 1)
        assert (report.format, report.turns_new) == ("openai-messages", 2)
        assert {turn.text for turn in store.memories()} == {"My cat is called Miso.", "A fine name."}
