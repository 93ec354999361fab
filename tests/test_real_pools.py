"""Pools of published crates: what real_pools.toml says of them is what wasmtime shows."""

import shutil
import tomllib
from functools import cache
from pathlib import Path
from typing import Any

import pytest
from pool_corpus import HOSTS, Host, PoolModule, linked, read_module
from pool_runs import Instance, search
from real_modules import alone, cache_folder, missing, run

CLIENTS = Path(__file__).parent / "real_pools"
LIST: dict[str, Any] = tomllib.loads((CLIENTS / "real_pools.toml").read_text(encoding="utf-8"))


@cache
def _built(crate: str) -> Path:
    """The folder of the client's module, as the compiler recorded builds it."""
    compiler = run(["rustc", "--version"], CLIENTS).split()[1]
    if compiler != LIST["rustc"]:
        missing(f"rustc {LIST['rustc']} is not here, but {compiler}")
    target = cache_folder() / "pools" / f"{crate}-{compiler}"
    command = [str(target) if word == "TARGET" else word for word in LIST["command"]]
    with alone(target.name):
        shutil.copytree(CLIENTS / crate, target / "client", dirs_exist_ok=True)
        run(command, target / "client", {"RUSTFLAGS": "", "CARGO_ENCODED_RUSTFLAGS": ""})
        shutil.copyfile(target / LIST["output"], target / f"{crate}.wasm")
    return target


def _module(entry: dict[str, Any]) -> PoolModule:
    return read_module(entry, _built(entry["file"].removesuffix(".wasm")))


@pytest.mark.parametrize("host", HOSTS)
@pytest.mark.parametrize("entry", LIST["module"], ids=lambda entry: entry["file"])
def test_runs_break_what_is_said_to_be_broken(entry: dict[str, Any], host: Host) -> None:
    module = _module(entry)
    found = search(module, host)
    runs = {obligation: " ".join(map(str, calls)) for obligation, calls in found.shortest.items()}
    assert runs.keys() == module.refuted[host], runs
    assert found.afterwards <= module.refuted[host] | module.follows[host]
    assert host == "any" or found.ended["allocate", "Trapped"] > 0


@pytest.mark.parametrize("entry", LIST["module"], ids=lambda entry: entry["file"])
def test_objects_lie_where_the_linker_put_them(entry: dict[str, Any]) -> None:
    assert Instance(_module(entry)).globals() == linked(entry)
