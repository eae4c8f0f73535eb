"""What must be there after a death: everything acknowledged, and each act that was not either whole or not at all."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass, field
from typing import Any

Record = list[Any]
"""text, speaker, conversation, forgotten, pinned, revision, earlier wordings."""
Records = dict[str, Record]

FORGOTTEN, PINNED, REVISION = 3, 4, 5


@dataclass
class Expected:
    """The memory as the outside knows it: by id, what each is, from acknowledgements alone."""

    records: Records
    backups: dict[str, Records] = field(default_factory=dict)
    erased: set[str] = field(default_factory=set)
    """Words that were purged, and may be in no file any more."""
    acknowledged: int = 0
    pending: list[Mapping[str, Any]] = field(default_factory=list)
    """Acts that were begun and not acknowledged."""

    def hear(self, told: Mapping[str, Any]) -> None:
        """One line that the victim told: an act begun, done or failed."""
        if "begin" in told:
            self.pending.append(told["begin"])
        elif "done" in told:
            self._apply(self.pending.pop(), told["done"])
            self.acknowledged += 1

    def _apply(self, act: Mapping[str, Any], done: Mapping[str, Any]) -> None:
        self.records |= done.get("records", {})
        if act["act"] == "purge":
            for gone in act["ids"]:
                self.erased.add(self.records.pop(gone)[0])
        if act["act"] == "backup":
            self.backups[done["number"]] = dict(self.records)
        if act["act"] == "restore":
            self.backups[done["number"]] = dict(self.records)
            self._back_to(act["number"])

    def _back_to(self, number: str) -> None:
        self.records = dict(self.backups[number])
        self.erased -= {record[0] for record in self.records.values()}

    def complaints(self, found: Records) -> list[str]:
        """What of ``found`` cannot be, and what lacks. Adopts what the acts that were cut off came to."""
        for act in self.pending:
            if act["act"] == "restore" and found == self.backups[act["number"]] != self.records:
                self._back_to(act["number"])
        return [*self._touched(found), *self._untouched(found)]

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
            self.erased.add(self.records.pop(key)[0])
        return [] if len(gone) in {0, len(act["ids"])} else [f"half a purge: {gone} of {act['ids']}"]
