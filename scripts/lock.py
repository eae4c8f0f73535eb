"""Write constraints.txt: one tested version of every package, for every platform, and nothing else.

Needs uv. Locked versions stay unless ``--upgrade`` is given. docs/adr/0005 says why this is not uv.lock
"""

from __future__ import annotations

import os
import re
import subprocess
import sys
from pathlib import Path

ROOT = Path(__file__).resolve().parent.parent
LOCK = ROOT / "constraints.txt"
HEADER = """\
# One tested version of every package, test tools included. Written by `make lock`; not edited by hand.
# What torch needs for CUDA is left out: torch itself pins it, and machines without a GPU do not want it.
"""
FOR_CUDA = re.compile(r"^(nvidia|cuda|triton)\b")
LINE = re.compile(r"^[a-z0-9.-]+==[A-Za-z0-9.!-]+( ; .+)?$")


def main() -> None:
    compiled = subprocess.run(command(), capture_output=True, text=True, check=False, cwd=ROOT, env=environment())
    if compiled.returncode:
        sys.exit(f"lock: {compiled.stderr.strip()}")
    lines = [line for line in LOCK.read_text("utf-8").splitlines() if line and not FOR_CUDA.match(line)]
    strange = [line for line in lines if not (line.startswith("#") or LINE.match(line))]
    if strange:
        sys.exit(f"lock: more than a name and a version: {strange[0]}")
    pins = [line for line in lines if not line.startswith("#")]
    LOCK.write_text(HEADER + "\n".join(pins) + "\n", "utf-8")
    print(f"lock: {len(pins)} packages in {LOCK.name}", file=sys.stderr)


def command() -> list[str]:
    return [
        *("uv", "pip", "compile", "--quiet", "--universal", "--python-version", "3.11", "--group", "dev"),
        *("--no-header", "--no-annotate", "--output-file", LOCK.name, *sys.argv[1:], "pyproject.toml"),
    ]


def environment() -> dict[str, str]:
    """This machine's own sources of wheels must not show in a file that is for every machine."""
    return {name: value for name, value in os.environ.items() if name not in {"UV_FIND_LINKS", "UV_TORCH_BACKEND"}}


if __name__ == "__main__":
    main()
