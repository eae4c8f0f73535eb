"""Install a wheel as a user would, and use it from an empty home.

.venv/bin/python scripts/try_wheel.py dist/mneme-*.whl             in an environment that borrows this one's packages
.venv/bin/python scripts/try_wheel.py --command ~/.local/bin/mneme    one that is installed already: by pipx, by uv

Exit code 1, with what was printed, when something is not as it should be. CI runs it.
"""

from __future__ import annotations

import argparse
import os
import subprocess
import sys
import sysconfig
import tempfile
import venv
import zipfile
from pathlib import Path

ROOT = Path(__file__).resolve().parents[1]
PACKAGES = ("agent", "memory_store", "tui")


def main() -> None:
    parser = argparse.ArgumentParser(description=__doc__, formatter_class=argparse.RawDescriptionHelpFormatter)
    parser.add_argument("wheel", type=Path, nargs="?")
    parser.add_argument("--command", type=Path, help="a mneme that is installed already")
    given = parser.parse_args()
    with tempfile.TemporaryDirectory() as scratch:
        if given.command:
            use(given.command.absolute(), Path(scratch))
        elif given.wheel:
            look_into(given.wheel)
            use(installed(given.wheel, Path(scratch, "venv")), Path(scratch))
        else:
            parser.error("name a wheel, or a --command")
    print("try_wheel: all well")


def look_into(wheel: Path) -> None:
    """Everything that is not Python is in it, and nothing that is for those who work on mneme."""
    names = set(zipfile.ZipFile(wheel).namelist())
    lacking = {str(file.relative_to(ROOT)) for file in data_files()} - names
    expect(not lacking, f"the wheel lacks {sorted(lacking)}")
    roots = {name.split("/")[0] for name in names if ".dist-info/" not in name and ".data/" not in name}
    expect(roots == set(PACKAGES), f"the wheel holds more than the packages: {sorted(roots)}")
    expect(not any("/test_" in name or "__pycache__" in name for name in names), "the wheel holds tests or caches")


def data_files() -> list[Path]:
    found = [path for name in PACKAGES for path in (ROOT / name).rglob("*") if path.is_file()]
    return [path for path in found if path.suffix not in {".pyc"} and "__pycache__" not in path.parts]


def installed(wheel: Path, place: Path) -> Path:
    """``mneme`` in an environment that has nothing of its own but the wheel; the rest comes from this one."""
    venv.create(place, with_pip=False, symlinks=True)
    python = place / "bin" / "python"
    borrowed = sysconfig.get_path("purelib")
    own = subprocess.run(
        [python, "-c", "import sysconfig; print(sysconfig.get_path('purelib'))"],
        capture_output=True,
        text=True,
        check=True,
    )
    Path(own.stdout.strip(), "borrowed.pth").write_text(borrowed + "\n", "utf-8")
    pip = [sys.executable, "-m", "pip", "--python", str(python), "--disable-pip-version-check"]
    subprocess.run([*pip, "install", "--quiet", "--no-deps", "--ignore-installed", str(wheel)], check=True)
    where = subprocess.run(
        [python, "-c", "import tui; print(tui.__file__)"], capture_output=True, text=True, check=True, cwd=place
    )
    expect(str(place) in where.stdout, f"tui comes from {where.stdout}")
    manual = place / "share" / "man" / "man1" / "mneme.1"
    expect(manual.is_file() and manual.read_text("utf-8").startswith(".TH MNEME 1"), "no manual page is installed")
    return place / "bin" / "mneme"


def use(mneme: Path, scratch: Path) -> None:
    home = scratch / "home"
    home.mkdir()

    def run(*arguments: str, said: str = "", **variables: str) -> str:
        kept = {name: value for name, value in os.environ.items() if not name.startswith(("MNEME_", "XDG_", "PYTHON"))}
        ran = subprocess.run(
            [str(mneme), *arguments],
            input=said,
            capture_output=True,
            text=True,
            check=False,
            timeout=300,
            cwd=scratch,
            env=kept | {"HOME": str(home)} | variables,
        )
        shown = f"mneme {' '.join(arguments)}"
        expect(ran.returncode == 0, f"{shown}: exit code {ran.returncode}\n{ran.stdout}{ran.stderr}")
        print(f"try_wheel: {shown}")
        return ran.stdout

    expect(run("--version").startswith("mneme "), "--version prints no version")
    expect("Commands:" in run("--help"), "--help lists no commands")
    run("memory", "list")
    run("ask", "My cat is called Miso.")
    expect("Miso" in run("ask", "What is my cat called?"), "it does not remember")
    expect("Miso" in run("memory", "list"), "it lists no memory")
    expect('"ok": true' in run("memory", "check", "--json"), "its stores are not in step")
    expect("Agent:" in run("chat", "--plain", said="Good evening.\n/quit\n"), "it does not talk")
    topics = {line.split()[0] for line in run("help").splitlines()[1:]}
    expect(topics >= {page.stem for page in (ROOT / "docs").glob("*.md")}, f"pages are missing: {topics}")
    expect("How recall works" in run("help", "recall"), "a page cannot be read")
    expect(run("help", "--man").startswith(".TH MNEME 1"), "no manual page is made")
    for shell in ("bash", "zsh", "fish"):
        expect("mneme" in run(_MNEME_COMPLETE=f"source_{shell}"), f"there is no completion for {shell}")


def expect(what: bool, otherwise: str) -> None:
    if not what:
        sys.exit(f"try_wheel: {otherwise}")


if __name__ == "__main__":
    main()
