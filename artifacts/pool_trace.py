"""What calls do to a pool, as a trace in the Informal Trace Format carries it in its `#meta`; docs/explore.md tells of
the format.
"""

from __future__ import annotations

from dataclasses import asdict
from typing import Any

from proofs.pool_run import PoolMoment, PoolRun

FORMAT = "proofmark-pool-run/1"


def pool_json(run: PoolRun) -> dict[str, Any]:
    return {
        "format": FORMAT,
        "pool": asdict(run.pool),
        "relative": run.relative,
        "cells": [asdict(one) for one in run.cells],
        **({"host": run.host, "roles": [asdict(one) for one in run.roles]} if run.roles else {}),
        "moments": [_moment(one) for one in run.moments],
    }


def _moment(moment: PoolMoment) -> dict[str, Any]:
    """Values as text: JSON's readers may not hold 64 bits."""
    broken = None if moment.broken is None else {"at": moment.broken[0], "size": moment.broken[1]}
    return {
        "blocks": [asdict(one) for one in moment.blocks],
        "values": [str(one) for one in moment.values],
        "returned": None if moment.returned is None else str(moment.returned),
        "broken": broken,
    }
