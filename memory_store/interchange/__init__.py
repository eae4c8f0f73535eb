"""Memories in and out as files: mneme's own JSONL, LoCoMo, and plain role/content logs. See docs/interchange.md."""

from __future__ import annotations

from memory_store.interchange.exporting import export_file, export_jsonl
from memory_store.interchange.importing import FORMATS, ImportReport, import_file

__all__ = ["FORMATS", "ImportReport", "export_file", "export_jsonl", "import_file"]
