"""A process to be killed in the middle of a conversion: python -m tests.encryption.converting_victim FOLDER TASK STEP.

``STEP`` names a step of the conversion, or MODULE:FUNCTION:before|after of the package that does it.
"""

from __future__ import annotations

import os
import signal
import sys
from importlib import import_module
from pathlib import Path
from typing import Any

from memory_store.encryption import converting
from tests.encryption.making import NEW, OLD


def die(*_: Any, **__: Any) -> None:
    os.kill(os.getpid(), signal.SIGKILL)


def kill_at(place: str) -> None:
    module, name, when = place.split(":")
    holder = import_module(f"memory_store.encryption.{module}")
    real = getattr(holder, name)

    def deadly(*given: Any, **named: Any) -> Any:
        if when == "after":
            real(*given, **named)
        die()

    setattr(holder, name, deadly)


def main() -> None:
    folder, task, step = sys.argv[1:]
    if ":" in step:
        kill_at(step)
    reached = lambda name: die() if name == step else None  # noqa: E731
    if task == "encrypt":
        converting.encrypt(Path(folder), OLD, reached=reached)
    elif task == "decrypt":
        converting.decrypt(Path(folder), OLD, reached=reached)
    else:
        converting.change_passphrase(Path(folder), OLD, NEW, reached=reached)


if __name__ == "__main__":
    main()
