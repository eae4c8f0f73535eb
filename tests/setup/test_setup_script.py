"""scripts/setup.py: what it decides before it installs anything, and what it says when it cannot go on."""

from __future__ import annotations

import importlib
import json
import subprocess
import sys
from pathlib import Path
from typing import Any

import pytest

SCRIPTS = Path(__file__).resolve().parents[2] / "scripts"


@pytest.fixture
def scripts(monkeypatch: pytest.MonkeyPatch) -> Any:
    monkeypatch.syspath_prepend(str(SCRIPTS))
    return importlib.import_module


def a_pip_that_would_take(folder: Path, version: str, needs: list[str]) -> list[str]:
    """Something that answers ``--report -`` as pip does."""
    report = {"install": [{"metadata": {"name": "torch", "version": version, "requires_dist": needs}}]}
    file = folder / "pip.py"
    file.write_text(f"print({json.dumps(report)!r})")
    return [sys.executable, str(file)]


@pytest.mark.parametrize(
    ("version", "needs", "cuda"),
    [
        ("2.13.0", ["filelock", 'nvidia-cublas==13.1.1.3; platform_system == "Linux"', "triton==3.7.1"], True),
        ("2.13.0+cpu", ["filelock", "sympy"], False),
    ],
)
def test_cuda_is_seen_before_it_is_downloaded(
    scripts: Any, tmp_path: Path, version: str, needs: list[str], cuda: bool
) -> None:
    torch = scripts("setup_torch")
    assert torch.pip_would_bring_cuda(a_pip_that_would_take(tmp_path, version, needs)) is cuda


def test_uv_is_handed_the_folders_that_pip_is_told_to_look_in(
    scripts: Any, tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    torch = scripts("setup_torch")
    monkeypatch.delenv("UV_FIND_LINKS", raising=False)
    monkeypatch.setenv("PIP_FIND_LINKS", f"{tmp_path} /no/such/folder")
    assert torch.find_links_environment() == {"UV_FIND_LINKS": str(tmp_path)}
    monkeypatch.setenv("PIP_FIND_LINKS", "/no/such/folder")
    assert torch.find_links_environment() == {}
    monkeypatch.setenv("UV_FIND_LINKS", "/the/users/own")
    assert torch.find_links_environment() == {}


@pytest.mark.parametrize(
    ("said", "advice"),
    [
        ("ERROR: Could not install packages due to an OSError: [Errno 28] No space left on device", "disk is full"),
        ("WARNING: Retrying: Failed to establish ... Temporary failure in name resolution", "could not be reached"),
        ("  cause: dns error", "could not be reached"),
        ("ERROR: No matching distribution found for torch==2.13.0", "no version for this Python"),
        ("Collecting a\nerror: something else entirely", "something else entirely"),
        ("", "without a word"),
    ],
)
def test_a_failed_install_is_told_in_one_line(scripts: Any, said: str, advice: str) -> None:
    line = scripts("setup_running").diagnosis(said.splitlines())
    assert advice in line
    assert "\n" not in line


def test_a_failing_installer_is_refused_with_its_log(scripts: Any, tmp_path: Path) -> None:
    running = scripts("setup_running")
    runner = running.Runner(tmp_path / "setup.log")
    with pytest.raises(running.Refusal, match="disk is full"):
        runner.run("packages", [sys.executable, "-c", "print('No space left on device'); raise SystemExit(1)"])
    assert "No space left" in (tmp_path / "setup.log").read_text()


def test_an_old_python_is_told_so_in_one_line() -> None:
    pretend = "import runpy, sys; sys.version_info = (3, 10, 9); runpy.run_path(sys.argv[1], run_name='__main__')"
    command = [sys.executable, "-c", pretend, str(SCRIPTS / "setup.py")]
    ran = subprocess.run(command, capture_output=True, text=True, check=False)
    assert ran.returncode == 1
    assert ran.stderr.startswith("setup: mneme needs Python 3.11")
    assert ran.stderr.count("\n") == 1


def test_tool_settings_do_not_rebuild_the_environment_but_dependencies_do(
    scripts: Any, tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    setup = scripts("setup")
    project = (
        '[project]\nname = "x"\ndependencies = ["{0}"]\n[dependency-groups]\ndev = []\n[tool.ruff]\nline-length = {1}\n'
    )
    monkeypatch.setattr(setup, "ROOT", tmp_path)
    (tmp_path / "constraints.txt").write_text("a==1\n")

    def fingerprint(needs: str, length: int) -> str:
        (tmp_path / "pyproject.toml").write_text(project.format(needs, length))
        return str(setup.fingerprint())

    assert fingerprint("a", 100) == fingerprint("a", 120)
    assert fingerprint("a", 100) != fingerprint("b", 100)
