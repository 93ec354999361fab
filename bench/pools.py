"""`python -m bench.pools [MODULE...]`: what proofs about pools take, of single right modules and of all examples/pools.

A module is proved for both hosts with all obligations, checked and replayed, by one command and as many processes as
it says. Processor time is that of all of them; the ratio is to an empty Python program, or to what issue 4 asks for.
"""

from __future__ import annotations

import sys
import tempfile
from collections.abc import Iterable
from pathlib import Path
from typing import TYPE_CHECKING

from bench.measure import Measure, measure

ROOT = Path(__file__).resolve().parents[1]
sys.path.insert(0, str(ROOT / "tests"))

if TYPE_CHECKING:
    from pool_corpus import PoolModule

RIGHT = ("bump_arena", "slot_bitmap")
ONE_SECONDS, ALL_SECONDS = 2.0, 60.0
"""What is asked for: of one right arena or slot pool, and of the whole corpus on two cores."""


def alone() -> None:
    """Single right pools, each by a command of its own."""
    from pool_corpus import MODULES, read_module

    bare = measure([sys.executable, "-c", "pass"], 5)
    print("\na pool, both hosts, all obligations, proved and checked:")
    for name in RIGHT:
        found = _proved([read_module(MODULES[f"{name}.wasm"])], jobs=1)
        print(f"    {_said(name, found, ONE_SECONDS)}, {found.processor / bare.processor:.0f} empty Python programs")


def corpus(names: Iterable[str]) -> None:
    """All that is named, all there is if nothing is, in one command of two processes."""
    from pool_corpus import MODULES, read_module

    files = [f"{name}.wasm" for name in names] or list(MODULES)
    found = _proved([read_module(MODULES[file]) for file in files], jobs=2)
    print(f"\nthe pools of {len(files)} of {len(MODULES)} modules of examples/pools, both hosts, two processes:")
    print(f"    {_said('in all', found, ALL_SECONDS)}", flush=True)


def _said(name: str, found: Measure, wanted: float) -> str:
    return (
        f"{name:<12} exit status {found.status}: {found.seconds:.1f} s, {found.seconds / wanted:.2f} of the {wanted:g} "
        f"that are asked for; {found.processor:.1f} s of processor time, {found.megabytes:.0f} MB"
    )


def _proved(modules: Iterable[PoolModule], jobs: int) -> Measure:
    with tempfile.TemporaryDirectory() as folder:
        manifest = Path(folder) / "proofmark.toml"
        manifest.write_text("\n".join(map(_subject, modules)), encoding="utf-8")
        options = ["--no-cache", "--quiet", "--jobs", str(jobs), "--out", str(Path(folder) / "out")]
        return measure([sys.executable, "-m", "proofmark", "prove", "--manifest", str(manifest), *options], 1)


def _subject(module: PoolModule) -> str:
    from pool_corpus import ROLES, pool_of

    pool = pool_of(module)
    entry: dict[str, object] = {
        "name": pool.name,
        "base": pool.base,
        "size": pool.size,
        "element": pool.element,
        "alignment": pool.alignment,
        "budget": pool.budget,
        "tables": [_present(name=one.name, base=one.base, size=one.size, element=one.element) for one in pool.tables],
        "also": [_present(name=one.name, base=one.base, size=one.size, element=one.element) for one in pool.also],
    }
    for role in ROLES:
        entry[role] = [
            _present(
                export=one.export,
                parameters=None if one.parameters is None else list(one.parameters),
                indices=one.indices,
                unit=None if one.unit == 1 else one.unit,
            )
            for one in getattr(pool, role)
        ]
    pools = _toml([{key: value for key, value in entry.items() if value not in (None, [])}])
    obligations = _toml(sorted(module.obligations))
    return f"[[subject]]\npath = {_toml(str(module.path))}\nobligations = {obligations}\npools = {pools}\n"


def _present(**values: object) -> dict[str, object]:
    return {key: value for key, value in values.items() if value is not None}


def _toml(value: object) -> str:
    match value:
        case dict():
            return "{ " + ", ".join(f"{key} = {_toml(one)}" for key, one in value.items()) + " }"
        case list():
            return "[" + ", ".join(map(_toml, value)) + "]"
        case str():
            return f"'{value}'"
        case _:
            return str(value)


def main() -> None:
    if not sys.argv[1:]:
        alone()
    corpus(sys.argv[1:])


if __name__ == "__main__":
    main()
