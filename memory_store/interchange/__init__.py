"""Memories in and out as files: mneme's own JSONL, LoCoMo, and plain role/content logs. See docs/interchange.md."""

from __future__ import annotations

from importlib import import_module
from typing import TYPE_CHECKING, Any

if TYPE_CHECKING:
    from memory_store.interchange.detecting import FORMATS
    from memory_store.interchange.exporting import export_file, export_jsonl
    from memory_store.interchange.files.importing import FilesReport, files_in, import_files
    from memory_store.interchange.importing import ImportReport, import_file

__all__ = [
    "FORMATS",
    "FilesReport",
    "ImportReport",
    "export_file",
    "export_jsonl",
    "files_in",
    "import_file",
    "import_files",
]

# On demand: whoever only wants to write a date (interchange.dates) need not load readers, writers and tables.
_HOMES = {"export_file": "exporting", "export_jsonl": "exporting", "FORMATS": "detecting"}
_HOMES |= {"FilesReport": "files.importing", "files_in": "files.importing", "import_files": "files.importing"}


def __getattr__(name: str) -> Any:
    if name not in __all__:
        raise AttributeError(name)
    return getattr(import_module(f"{__name__}.{_HOMES.get(name, 'importing')}"), name)
