"""The house's order: imports point left only, and the libraries stay in their rooms (design, "The house")."""

from __future__ import annotations

import ast
from collections.abc import Iterator
from pathlib import Path

import pytest

ROOT = Path(__file__).resolve().parents[1]
ROOMS = ("extract", "smt_models", "proofs", "artifacts", "proofmark")
ONLY_IN = {
    "click": "proofmark",
    "elftools": "extract",
    "pysmt": "smt_models",
    "z3": "proofs",
    "cvc5": "proofs",
    "pysat": "proofs",
    "textual": "proofmark",
    "rich": "proofmark",
    "cryptography": "proofmark",
}
CHECKER = "proofs.recheck"


def _modules() -> Iterator[tuple[str, Path]]:
    for room in ROOMS:
        for path in sorted((ROOT / room).rglob("*.py")):
            parts = path.relative_to(ROOT).with_suffix("").parts
            yield ".".join(parts[:-1] if parts[-1] == "__init__" else parts), path


def _imports(path: Path) -> Iterator[str]:
    """Every module that a file imports, wherever in the file the import stands."""
    for node in ast.walk(ast.parse(path.read_text(encoding="utf-8"))):
        match node:
            case ast.Import():
                yield from (alias.name for alias in node.names)
            case ast.ImportFrom():
                assert node.level == 0, f"{path}: a relative import"
                assert node.module is not None
                yield node.module
                yield from (f"{node.module}.{alias.name}" for alias in node.names)


GRAPH = {name: set(_imports(path)) for name, path in _modules()}


def test_there_is_something_to_check() -> None:
    assert {name.split(".")[0] for name in GRAPH} == set(ROOMS)


@pytest.mark.parametrize("name", sorted(GRAPH))
def test_imports_point_left(name: str) -> None:
    room = ROOMS.index(name.split(".")[0])
    for imported in GRAPH[name]:
        top = imported.split(".")[0]
        if top in ROOMS:
            assert ROOMS.index(top) <= room, f"{name} imports {imported}"
        if top in ONLY_IN:
            assert ONLY_IN[top] == ROOMS[room], f"{name} imports {imported}"


@pytest.mark.parametrize("name", sorted(name for name in GRAPH if name.startswith(CHECKER)))
def test_the_checker_shares_no_code(name: str) -> None:
    for imported in GRAPH[name]:
        assert imported.split(".")[0] not in ROOMS or imported.startswith(CHECKER), f"{name} imports {imported}"


def test_no_cycles() -> None:
    edges = {
        name: {other for other in imported if other in GRAPH and other != name} for name, imported in GRAPH.items()
    }
    while edges:
        leaves = {name for name, targets in edges.items() if not targets & edges.keys()}
        assert leaves, f"a cycle among {sorted(edges)}"
        edges = {name: targets for name, targets in edges.items() if name not in leaves}
