"""``mneme replay``: scripted conversations, played and checked."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass
from pathlib import Path
from typing import TYPE_CHECKING, Annotated

import typer

from memory_store.errors import MnemeError
from tui.commands.options import Home, Json, Profile
from tui.commands.progress import progress
from tui.process import exit_codes
from tui.text import show

if TYPE_CHECKING:
    from agent.models.base import LanguageModel
    from agent.replay.events import Run
    from agent.replay.script import Script
    from agent.settings import Settings

Scripts = Annotated[list[Path], typer.Argument(metavar="SCRIPT", help="Files: .yaml or .jsonl.")]
Model = Annotated[str | None, typer.Option("--model", metavar="NAME", help="The language model that replies.")]
Seed = Annotated[int, typer.Option("--seed", metavar="N", min=0, max=2**63 - 1, help="For sampling and for ids.")]
NoMemory = Annotated[bool, typer.Option("--no-memory", help="Recall nothing, to see what memory is for.")]
Compare = Annotated[bool, typer.Option("--compare", help="Play each script with and without memory, side by side.")]
Keep = Annotated[bool, typer.Option("--keep", help="Play into the profile instead of an empty scratch store.")]
Jobs = Annotated[int, typer.Option("--jobs", metavar="N", min=1, max=64, help="Play this many scripts at once.")]
Junit = Annotated[Path | None, typer.Option("--junit", metavar="FILE", help="Write a JUnit XML report there.")]


def replay(
    scripts: Scripts,
    *,
    model: Model = None,
    no_memory: NoMemory = False,
    compare: Compare = False,
    seed: Seed = 0,
    as_json: Json = False,
    junit: Junit = None,
    keep: Keep = False,
    jobs: Jobs = 1,
    home: Home = None,
    profile: Profile = None,
) -> None:
    """Play scripted conversations and check what they expect.

    Each script plays in an empty store of its own, on the script's own clock: the same script and seed print the same,
    byte for byte. The profile's settings apply; its memory is only touched with --keep. docs/replay.md has the
    vocabulary.

    Exit code: 0 all expectations hold, 1 one does not, 2 a script or an option cannot be used, and nothing was played.

    \b
    mneme replay docs/examples/*.yaml
    mneme replay --compare docs/examples/a-month-later.yaml
    mneme replay --json --no-memory talk.jsonl | jq '.[].failed'
    mneme replay --junit report.xml --model ~/models/small-chat talk.yaml
    mneme replay --jobs 4 scripts/*.yaml
    """
    _check_options(no_memory=no_memory, compare=compare, keep=keep, junit=junit, jobs=jobs)
    from agent.replay.loading import load_scripts
    from tui.commands.opening import open_settings
    from tui.commands.passphrases import unlocked

    whole = load_scripts(scripts)
    settings = open_settings(home, profile, model__name=model)
    if keep:
        unlocked(settings)
    modes = (True, False) if compare else (not no_memory,)
    if jobs > 1 and len(whole) * len(modes) > 1:
        runs = _play_at_once(whole, settings, seed, modes, jobs)
    else:
        runs = _play_in_turn(whole, settings, seed, modes, keep=keep)
    _print(runs, as_json=as_json, compare=compare)
    if junit is not None:
        _write_junit(junit, [run for group in runs for run in group])
    _conclude([group[0] for group in runs])


def _play_in_turn(
    scripts: Sequence[Script], settings: Settings, seed: int, modes: Sequence[bool], *, keep: bool
) -> list[list[Run]]:
    from agent.models.loading import load_model

    speaking = load_model(settings)
    try:
        theatre = _Theatre(speaking, settings, seed, keep)
        return [[theatre.play(script, memory=memory) for memory in modes] for script in scripts]
    finally:
        speaking.close()


def _play_at_once(
    scripts: Sequence[Script], settings: Settings, seed: int, modes: Sequence[bool], jobs: int
) -> list[list[Run]]:
    from agent.replay.batch import Part, play_all

    parts = [Part(script, settings, seed, memory) for script in scripts for memory in modes]
    with progress(f"{show.count(len(scripts), 'script')}") as move:
        runs = play_all(parts, min(jobs, len(parts)), move)
    return [runs[first : first + len(modes)] for first in range(0, len(runs), len(modes))]


def _check_options(*, no_memory: bool, compare: bool, keep: bool, junit: Path | None, jobs: int) -> None:
    if keep and jobs > 1:
        raise typer.BadParameter("--keep plays into one profile, one script after the other; leave --jobs out")
    if compare and no_memory:
        raise typer.BadParameter("--compare plays without memory too; leave --no-memory out")
    if compare and keep:
        raise typer.BadParameter("--compare plays each script twice, and --keep would keep both; leave one out")
    if junit is not None and (junit.is_dir() or not junit.absolute().parent.is_dir()):
        raise typer.BadParameter(f"--junit names a file in a folder that exists; {junit} does not")


@dataclass(frozen=True, slots=True)
class _Theatre:
    """What is the same for every script of one command."""

    model: LanguageModel
    settings: Settings
    seed: int
    keep: bool

    def play(self, script: Script, *, memory: bool) -> Run:
        from agent.replay.runner import run
        from agent.replay.stage import kept, scratch

        mode = "" if memory else " without memory"
        open_stage = kept if self.keep else scratch
        with (
            open_stage(script, self.model, self.settings, seed=self.seed, memory=memory) as stage,
            progress(f"{script.source}{mode}") as move,
        ):
            return run(script, stage, progress=move)


def _print(runs: list[list[Run]], *, as_json: bool, compare: bool) -> None:
    from agent.replay.reports import run_json
    from agent.replay.transcript import comparison, transcript

    if as_json:
        show.document([run_json(run) for group in runs for run in group])
        return
    for number, group in enumerate(runs):
        if number:
            show.line("\n")
        show.line(comparison(group[0], group[1]) if compare else transcript(group[0]))


def _write_junit(file: Path, runs: list[Run]) -> None:
    from agent.replay.reports import junit

    try:
        file.write_text(junit(runs), encoding="utf-8")
    except OSError as error:
        raise MnemeError(f"The report {file} cannot be written: {error.strerror}. Name another with --junit.") from None


def _conclude(runs: list[Run]) -> None:
    """Name every failure on standard error. With --compare, only what failed with memory is one."""
    from agent.replay.reports import failure_lines

    failures = failure_lines(runs)
    for line in failures:
        show.say(f"FAILED {line}")
    if failures:
        raise typer.Exit(exit_codes.FAILED)
