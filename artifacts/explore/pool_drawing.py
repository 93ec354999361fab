"""A pool for the page: for each moment what is drawn, in thousandths of the bar, and what is said."""

from __future__ import annotations

from typing import Any

from artifacts.explore.pool_bar import (
    cell_rows,
    marks,
    moment_words,
    pool_words,
    scale_of,
    spans,
    told,
)
from proofs.pool_run import PoolRun

COLUMNS = 1000


def pool_drawing(run: PoolRun) -> dict[str, Any]:
    scale = scale_of(run, COLUMNS)
    return {
        "said": pool_words(run),
        "from": f"{run.pool.base:#x}",
        "to": f"{run.pool.base + run.pool.size:#x}",
        "edges": [scale.left, scale.left + scale.pool],
        "moments": [_moment(run, at) for at in range(len(run.moments))],
    }


def _moment(run: PoolRun, at: int) -> dict[str, Any]:
    moment, scale = run.moments[at], scale_of(run, COLUMNS)
    drawn = spans(moment, scale)
    return {
        "said": moment_words(run, moment),
        "spans": [[one.block.name, one.row, one.start, one.stop, one.is_broken, one.is_cut] for one in drawn],
        "marks": [[one.start, one.stop, one.is_broken] for one in marks(moment, scale)],
        "blocks": told(run, moment),
        "cells": [[one.name, one.address, one.before, one.after, one.is_changed] for one in cell_rows(run, at)],
    }
