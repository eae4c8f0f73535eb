"""python -m tests.fuzz SECONDS [TARGET...]: fuzzing guided by coverage, with atheris; each target has its share.

After a finding the exit code is 1, and what was found is in ``fuzz-NAME-...`` in the present folder; it belongs into
``FOUND`` of test_targets.py. Exit code 0 and a reason where atheris cannot be used.
"""

from __future__ import annotations

import re
import subprocess
import sys
import tempfile
from pathlib import Path

from tests.fuzz.targets import TARGETS, seeds_of

CODE = """
import sys, atheris
with atheris.instrument_imports(include=["agent", "memory_store", "tui"]):
    from tests.fuzz.targets import TARGETS
    import agent.prompt, agent.replay.loading, agent.settings_editing, agent.settings_files
    import memory_store.interchange.importing, memory_store.language.query
    import memory_store.language.secrets, memory_store.language.when
    import tui.text.sanitise, tui.slash.parsing
target = TARGETS[sys.argv.pop(1)]
atheris.Setup(sys.argv, target)
atheris.Fuzz()
"""


def fuzzed(name: str, seconds: int) -> bool:
    with tempfile.TemporaryDirectory() as corpus:
        for number, seed in enumerate(seeds_of(name)):
            (Path(corpus) / str(number)).write_bytes(seed)
        limits = [
            f"-max_total_time={seconds}",
            "-max_len=4096",
            "-timeout=20",
            "-rss_limit_mb=4096",
            "-print_final_stats=1",
        ]
        ran = subprocess.run(
            [sys.executable, "-c", CODE, name, *limits, f"-artifact_prefix=fuzz-{name}-", corpus],
            check=False,
            capture_output=True,
            text=True,
        )
    runs = re.search(r"number_of_executed_units: (\d+)", ran.stderr)
    print(f"{name}: {'FOUND' if ran.returncode else 'nothing found'}, {runs[1] if runs else 'some'} runs", flush=True)
    if ran.returncode:
        print(ran.stderr[-4_000:])
    return not ran.returncode


def main() -> int:
    try:
        import atheris  # noqa: F401
    except ImportError as error:
        print(f"atheris cannot be used here ({error}), so nothing was fuzzed: pip install atheris")
        return 0
    seconds, names = int(sys.argv[1]), sys.argv[2:] or list(TARGETS)
    share = max(1, seconds // len(names))
    sound = [fuzzed(name, share) for name in names]
    return 0 if all(sound) else 1


if __name__ == "__main__":
    sys.exit(main())
