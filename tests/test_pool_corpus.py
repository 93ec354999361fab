"""The pool corpus against a plain model of live blocks: wasmtime shows what corpus.toml says, and nothing else."""

import tomllib
from pathlib import Path
from typing import Any

import pytest
from example_tools import rebuilt
from pool_corpus import FOLDER, HOSTS, OBLIGATIONS, Host, PoolModule, entries, linked, modules
from pool_runs import Instance, search

BUILD: list[dict[str, Any]] = tomllib.loads((FOLDER / "build.toml").read_text(encoding="utf-8"))["example"]
BUILT = [(output, example) for example in BUILD for output in example["outputs"]]


@pytest.mark.parametrize("host", HOSTS)
@pytest.mark.parametrize("module", modules(), ids=lambda module: module.file)
def test_runs_break_what_is_said_to_be_broken(module: PoolModule, host: Host) -> None:
    found = search(module, host)
    runs = {obligation: " ".join(map(str, calls)) for obligation, calls in found.shortest.items()}
    assert runs.keys() == module.refuted[host], runs
    assert found.afterwards <= module.refuted[host] | module.follows[host]


@pytest.mark.parametrize(("output", "example"), BUILT, ids=[output for output, _ in BUILT])
def test_rebuild_gives_the_same_bytes(output: str, example: dict[str, Any], tmp_path: Path) -> None:
    assert rebuilt(FOLDER / example["source"], example, output, tmp_path) == (FOLDER / output).read_bytes()


@pytest.mark.parametrize("module", [one for one in modules() if one.twin_of is None], ids=lambda module: module.file)
def test_right_modules_do_what_they_are_for(module: PoolModule) -> None:
    """Not merely trap: each export returns to a careful client, and the pool is used up before it refuses."""
    ended = search(module, "conforming").ended
    kinds = {role.kind for role in module.roles}
    assert {kind for kind, end in ended if end == "Returned"} == kinds
    assert {kind for kind, end in ended if end == "Trapped"} <= {"allocate", "reset", "prepare", "mark"}
    assert "allocate" not in kinds or ended["allocate", "Trapped"] > 0


def test_every_module_is_built_and_described() -> None:
    files = {path.name for path in FOLDER.glob("*.wasm")}
    assert {output for output, _ in BUILT} == files
    assert [(output, example["source"]) for output, example in BUILT] == [(one.file, one.source) for one in modules()]


def test_every_twin_breaks_something_that_holds_of_its_module() -> None:
    """What is right keeps all of it towards a host that keeps the rules."""
    of = {module.file: module for module in modules()}
    for module in modules():
        broken = module.refuted["conforming"] | module.refuted["any"]
        assert module.obligations <= set(OBLIGATIONS)
        assert broken | module.follows["any"] <= module.obligations
        assert module.refuted["conforming"] <= module.refuted["any"]  # any host may behave as a conforming one
        if module.twin_of is None:
            assert not module.refuted["conforming"], module.file
        else:
            right = of[module.twin_of]
            assert any(module.refuted[host] - right.refuted[host] for host in HOSTS), module.file


@pytest.mark.parametrize("entry", entries(), ids=lambda entry: entry["file"])
def test_objects_lie_where_the_linker_put_them(entry: dict[str, Any]) -> None:
    module = next(one for one in modules() if one.file == entry["file"])
    assert Instance(module).globals() == linked(entry)
