"""Measures what is found of the generated set, and what that does to questions about what changed.

    python -m benchmarks.updates                     both portions, English and Chinese
    python -m benchmarks.updates --portion test --people 40 --json

Precision: of the pairs that were linked, how many are contradictions. Recall: of the contradictions, how many were
linked, older to newer. Questions: how often memory_only's first quotation holds the present value, and how often the
newer statement comes before the older one in recall; beside the same with every link dismissed. Then the pairs as
people chat (talk.py): how many changes are found, and how many of what is no change. The last line with ``--json`` is
one JSON object.
"""

from __future__ import annotations

import argparse
import json
import tempfile
from collections import Counter
from pathlib import Path

from agent.dialogue import Dialogue
from agent.events import Token
from agent.models.memory_only import MemoryOnly
from agent.settings import load_settings
from benchmarks.updates.making import Case, Person, people, updates
from benchmarks.updates.talk import CHANGES, KEPT, Pair, turns_of
from memory_store import MemoryStore
from memory_store.embedding import default_embedder

Report = dict[str, float | int | str]


def main() -> None:
    asked = _arguments()
    reports = []
    for language in asked.languages.split(","):
        for portion in asked.portion.split(","):
            report = measure(people(language, portion, asked.people, asked.seed), show=asked.show)
            reports.append({"language": language, "portion": portion, **report})
            _print(reports[-1])
    talk = [
        measure_talk(language, portion, show=asked.show)
        for language in asked.languages.split(",")
        for portion in asked.portion.split(",")
    ]
    if asked.json:
        print(json.dumps({"seed": asked.seed, "people": asked.people, "sets": reports, "talk": talk}))


def measure_talk(language: str, portion: str, *, show: bool = False) -> Report:
    """What is found of the pairs of talk.py, each said by somebody else, all in one store."""
    pairs = {f"p{n}": pair for n, pair in enumerate((*CHANGES[language][portion], *KEPT[language][portion]))}
    changes = {name for name, pair in pairs.items() if pair in CHANGES[language][portion]}
    with (
        tempfile.TemporaryDirectory(prefix="mneme-updates-") as folder,
        MemoryStore.open(folder, embedder=default_embedder(), indexing="manual") as store,
    ):
        store.remember_many(turn for name, pair in pairs.items() for turn in turns_of(pair, name))
        store.embed_now()
        linked = {(found.older.source_id, found.newer.source_id) for found in store.conflicts()}
    found = {name for name in pairs if (f"{name}-older", f"{name}-newer") in linked}
    report: Report = {
        "language": language,
        "portion": portion,
        "changes": len(changes),
        "found": len(found & changes),
        "others": len(pairs) - len(changes),
        "false": len(linked) - len(found & changes),
    }
    print("{language} {portion} talk: {found} of {changes} changes, {false} of {others} others".format(**report))
    if show:
        _show_talk(pairs, missed=changes - found, false=found - changes)
    return report


def _show_talk(pairs: dict[str, Pair], *, missed: set[str], false: set[str]) -> None:
    for what, names in (("missed", missed), ("false", false)):
        for name in sorted(names):
            print(f"  {what}: {pairs[name].older} | {pairs[name].newer}")


def measure(persons: list[Person], *, show: bool = False) -> Report:
    """All counts over these people, each in a store of their own."""
    counts: Counter[str] = Counter()
    embedder = default_embedder()
    for person in persons:
        with (
            tempfile.TemporaryDirectory(prefix="mneme-updates-") as name,
            MemoryStore.open(Path(name) / "s", embedder=embedder, indexing="manual") as store,
        ):
            store.remember_many(person.turns)
            store.embed_now()
            _count_links(store, person, counts, show=show)
            _count_answers(store, person, counts, "with")
            for found in store.conflicts():
                store.resolve(found.id, "dismissed")
            _count_answers(store, person, counts, "without")
    return _rates(counts)


def _count_links(store: MemoryStore, person: Person, counts: Counter[str], *, show: bool) -> None:
    linked = {(found.older.source_id, found.newer.source_id): found for found in store.conflicts()}
    wanted = {(case.older, case.newer): case for case in person.cases if case.kind != "kept"}
    counts["linked"] += len(linked)
    counts["right"] += len(linked.keys() & wanted.keys())
    for case in person.cases:
        counts[case.kind] += 1
        counts[f"{case.kind} linked"] += (case.older, case.newer) in linked
    if show:
        words = {turn.source_id: turn.text for turn in person.turns}
        for pair in linked.keys() - wanted.keys():
            print(f"  false: {words[pair[0]]} | {words[pair[1]]}")
        for pair in wanted.keys() - linked.keys():
            print(f"  missed: {words[pair[0]]} | {words[pair[1]]}")


def _count_answers(store: MemoryStore, person: Person, counts: Counter[str], how: str) -> None:
    for case in updates(person):
        counts[f"questions {how}"] += 1
        counts[f"answered {how}"] += _answers(store, case)
        ranks = {hit.memory.source_id: rank for rank, hit in enumerate(store.recall(case.question))}
        counts[f"first {how}"] += ranks.get(case.newer, 99) < ranks.get(case.older, 99)


def _answers(store: MemoryStore, case: Case) -> bool:
    dialogue = Dialogue(store, MemoryOnly(), settings=load_settings(store.path.parent / "home"), remember=False)
    reply = "".join(event.text for event in dialogue.reply(case.question) if isinstance(event, Token))
    quoted = [line for line in reply.splitlines() if line.startswith("- ")]
    return bool(quoted) and case.right in quoted[0] and "earlier, until" not in quoted[0]


def _rates(counts: Counter[str]) -> Report:
    wanted = counts["update"] + counts["correction"]
    return {
        "contradictions": wanted,
        "others": counts["kept"],
        "linked": counts["linked"],
        "precision": _share(counts["right"], counts["linked"]),
        "recall": _share(counts["right"], wanted),
        "updates_found": _share(counts["update linked"], counts["update"]),
        "corrections_found": _share(counts["correction linked"], counts["correction"]),
        "questions": counts["questions with"],
        "answered": _share(counts["answered with"], counts["questions with"]),
        "answered_without": _share(counts["answered without"], counts["questions without"]),
        "newer_first": _share(counts["first with"], counts["questions with"]),
        "newer_first_without": _share(counts["first without"], counts["questions without"]),
    }


def _share(part: int, whole: int) -> float:
    return round(part / whole, 4) if whole else 0.0


def _print(report: Report) -> None:
    share = {name: f"{100 * value:.1f}" for name, value in report.items() if isinstance(value, float)}
    print(
        f"{report['language']} {report['portion']}: {report['contradictions']} contradictions, {report['others']}"
        f" others; precision {share['precision']}, recall {share['recall']} (updates {share['updates_found']},"
        f" corrections {share['corrections_found']})"
    )
    print(
        f"  {report['questions']} questions: answered first {share['answered']} (without links"
        f" {share['answered_without']}), newer before older {share['newer_first']} ({share['newer_first_without']})"
    )


def _arguments() -> argparse.Namespace:
    parser = argparse.ArgumentParser(prog="python -m benchmarks.updates", description=__doc__)
    parser.add_argument("--portion", default="dev,test", help="dev, test, or both with a comma")
    parser.add_argument("--languages", default="en,zh")
    parser.add_argument("--people", type=int, default=25, help="of each language and portion")
    parser.add_argument("--seed", type=int, default=0)
    parser.add_argument("--show", action="store_true", help="print what was found falsely, and what was missed")
    parser.add_argument("--json", action="store_true")
    return parser.parse_args()


if __name__ == "__main__":
    main()
