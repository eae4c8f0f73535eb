"""What must be there after a death: everything acknowledged, and each act that was not either whole or not at all."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass, field
from typing import Any

Record = list[Any]
"""text, speaker, conversation, forgotten, pinned, revision, earlier wordings."""
Records = dict[str, Record]
Branches = dict[str, list[str]]
"""By id of the conversation, the ids of the turns that it shares."""

FORGOTTEN, PINNED, REVISION = 3, 4, 5


@dataclass
class Expected:
    """The memory as the outside knows it: by id, what each is, from acknowledgements alone."""

    records: Records
    backups: dict[str, tuple[Records, Branches]] = field(default_factory=dict)
    branches: Branches = field(default_factory=dict)
    erased: set[str] = field(default_factory=set)
    """Words that were purged, and may be in no file any more."""
    secrets: set[str] = field(default_factory=set)
    """What was left out of words that were said: it may never be in a file."""
    acknowledged: int = 0
    pending: list[Mapping[str, Any]] = field(default_factory=list)
    """Acts that were begun and not acknowledged."""

    def hear(self, told: Mapping[str, Any]) -> None:
        """One line that the victim told: an act begun, done or failed."""
        if "begin" in told:
            self.pending.append(told["begin"])
            self.secrets |= {told["begin"]["secret"]} if "secret" in told["begin"] else set()
        elif "done" in told:
            self._apply(self.pending.pop(), told["done"])
            self.acknowledged += 1

    def _apply(self, act: Mapping[str, Any], done: Mapping[str, Any]) -> None:
        self.records |= done.get("records", {})
        self.branches |= done.get("branches", {})
        if act["act"] == "purge":
            for gone in act["ids"]:
                self._erase(gone)
        if act["act"] == "backup":
            self.backups[done["number"]] = self._state()
        if act["act"] == "restore":
            self.backups[done["number"]] = self._state()
            self._back_to(act["number"])

    def _state(self) -> tuple[Records, Branches]:
        return dict(self.records), {key: list(shared) for key, shared in self.branches.items()}

    def _erase(self, key: str) -> None:
        self.erased.add(self.records.pop(key)[0])
        self.branches = {one: [turn for turn in shared if turn != key] for one, shared in self.branches.items()}

    def _back_to(self, number: str) -> None:
        then, branches = self.backups[number]
        self.records, self.branches = dict(then), dict(branches)
        self.erased -= {record[0] for record in self.records.values()}

    def complaints(self, found: Records, branches: Branches) -> list[str]:
        """What of ``found`` cannot be, and what lacks. Adopts what the acts that were cut off came to."""
        for act in self.pending:
            if act["act"] == "restore" and (found, branches) == self.backups[act["number"]] != self._state():
                self._back_to(act["number"])
        return [*self._touched(found), *self._untouched(found), *self._branched(branches)]

    def _branched(self, found: Branches) -> list[str]:
        """Every branch with what it shares; one that was being begun may be there whole."""
        begun = [act["shared"] for act in self.pending if act["act"] == "branch"]
        extra = [shared for key, shared in found.items() if key not in self.branches]
        lost = {key: shared for key, shared in self.branches.items() if found.get(key) != shared}
        wrong = [f"branches {lost} became {found}"] if lost else []
        return wrong if extra in ([], begun) else [*wrong, f"branches {extra} are there that nobody made"]

    def _touched(self, found: Records) -> list[str]:
        problems: list[str] = []
        for act in self.pending:
            problems += getattr(self, f"_{act['act']}", lambda act, found: [])(act, found)
        return problems

    def _untouched(self, found: Records) -> list[str]:
        lost = [f"lost {key}: {record}" for key, record in self.records.items() if key not in found]
        changed = [
            f"changed {key}: {record} became {found[key]}"
            for key, record in self.records.items()
            if key in found and found[key] != record
        ]
        return lost + changed + [f"extra {key}: {found[key]}" for key in found if key not in self.records]

    # One for each act that changes something: what may have become of it when it was cut off

    def _turn(self, act: Mapping[str, Any], found: Records) -> list[str]:
        new = {key: record for key, record in found.items() if key not in self.records}
        mine = {
            key: record for key, record in new.items() if record[2] == act["conversation"] or act["words"] in record[0]
        }
        self.records |= mine
        heard = [record for record in mine.values() if record[0] == act["words"]]
        return [] if len(heard) <= 1 and len(mine) <= 2 else [f"a turn became {mine}"]

    def _import(self, act: Mapping[str, Any], found: Records) -> list[str]:
        new = {key: record for key, record in found.items() if key not in self.records and record[0] in act["texts"]}
        self.records |= new
        texts = [record[0] for record in new.values()]
        whole = len(texts) % act["batch"] == 0 or len(texts) == len(act["texts"])
        in_order = sorted(texts) == sorted(act["texts"][: len(texts)])
        return [] if whole and in_order else [f"an import stopped inside a batch: {len(texts)} of {len(act['texts'])}"]

    def _edit(self, act: Mapping[str, Any], found: Records) -> list[str]:
        before, after = self.records[act["id"]], found.get(act["id"])
        if after is None or after == before:
            return []
        wanted = [act["text"], *before[1:REVISION], before[REVISION] + 1, [*before[6], before[0]]]
        self.records[act["id"]] = after
        return [] if after == wanted else [f"an edit became {after}, not {wanted}"]

    def _flag(self, act: Mapping[str, Any], found: Records) -> list[str]:
        return self._switched([act["id"]], act["place"], act["on"], found)

    def _prune(self, act: Mapping[str, Any], found: Records) -> list[str]:
        return self._switched(act["ids"], FORGOTTEN, True, found)

    def _switched(self, ids: list[str], place: int, on: bool, found: Records) -> list[str]:
        changed = [key for key in ids if key in found and found[key] != self.records[key]]
        for key in changed:
            wanted = list(self.records[key])
            wanted[place] = on
            self.records[key] = wanted
        return [] if len(changed) in {0, len(ids)} else [f"half of it: {changed} of {ids}"]

    def _purge(self, act: Mapping[str, Any], found: Records) -> list[str]:
        gone = [key for key in act["ids"] if key not in found]
        for key in gone:
            self._erase(key)
        return [] if len(gone) in {0, len(act["ids"])} else [f"half a purge: {gone} of {act['ids']}"]

    def _change(self, act: Mapping[str, Any], found: Records) -> list[str]:
        """What is to become of each was known beforehand."""
        touched = {key: record for key, record in act["after"].items() if record != self.records[key]}
        changed = {key: found.get(key) for key in touched if found.get(key) != self.records[key]}
        if not changed:
            return []
        self.records |= {key: record for key, record in changed.items() if record is not None}
        return [] if changed == touched else [f"half a change: {changed} of {touched}"]

    def _again(self, act: Mapping[str, Any], found: Records) -> list[str]:
        """The old words and replies are forgotten in the transaction that brings what replaces them."""
        new = {
            key: record for key, record in found.items() if key not in self.records and record[2] == act["conversation"]
        }
        forgotten = [key for key in act["gone"] if key in found and found[key] != self.records[key]]
        for key in forgotten:
            self.records[key] = [*self.records[key][:FORGOTTEN], True, *self.records[key][FORGOTTEN + 1 :]]
        self.records |= new
        words = [record[0] for record in new.values() if record[1] == "user"]
        most = 1 if act["words"] is None else 2
        if len(new) > most or words not in ([], [act["words"]]) or (new and act["words"] and not words):
            return [f"words said otherwise became {new}"]
        replaced = act["gone"] if new else []
        return [] if forgotten == replaced else [f"of {act['gone']}, {forgotten} are forgotten for {new}"]
