"""What a kit says of itself, for whoever gets it."""

from __future__ import annotations

from collections.abc import Sequence
from importlib import resources

_WITH = "- `subjects/` holds the files that the proofs are about, by their SHA-256."
_WITHOUT = "- The files that the proofs are about are not in the kit: name them on the command line, in any order."


def instructions(tool_version: str, solvers: Sequence[str], has_subjects: bool, by_lrat: bool) -> str:
    """`by_lrat`: what needs a solver has propositional proofs instead."""
    options = f"{' --lrat' if by_lrat else ''}{'' if has_subjects else ' FILE...'}"
    where = _WITH if has_subjects else _WITHOUT
    page = _page("README.md").format(version=tool_version, options=options, where=where)
    if by_lrat:
        page += _page("lrat.md")
    if solvers:
        wheel = " ".join(solver.replace(" ", "==") for solver in solvers)
        page += _page("solver.md").format(solver=", ".join(solvers), wheel=wheel, options=options)
    return page


def _page(name: str) -> str:
    return resources.files("artifacts.kit").joinpath(f"page/{name}").read_text(encoding="utf-8")
