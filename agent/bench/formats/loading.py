"""Which loader a path needs: by the format it was said to have, else by what it looks like."""

from __future__ import annotations

from collections.abc import Callable, Sequence
from pathlib import Path

from agent.bench.data import DataError, DataSet, Question, merged
from agent.bench.formats.beam import is_beam, load_beam
from agent.bench.formats.files import read_json, read_lines
from agent.bench.formats.labelled import load_labelled
from agent.bench.formats.locomo import load_locomo
from agent.bench.formats.madial import is_madial, load_madial
from agent.bench.formats.realmem import is_realmem, load_realmem
from memory_store.errors import InvalidInput
from memory_store.interchange.locomo import is_locomo

Load = Callable[[Path], DataSet | list[DataSet]]

LOADERS: dict[str, Load] = {
    "locomo": load_locomo,
    "realmem": load_realmem,
    "madial": load_madial,
    "beam": load_beam,
    "jsonl": load_labelled,
}
FORMATS = tuple(LOADERS)


def load(paths: Sequence[Path], format: str | None = None, *, answers: bool = False) -> list[DataSet]:
    """Everything at ``paths``; files of one kind form one set, with the questions that have evidence in it.

    ``answers``: with those that have an answer instead. Raises DataError, InvalidInput (no such format).
    """
    if format is not None and format not in LOADERS:
        raise InvalidInput(f"There is no format {format!r}. Choose one of: {', '.join(FORMATS)}.")
    by_name: dict[str, list[DataSet]] = {}
    for path in paths:
        if not path.exists():
            raise DataError(str(path), None, "there is no such file or folder")
        loaded = LOADERS[format or detected(path)](path)
        for data in loaded if isinstance(loaded, list) else [loaded]:
            by_name.setdefault(data.name, []).append(data)
    wanted, needed = (_can_be_marked, "an answer") if answers else (_can_be_found, "evidence")
    sets = [merged(name, found).asking(wanted, f"question without {needed}") for name, found in by_name.items()]
    for data in sets:
        if not data.questions:
            raise DataError(data.name, None, f"no question with {needed} in it")
    return sets


def _can_be_found(question: Question) -> bool:
    return bool(question.evidence)


def _can_be_marked(question: Question) -> bool:
    """With an answer, and to be asked now: a dialogue has no other time."""
    return bool(question.answers) and question.as_of is None


def detected(path: Path) -> str:
    """The format's name. Raises DataError when it is none of them, or cannot be told."""
    try:
        return _detected(path)
    except OSError as error:  # a folder that may not be looked into, or changes meanwhile
        raise DataError(str(path), None, f"it cannot be looked through: {error.strerror or error}") from error


def _detected(path: Path) -> str:
    if is_madial(path):
        return "madial"
    if is_beam(path):
        return "beam"
    if path.is_dir():
        first = next(iter(sorted(path.glob("*.json"))), None)
        if first is not None and is_realmem(read_json(first)):
            return "realmem"
    elif path.suffix == ".jsonl":
        if any("type" in row or "format" in row for _, row in read_lines(path)):
            return "jsonl"
    else:
        value = read_json(path)
        if is_locomo(value):
            return "locomo"
        if is_realmem(value):
            return "realmem"
    raise DataError(str(path), None, f"this is none of {', '.join(FORMATS)}: see docs/bench.md, or name it by --format")
