"""Nothing leaves the machine: the main paths, cut off from every network, do not even try."""

from __future__ import annotations

import json
import subprocess
import sys
from typing import Any

import pytest

from tests.network.cut_off import CANNOT, PATHS

TRYING = ("python tries", "another program tries")
COMMANDS = [name for name in PATHS if name not in TRYING]

pytestmark = pytest.mark.skipif(sys.platform != "linux", reason="network namespaces are Linux's")


def lived(*paths: str) -> Any:
    ran = subprocess.run(
        [sys.executable, "-m", "tests.network.cut_off", *paths],
        capture_output=True,
        text=True,
        timeout=280,
        check=False,
    )
    if ran.returncode == CANNOT:
        pytest.skip("this system gives no network namespace to whoever runs the tests")
    assert ran.returncode == 0, ran.stderr[-3_000:]
    return json.loads(ran.stdout)


def test_the_guard_sees_who_tries() -> None:
    assert lived("python tries")["attempts"] == ["socket.connect ('192.0.2.1', 80)"]
    seen = lived("another program tries")
    assert seen["attempts"] == []
    assert seen["without_route"] > 0


@pytest.mark.slow
def test_a_life_without_a_network() -> None:
    assert lived(*COMMANDS) == {"attempts": [], "without_route": 0}
