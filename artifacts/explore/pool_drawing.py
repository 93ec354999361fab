"""A pool for the page: for each moment what is drawn, in thousandths of the bar, and what is said."""

from __future__ import annotations

from typing import Any

from artifacts.explore.pool_bar import (
    Scale,
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
    scale = scale_of(run, COLUMNS) if run.pool.size else None
    first, end = run.pool.extent
    return {
        "said": pool_words(run),
        "from": f"{first:#x}",
        "to": f"{end:#x}",
        "edges": None if scale is None else [scale.left, scale.left + scale.pool],
        "moments": [_moment(run, at, scale) for at in range(len(run.moments))],
    }


def _moment(run: PoolRun, at: int, scale: Scale | None) -> dict[str, Any]:
    """Without a scale nothing is drawn."""
    moment = run.moments[at]
    drawn = () if scale is None else spans(moment, scale)
    marked = () if scale is None else marks(moment, scale)
    return {
        "said": moment_words(run, moment),
        "spans": [[one.block.name, one.row, one.start, one.stop, one.is_broken, one.is_cut] for one in drawn],
        "marks": [[one.start, one.stop, one.is_broken] for one in marked],
        "blocks": told(run, moment),
        "cells": [[one.name, one.address, one.before, one.after, one.is_changed] for one in cell_rows(run, at)],
    }
