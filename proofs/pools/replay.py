"""A sequence of calls run on the very bytes under proof, in a child process that ends with its budget."""

from __future__ import annotations

import json
import os
import subprocess
import sys
from dataclasses import asdict
from pathlib import Path

from proofs.pool_verdicts import Replayed
from proofs.pools.bounded import Route
from proofs.verdicts import NotConfirmed
from smt_models.pools.model import PoolModel
from smt_models.pools.requests import parameters_of

_ROOT = str(Path(__file__).resolve().parents[2])


def replay(path: str, sha256: str, model: PoolModel, route: Route, seconds: float) -> Replayed | NotConfirmed:
    """Whether the calls of the route break its kind, and nothing else before."""
    metadata = [(cell.address, cell.end - 1) for cell in model.calls.layout.cells]
    task = {
        "path": path,
        "sha256": sha256,
        "pool": asdict(model.pool),
        "host": model.host.value,
        "kind": route.kind,
        "calls": [{"name": one.name, "arguments": one.arguments} for one in route.calls],
        "parameters": {call.name: list(parameters_of(model.pool, call)) for call in model.calls.calls},
        "metadata": metadata,
        "seconds": seconds,
    }
    if seconds <= 0:
        return NotConfirmed("the budget for replay is zero")
    paths = os.pathsep.join(filter(None, (_ROOT, os.environ.get("PYTHONPATH"))))
    try:
        done = subprocess.run(
            [sys.executable, "-P", "-m", "proofs.pools.replay_child"],
            input=json.dumps(task),
            capture_output=True,
            text=True,
            timeout=seconds + 5,
            env={**os.environ, "PYTHONPATH": paths},
            check=False,
        )
    except subprocess.TimeoutExpired:
        return NotConfirmed(f"the run did not end in {seconds:g} s")
    try:
        answer = json.loads(done.stdout)
    except ValueError:
        return NotConfirmed(f"the process that runs the module ended with status {done.returncode}")
    match answer:
        case {"confirmed": str(how)}:
            return Replayed(how)
        case {"not": str(why)}:
            return NotConfirmed(why)
        case _:
            return NotConfirmed("the process that runs the module gave no answer that is known")
