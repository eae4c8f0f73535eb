"""What was measured, as one JSON value. docs/bench.md names its fields."""

from __future__ import annotations

from collections.abc import Sequence
from typing import Any

import numpy as np

from agent.bench.asking import BUDGETS, Answers
from agent.bench.metrics import DEEPEST, FIGURES, SHOWN, Estimate, Floats, auroc, estimates, figures, resampled
from agent.bench.running import OURS, WITH, Measured

Row = dict[str, Any]


def report(measured: Measured, *, seed: int) -> Row:
    """The figures of one data set, every one a share from 0 to 1 unless it says otherwise."""
    data = measured.data
    questions = data.questions
    tables = {
        method: np.array([figures(keys, asked.evidence) for keys, asked in zip(answers.ranked, questions, strict=True)])
        for method, answers in measured.answers.items()
    }
    draws = resampled(len(questions), seed)
    found: Row = {
        "name": data.name,
        "unit": data.unit,
        "stores": len(data.corpora),
        "turns": data.turns,
        "questions": len(questions),
        "remarks": data.remarks + measured.remarks,
        "methods": {method: _method(table, tables[OURS], draws) for method, table in tables.items()},
        "categories": _categories(measured, tables),
        "ms": _times(measured),
    }
    if measured.answers[OURS].packed:
        found["budgets"] = _budgets(measured, draws)
    if measured.elsewhere.confidence:
        found["nothing_on_that"] = _nothing(measured.answers[OURS], measured.elsewhere)
    return found


def _method(table: Floats, ours: Floats, draws: Floats) -> Row:
    """``figures`` of one method, and by how much mneme is ahead of it, question by question."""
    own = dict(zip(FIGURES, estimates(table, draws), strict=True))
    ahead = dict(zip(FIGURES, estimates(ours - table, draws), strict=True))
    return {
        "figures": {name: _interval(own[name]) for name in SHOWN},
        "mneme_ahead_by": {name: _interval(ahead[name]) for name in SHOWN},
        "recall_at_k": [round(own[f"recall@{k}"].value, 4) for k in range(1, DEEPEST + 1)],
    }


def _categories(measured: Measured, tables: dict[str, Floats]) -> Row:
    """Of each category, how many questions and every method's figures; empty where the set has none."""
    labels = np.array([question.category for question in measured.data.questions])
    names = sorted(set(labels.tolist()))
    found = {}
    for name in names if len(names) > 1 else ():
        inside = labels == name
        means = {method: dict(zip(FIGURES, table[inside].mean(0), strict=True)) for method, table in tables.items()}
        found[name or "(none)"] = {
            "questions": int(inside.sum()),
            "methods": {
                method: {figure: round(float(mean[figure]), 4) for figure in SHOWN} for method, mean in means.items()
            },
        }
    return found


def _times(measured: Measured) -> Row:
    """Milliseconds per query: recall without the query's embedding, and that embedding; recall with second looks."""
    found: Row = {"recall": _spread(measured.answers[OURS].seconds), "query_embedding": _spread(measured.embedding)}
    looks = {row: _spread(answers.seconds) for row, answers in measured.answers.items() if row.startswith(WITH)}
    return found | ({"second_looks": looks} if looks else {})


def _spread(seconds: Sequence[float]) -> Row | None:
    if not seconds:
        return None
    return {
        "median": round(float(np.median(seconds)) * 1000, 2),
        "p95": round(float(np.percentile(seconds, 95)) * 1000, 2),
    }


def _budgets(measured: Measured, draws: Floats) -> Row:
    """Method -> budget in tokens -> share of the evidence that fits into it."""
    found = {}
    for method, answers in measured.answers.items():
        if answers.packed:
            shares = estimates(np.array(answers.packed), draws)
            found[method] = {str(budget): _interval(share) for budget, share in zip(BUDGETS, shares, strict=True)}
    return found


def _nothing(here: Answers, elsewhere: Answers) -> Row:
    """How well confidence tells questions put to the wrong store from those put to the right one."""
    return {
        "questions": len(elsewhere.confidence),
        "auroc": round(auroc(here.confidence, elsewhere.confidence), 4),
        "denied_where_it_is": round(1 - float(np.mean(here.found)), 4),
        "denied_where_it_is_not": round(1 - float(np.mean(elsewhere.found)), 4),
    }


def _interval(estimate: Estimate) -> Row:
    return {"value": round(estimate.value, 4), "low": round(estimate.low, 4), "high": round(estimate.high, 4)}
