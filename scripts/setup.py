"""Build ``.venv`` in this checkout, once: what `make chat` and `make test` begin with.

Needs a Python 3.11 or newer with venv, and nothing else; uses `uv` where it is present. Run again, it does nothing
unless pyproject.toml's dependencies or constraints.txt have changed. docs/adr/0005 says why it is like this.

    python3 scripts/setup.py            what the app needs
    python3 scripts/setup.py --dev      and what the tests need
"""

from __future__ import annotations

import sys

if sys.version_info < (3, 11):  # noqa: UP036  said before anything that an older Python cannot even read
    sys.exit(
        "setup: mneme needs Python 3.11 or newer; this is "
        + sys.version.split()[0]
        + ". Name another one: make chat PYTHON=python3.12"
    )

import argparse
import hashlib
import json
import shutil
import subprocess
import tomllib
from pathlib import Path
from typing import Any

sys.path.insert(0, str(Path(__file__).resolve().parent))
from setup_running import Refusal, Runner
from setup_torch import cpu_only, find_links_environment, pip_would_bring_cuda, uv_would_bring_cuda

ROOT = Path(__file__).resolve().parent.parent
VENV = ROOT / ".venv"
STAMP = VENV / "mneme-setup.json"
LOG = VENV / "setup.log"
ANY_TORCH = (
    " Where torch's CPU builds cannot be had, MNEME_TORCH=any takes the package index's own, several GB of CUDA."
)
NEEDED = 3_500_000_000
"""Bytes of disk: what is installed, and room to unpack the largest wheel."""


def main() -> None:
    parser = argparse.ArgumentParser(description=__doc__, formatter_class=argparse.RawDescriptionHelpFormatter)
    parser.add_argument("--dev", action="store_true", help="with the tools that the tests need")
    dev: bool = parser.parse_args().dev
    try:
        if not is_current(dev):
            build(dev)
        compile_sources()
    except Refusal as refusal:
        sys.exit(f"setup: {refusal}")
    except KeyboardInterrupt:
        sys.exit("setup: stopped. Run it again to go on.")


def fingerprint() -> str:
    """What decides which packages are installed. Settings of tools, in the same file, do not."""
    project = tomllib.loads((ROOT / "pyproject.toml").read_text("utf-8"))
    parts = [project["project"], project["dependency-groups"], (ROOT / "constraints.txt").read_text("utf-8")]
    return hashlib.sha256(json.dumps(parts, sort_keys=True).encode()).hexdigest()


def is_current(dev: bool) -> bool:
    made = stamp()
    fits = made.get("fingerprint") == fingerprint() and made.get("root") == str(ROOT)
    return bool(fits and made.get("dev", False) >= dev and runs(python()))


def stamp() -> dict[str, Any]:
    """What was built last, and where: an environment does not survive being moved."""
    try:
        return dict(json.loads(STAMP.read_text("utf-8")))
    except (OSError, ValueError):
        return {}


def build(dev: bool) -> None:
    free = shutil.disk_usage(ROOT).free
    if free < NEEDED and not STAMP.exists():
        raise Refusal(f"about {NEEDED / 1e9:.1f} GB of disk are needed; {free / 1e9:.1f} GB are free at {ROOT}")
    what = "bringing .venv up to date" if STAMP.exists() else "building .venv (once; a few minutes, mostly for torch)"
    print(f"setup: {what}", file=sys.stderr)
    uv = shutil.which("uv")
    create(uv)
    dev = dev or bool(stamp().get("dev"))
    STAMP.unlink(missing_ok=True)
    runner = Runner(LOG)
    install = install_with_uv if uv else install_with_pip
    install(runner, dev, uv or "")
    STAMP.write_text(json.dumps({"fingerprint": fingerprint(), "root": str(ROOT), "dev": dev}), "utf-8")
    print("setup: done. The command is .venv/bin/mneme", file=sys.stderr)


def create(uv: str | None) -> None:
    """The environment, unless there is one that runs."""
    if runs(python()) and stamp().get("root", str(ROOT)) == str(ROOT):
        return
    print(f"setup: Python {sys.version.split()[0]}, {'uv' if uv else 'pip'}", file=sys.stderr)
    command = [uv, "venv", "--quiet", "--clear", "--python", sys.executable, str(VENV)] if uv else None
    made = subprocess.run(
        command or [sys.executable, "-m", "venv", "--clear", str(VENV)], capture_output=True, text=True, check=False
    )
    if made.returncode:
        said = (made.stderr + made.stdout).strip()
        if "ensurepip" in said or "No module named venv" in said:
            raise Refusal("this Python has no venv module. On Debian and Ubuntu: apt install python3-venv")
        raise Refusal(f"no environment could be made at {VENV}: {said.splitlines()[-1] if said else 'no reason given'}")


def install_with_pip(runner: Runner, dev: bool, _: str) -> None:
    pip = [str(python()), "-m", "pip", "--disable-pip-version-check"]
    pinned = ["-c", str(ROOT / "constraints.txt")]
    runner.run("pip", [*pip, "install", "--upgrade", "pip>=25.1"])  # the first that knows dependency groups
    if cpu_only() and pip_would_bring_cuda([*pip, "install", *pinned]):
        # Only uv knows where torch's own CPU builds are, so that this project need not.
        runner.run("uv, for torch's CPU build", [*pip, "install", "uv"])
        uv = [str(python().parent / "uv"), "pip", "install", "--python", str(python()), "--compile-bytecode"]
        runner.run("torch, CPU build", [*uv, *pinned, "--torch-backend", "cpu", "torch"], otherwise=ANY_TORCH)
    groups = ["--group", f"{ROOT / 'pyproject.toml'}:dev"] if dev else []
    runner.run("packages", [*pip, "install", "--compile", *pinned, "-e", str(ROOT), *groups])


def install_with_uv(runner: Runner, dev: bool, uv: str) -> None:
    pinned = ["--python", str(python()), "-c", str(ROOT / "constraints.txt")]
    groups = ["--group", f"{ROOT / 'pyproject.toml'}:dev"] if dev else []
    environment = find_links_environment()
    backend = []
    if cpu_only() and uv_would_bring_cuda([uv, "pip", "install", *pinned], environment):
        backend = ["--torch-backend", "cpu"]
    command = [uv, "pip", "install", *pinned, *backend, "--compile-bytecode", "-e", str(ROOT), *groups]
    runner.run("packages", command, environment, otherwise=ANY_TORCH if backend else "")


def compile_sources() -> None:
    """Python's own cache of our modules, which an environment may have switched off: start-up is felt."""
    sources = [str(ROOT / package) for package in ("agent", "memory_store", "tui")]
    subprocess.run([str(python()), "-m", "compileall", "-q", *sources], check=False, capture_output=True)


def python() -> Path:
    return VENV / ("Scripts/python.exe" if sys.platform == "win32" else "bin/python")


def runs(interpreter: Path) -> bool:
    """Whether the environment's Python starts, and is new enough: one that was moved or upgraded away does not."""
    if not interpreter.exists():
        return False
    check = "import sys; sys.exit(sys.version_info < (3, 11))"
    return subprocess.run([str(interpreter), "-c", check], capture_output=True, check=False).returncode == 0


if __name__ == "__main__":
    main()
