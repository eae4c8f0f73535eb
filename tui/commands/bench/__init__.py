"""``mneme bench``: how well recall finds what it should, and what a model makes of it."""

from __future__ import annotations

from tui.process.lazy import Entry, group

HERE = "tui.commands.bench"

COMMANDS = {
    "recall": Entry(f"{HERE}.recall:recall", "Measure recall on labelled data, beside plain tools on the same data."),
    "answers": Entry(f"{HERE}.answers:answers", "Measure the model's replies with memory and without."),
    "retention": Entry(f"{HERE}.retention:retention", "Measure recall after a share of the memory was forgotten."),
    "mine": Entry(f"{HERE}.mine:mine", "Measure recall on your own memory, with questions made from it."),
}

app = group(COMMANDS, "Measure how well recall finds what it should, and what the model makes of it.")
