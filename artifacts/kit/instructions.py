"""What a kit says of itself, for whoever gets it."""

from __future__ import annotations

from collections.abc import Sequence
from importlib import resources

_WITH = "- `subjects/` holds the files that the proofs are about, by their SHA-256."
_WITHOUT = "- The files that the proofs are about are not in the kit: name them on the command line, in any order."


def instructions(tool_version: str, solvers: Sequence[str], has_subjects: bool) -> str:
    subjects = "" if has_subjects else " FILE..."
    where = _WITH if has_subjects else _WITHOUT
    head = _page("README.md").format(version=tool_version, subjects=subjects, where=where)
    if not solvers:
        return head
    wheel = " ".join(solver.replace(" ", "==") for solver in solvers)
    return head + _page("solver.md").format(solver=", ".join(solvers), wheel=wheel, subjects=subjects)


def _page(name: str) -> str:
    return resources.files("artifacts.kit").joinpath(f"page/{name}").read_text(encoding="utf-8")
