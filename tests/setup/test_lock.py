"""constraints.txt: one version of everything that pyproject.toml asks for, and nothing that ties it to a machine."""

from __future__ import annotations

import re
import tomllib
from collections.abc import Iterator
from pathlib import Path
from typing import Any

from packaging.requirements import Requirement
from packaging.utils import canonicalize_name

ROOT = Path(__file__).resolve().parents[2]
PROJECT: dict[str, Any] = tomllib.loads((ROOT / "pyproject.toml").read_text("utf-8"))
LINES = (ROOT / "constraints.txt").read_text("utf-8").splitlines()
PINS = [line for line in LINES if not line.startswith("#")]


def asked_for() -> Iterator[Requirement]:
    groups = [*PROJECT["dependency-groups"]["test"], *PROJECT["dependency-groups"]["lint"]]
    yield from map(Requirement, [*PROJECT["project"]["dependencies"], *groups])


def locked() -> dict[str, str]:
    found = [Requirement(line) for line in PINS]
    return {canonicalize_name(one.name): str(one.specifier).removeprefix("==") for one in found}


def test_every_requirement_is_locked_to_a_version_it_allows() -> None:
    versions = locked()
    for need in asked_for():
        name = canonicalize_name(need.name)
        assert name in versions, f"{name} is not locked: make lock"
        assert need.specifier.contains(versions[name]), f"{need} is locked to {versions[name]}: make lock"


def test_the_lock_holds_names_and_versions_and_nothing_else() -> None:
    strange = [line for line in PINS if not re.fullmatch(r"[a-z0-9.-]+==[0-9][A-Za-z0-9.!-]*( ; .+)?", line)]
    assert strange == []


def test_the_lock_brings_no_cuda() -> None:
    assert [line for line in PINS if re.match(r"nvidia|cuda|triton", line)] == []


def test_a_package_is_locked_once() -> None:
    assert len(locked()) == len(PINS)
