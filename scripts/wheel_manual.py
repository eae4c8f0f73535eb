"""Called by hatchling while a wheel is built: puts the manual into it.

The pages of ``docs/`` lie in ``tui/manual/pages``, where ``mneme help`` finds them; ``mneme.1`` is made of the
commands' own help and installed into ``share/man/man1``, where pipx links it for ``man``.
"""

from __future__ import annotations

import sys
import tempfile
from pathlib import Path
from typing import Any

from hatchling.builders.hooks.plugin.interface import BuildHookInterface


class WheelManual(BuildHookInterface):
    PLUGIN_NAME = "custom"

    def initialize(self, version: str, build_data: dict[str, Any]) -> None:
        if version == "editable":
            return  # a checkout has its docs/ beside it
        root = Path(self.root)
        sys.path.insert(0, self.root)
        sys.dont_write_bytecode = True
        from tui.manual.pages import found
        from tui.manual.roff import manual_page

        topics = found(root)
        for name, page in topics.items():
            build_data["force_include"][str(page)] = f"tui/manual/pages/{name}.md"
        self.made = tempfile.TemporaryDirectory()
        manual = Path(self.made.name, "mneme.1")
        manual.write_text(manual_page(self.metadata.version, topics), "utf-8")
        build_data["shared_data"][str(manual)] = "share/man/man1/mneme.1"

    def finalize(self, *_: Any) -> None:
        if hasattr(self, "made"):
            self.made.cleanup()
