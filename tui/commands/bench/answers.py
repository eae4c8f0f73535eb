"""``mneme bench answers``: whether the configured model answers better with what is remembered than without."""

from __future__ import annotations

from contextlib import closing
from pathlib import Path
from typing import TYPE_CHECKING, Annotated

import typer

from tui.commands.bench.options import Seed
from tui.commands.opening import open_settings
from tui.commands.options import Home, Json, Profile
from tui.commands.progress import progress
from tui.text import show

if TYPE_CHECKING:
    from agent.bench.answers.answering import Mode
    from agent.models.base import LanguageModel
    from agent.settings import Settings

ONLY = "memory, none, history, output or output-only; several times for several. Without: all that the model can do."


def answers(
    data: Annotated[list[Path], typer.Argument(metavar="DATA...", help="Files or folders.", show_default=False)],
    *,
    format: Annotated[str | None, typer.Option(metavar="NAME", help="locomo or jsonl; without: as it looks.")] = None,
    model: Annotated[str | None, typer.Option(metavar="NAME", help="The language model that replies.")] = None,
    mode: Annotated[list[str] | None, typer.Option("--mode", metavar="MODE", help=ONLY)] = None,
    limit: Annotated[int | None, typer.Option(metavar="N", min=1, help="Only the first N questions.")] = None,
    seed: Seed = 0,
    as_json: Json = False,
    home: Home = None,
    profile: Profile = None,
) -> None:
    """Measure the model's replies with memory and without.

    And with the full history, as far as it fits, and with output-layer memory. Questions with known answers:
    LoCoMo, or mneme's own JSON lines with an "answer" in each question (docs/bench.md). Everything happens in
    scratch stores: no profile is read or written.

    \b
    mneme bench answers questions.jsonl
    mneme bench answers locomo10.json --limit 50 --mode memory --mode none
    mneme bench answers questions.jsonl --model ./my-model --json
    """
    from agent.bench.answers.answering import MODES
    from agent.bench.answers.report import report
    from agent.bench.answers.running import answer
    from agent.bench.embedding import CachingEmbedder
    from agent.bench.formats.loading import FORMATS, load
    from memory_store.embedding import embedder_named
    from tui.commands.bench.printing_answers import print_report

    if format is not None and format not in FORMATS:
        raise typer.BadParameter(f"the formats are {', '.join(FORMATS)}", param_hint="--format")
    if unknown := set(mode or ()) - set(MODES):
        raise typer.BadParameter(f"{sorted(unknown)[0]!r} is none of {', '.join(MODES)}", param_hint="--mode")
    settings = _with_output_memory(open_settings(home, profile, model__name=model), mode)
    sets = [found if limit is None else found.limited(limit) for found in load(data, format, answers=True)]
    embedder = CachingEmbedder(embedder_named(settings.recall.embedder))
    with closing(_load(settings)) as speaker:
        chosen = _modes(speaker, mode)
        measured = [answer(found, embedder, speaker, settings, chosen, progress) for found in sets]
    reports = [report(one, seed=seed) for one in measured]
    if as_json:
        show.document({"model": speaker.name, "embedder": embedder.name, "seed": seed, "sets": reports})
        return
    for number, one in enumerate(reports):
        if number:
            show.line()
        print_report(one, speaker.name)


def _with_output_memory(settings: Settings, modes: list[str] | None) -> Settings:
    """Where it is not set, output-layer memory is measured with the weight that docs/models.md recommends."""
    from agent.bench.answers.answering import OUTPUT
    from agent.models.output_memory import WEIGHT

    if settings.model.output_memory_weight or (modes and not OUTPUT & set(modes)):
        return settings
    changed = settings.model.model_copy(update={"output_memory_weight": WEIGHT})
    return settings.model_copy(update={"model": changed})


def _load(settings: Settings) -> LanguageModel:
    from agent.models.loading import load_model

    with progress(f"loading {settings.model.name}") as move:
        return load_model(settings, lambda fraction, _what: move(round(100 * fraction), 100))


def _modes(model: LanguageModel, wanted: list[str] | None) -> list[Mode]:
    """Those asked for, or all that the model can do. Raises InvalidInput for one that it cannot."""
    from agent.bench.answers.answering import MODES, OUTPUT, output_memory_of
    from memory_store.errors import InvalidInput

    able = [one for one in MODES if one not in OUTPUT or output_memory_of(model) is not None]
    if refused := OUTPUT & set(wanted or ()) - set(able):
        raise InvalidInput(
            f"{model.name} cannot have output-layer memory: that needs a model in process. "
            f"Leave --mode {min(refused)} out."
        )
    if not wanted and "output" not in able:
        show.say(f"{model.name} cannot have output-layer memory: it is left out.")
    return [one for one in able if not wanted or one in wanted]
