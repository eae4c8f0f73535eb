"""Which build of torch an installer would take, asked before anything is downloaded.

On Linux the registry's build of torch brings several gigabytes of CUDA packages. Without an NVIDIA GPU they are
useless, so the CPU build is taken: the one that the machine's own pip configuration offers, or else the one that uv
finds by ``--torch-backend cpu``.
"""

from __future__ import annotations

import json
import os
import re
import shutil
import subprocess
import sys
from pathlib import Path

CUDA = re.compile(r"^(nvidia|cuda|triton)\b")
UV_LINE = re.compile(r"^\s*\+ (\S+)==(\S+)", re.MULTILINE)


def cpu_only() -> bool:
    """True where CUDA must be avoided: on Linux without an NVIDIA GPU. MNEME_TORCH=any switches this off."""
    return sys.platform == "linux" and os.environ.get("MNEME_TORCH") != "any" and not has_nvidia_gpu()


def has_nvidia_gpu() -> bool:
    if Path("/proc/driver/nvidia/version").exists():
        return True
    smi = shutil.which("nvidia-smi")
    if smi is None:
        return False
    listed = subprocess.run([smi, "-L"], capture_output=True, text=True, check=False)
    return listed.returncode == 0 and "GPU" in listed.stdout


def pip_would_bring_cuda(install: list[str]) -> bool:
    """Whether ``pip install torch`` would bring CUDA packages. False where pip cannot tell: installing will say why."""
    asked = [*install, "--dry-run", "--no-deps", "--ignore-installed", "--quiet", "--report", "-", "torch"]
    answer = subprocess.run(asked, capture_output=True, text=True, check=False)
    if answer.returncode:
        return False
    packages = json.loads(answer.stdout)["install"]
    return any(CUDA.match(need) for package in packages for need in package["metadata"].get("requires_dist", ()))


def uv_would_bring_cuda(install: list[str], environment: dict[str, str]) -> bool:
    """The same question to uv, which follows torch's own dependencies to answer it."""
    asked = subprocess.run(
        [*install, "--dry-run", "torch"], capture_output=True, text=True, check=False, env=os.environ | environment
    )
    return any(CUDA.match(name) for name, _ in UV_LINE.findall(asked.stderr))


def find_links_environment() -> dict[str, str]:
    """uv does not read pip's configuration: hand it the folders where pip is told to look for wheels."""
    if "UV_FIND_LINKS" in os.environ:
        return {}
    folders = [folder for folder in pip_find_links() if Path(folder).is_dir()]
    return {"UV_FIND_LINKS": ",".join(folders)} if folders else {}


def pip_find_links() -> list[str]:
    said = os.environ.get("PIP_FIND_LINKS")
    if said is None:
        asked = subprocess.run(
            [sys.executable, "-m", "pip", "config", "get", "global.find-links"],
            capture_output=True,
            text=True,
            check=False,
        )
        said = asked.stdout if asked.returncode == 0 else ""
    return said.split()
