"""The side of the verdict: a guest runs only in a child process, which ends when the budget does."""

from __future__ import annotations

import json
import os
import signal
import subprocess
import sys
import time
from dataclasses import dataclass
from pathlib import Path

from proofs.replay.request import Goal, ReachFunction, Replay, ReplayRoot, Request, decode_answer, encode_request
from proofs.verdicts import NotConfirmed

_PACKAGES = str(Path(__file__).resolve().parents[2])


@dataclass(frozen=True, slots=True)
class _Died:
    """The child ended without an answer: how, and what it was doing."""

    how: str
    doing: str


def replay(subject_path: str, sha256: str, roots: tuple[ReplayRoot, ...], goal: Goal, seconds: float) -> Replay:
    """Searches calls of `roots` that reach `goal` in the file, for at most `seconds`; tells what was seen, no more."""
    if not roots:
        return Replay(NotConfirmed("there is no root to call"))
    if isinstance(goal, ReachFunction) and not goal.functions:
        return Replay(NotConfirmed("there is no function to reach"))
    deadline = time.monotonic() + seconds
    why = ""
    for baseline in (True, False):
        if time.monotonic() >= deadline:
            break
        match _run_child(Request(subject_path, sha256, roots, goal, seconds, deadline, baseline)):
            case _Died(how, doing):
                why = f"the replaying process {how} while {doing}"
            case answer:
                return answer
    why = why or "nothing was started"
    return Replay(NotConfirmed(f"{why} (budget: {seconds:g} s)"))


def _run_child(request: Request) -> Replay | _Died:
    path = os.pathsep.join(filter(None, (_PACKAGES, os.environ.get("PYTHONPATH"))))
    try:
        done = subprocess.run(
            [sys.executable, "-P", "-m", "proofs.replay.child"],
            input=encode_request(request).encode(),
            stdout=subprocess.PIPE,
            stderr=subprocess.DEVNULL,
            timeout=max(0, request.until - time.monotonic()),
            env={**os.environ, "PYTHONPATH": path, "RUST_BACKTRACE": "0"},
            check=False,
        )
    except subprocess.TimeoutExpired as ended:
        return _read(ended.stdout or b"", "was ended with the budget")
    if done.returncode < 0:
        try:
            how = f"died of {signal.Signals(-done.returncode).name}"
        except ValueError:
            how = f"died of signal {-done.returncode}"
    else:
        how = f"ended with status {done.returncode}"
    return _read(done.stdout, how)


def _read(output: bytes, how: str) -> Replay | _Died:
    """The child writes a line of JSON for each thing it begins, and at last the answer."""
    doing = "starting"
    for line in output.splitlines():
        try:
            fields = json.loads(line)
        except ValueError:
            continue  # cut off in the middle
        if "answer" in fields:
            return decode_answer(fields)
        doing = fields["doing"]
    return _Died(how, doing)
