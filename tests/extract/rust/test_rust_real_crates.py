"""The published runtime in several versions: its sources against the MIR that rustc makes of them here."""

import os
import re
import subprocess
from functools import cache
from pathlib import Path

import pytest
from rust_sources import mir, missing, target_cfg, tool

from extract.rust.configuration import Configuration
from extract.rust.glue import ordered
from extract.rust.sources import Sources, read_sources
from extract.rust.types import Local, Parameter

CRATE = "wit-bindgen"
# Version, and the features besides `async` and `std` that it is read with: none of these needs another crate.
VERSIONS = {
    "0.51.0": (),
    "0.57.1": (),
    "0.60.0": (),
    "0.61.1": (),
    "0.63.0": (),
    "0.63.0+wakeup": ("inter-task-wakeup",),
}
OPERATIONS = {"FutureReadOp", "FutureWriteOp", "StreamReadOp", "StreamWriteOp", "SubtaskOps"}
_HEADER = re.compile(r"<impl at ([^>]*)>")
_CLOSURE = re.compile(r"\{(?:closure|async block|coroutine)@([^}]*)\}")
_NAME = re.compile(r"^(?:fn|const|static)(?: mut)? (.*?)(?=\(_1: |\(\) ->|: [^:]* = )", re.MULTILINE)
_BODY = re.compile(r"^fn (\S.*?::\{closure#\d+\})\(_1: (?:Pin<)?(?:&(?:mut )?)?\{(?:closure|async block)@(.*?)\}", re.M)


@cache
def _home() -> Path:
    return Path(os.environ.get("CARGO_HOME", Path.home() / ".cargo"))


@cache
def _directory(version: str) -> Path:
    """The crate's sources in cargo's cache, fetched by cargo where they are not there."""
    found = sorted((_home() / "registry" / "src").glob(f"*/{CRATE}-{version}"))
    return found[0] if found else missing(f"{CRATE} {version} could not be fetched")


@pytest.fixture(scope="module", autouse=True)
def _fetched(tmp_path_factory: pytest.TempPathFactory) -> None:
    versions = sorted({name.partition("+")[0] for name in VERSIONS})
    sources = _home() / "registry" / "src"
    if all(list(sources.glob(f"*/{CRATE}-{version}")) for version in versions):
        return
    for version in versions:
        project = tmp_path_factory.mktemp("fetch")
        (project / "src").mkdir()
        (project / "src" / "lib.rs").touch()
        (project / "Cargo.toml").write_text(
            '[package]\nname = "fetch"\nversion = "0.0.0"\nedition = "2021"\n[workspace]\n[dependencies]\n'
            f'{CRATE} = {{ version = "={version}", default-features = false }}\n'
        )
        done = subprocess.run([tool("cargo"), "fetch"], cwd=project, capture_output=True, text=True, check=False)
        if done.returncode:
            missing(f"cargo fetch of {CRATE} {version}: {done.stderr.strip()[-200:]}")


@cache
def _sources(name: str, wasm: bool = False) -> Sources:
    version, _, _ = name.partition("+")
    lines = target_cfg()
    if wasm:
        lines = tuple(line for line in lines if not line.startswith(("target_", "unix")))
        lines += ('target_family="wasm"', 'target_arch="wasm32"', 'target_env="p1"')
    return read_sources(_directory(version), Configuration.of(lines, ("async", "std", *VERSIONS[name])))


@cache
def _mir(name: str) -> str:
    version, _, _ = name.partition("+")
    return mir(_directory(version), "src/lib.rs", ("async", "std", *VERSIONS[name]))


@pytest.mark.parametrize("name", VERSIONS)
def test_everything_is_read_and_resolved(name: str) -> None:
    sources = _sources(name)
    assert sources.facts.unread == ()
    assert sources.unresolved == ()


@pytest.mark.parametrize("name", VERSIONS)
def test_every_impl_header_of_the_mir_is_found(name: str) -> None:
    places = set(_HEADER.findall(_mir(name)))
    assert len(places) > 80
    assert [place for place in places if len(_sources(name).index.implementations(place)) != 1] == []


@pytest.mark.parametrize("name", VERSIONS)
def test_every_closure_of_the_mir_is_found_and_none_besides(name: str) -> None:
    places = {place.partition(" (#")[0] for place in _CLOSURE.findall(_mir(name))}
    sources = _sources(name)
    assert [place for place in places if len(sources.index.closures(place)) != 1] == []
    known = {str(one.body if one.kind == "async fn body" else one.header) for one in sources.facts.closures}
    assert known == places


@pytest.mark.parametrize("name", VERSIONS)
def test_closures_are_numbered_as_the_mir_numbers_them(name: str) -> None:
    bodies = _BODY.findall(_mir(name))
    assert len(bodies) > 8
    for path, place in bodies:
        (closure,) = _sources(name).index.closures(place)
        assert closure.path.endswith(f"::{path}")


@pytest.mark.parametrize("name", VERSIONS)
def test_every_body_of_the_mir_has_its_item(name: str) -> None:
    names = _NAME.findall(_mir(name))
    assert len(names) > 250
    assert [one for one in names if not _sources(name).index.find(one)] == []


@pytest.mark.parametrize("name", VERSIONS)
def test_all_operations_are_found(name: str) -> None:
    sources = _sources(name)
    (trait,) = (one.path for one in sources.facts.traits if one.path.endswith("::WaitableOp"))
    found = sources.implementors.of(trait)
    assert {one.self_type.path.rpartition("::")[2] for one in found if isinstance(one.self_type, Local)} == OPERATIONS
    for one in found:
        assert {name for name, _ in one.associated} == {"Start", "InProgress", "Result", "Cancel"}


@pytest.mark.parametrize("name", VERSIONS)
def test_dropping_an_operation_cancels_before_its_fields_go(name: str) -> None:
    sources = _sources(name)
    (operation,) = (one.path for one in sources.facts.structs if one.path.endswith("::WaitableOperation"))
    (write,) = (one.path for one in sources.facts.structs if one.path.endswith("::StreamWriteOp"))
    steps = ordered(sources.glue.drop_glue(Local(operation, (Local(write, (Parameter("O"),)),))))
    assert steps[0].place == ()
    assert steps[0].action.endswith("::drop")
    places = [".".join(step.place) for step in steps]
    assert places.index("state.as InProgress.0") < places.index("completion_status.waker.as Some.0")
    assert not [step for step in steps if step.action == "unknown"]


def test_the_task_table_names_its_functions() -> None:
    tables = {(one.type.rpartition("::")[2], one.owner.rpartition("::")[2]): one for one in _sources("0.63.0").tables}
    fields = {
        one.field: [path.rpartition("::")[2] for path in one.functions]
        for one in tables["wasip3_task_vtable", "CABI_VTABLE"].fields
    }
    assert fields == {
        "waitable_register": ["cabi_waitable_register"],
        "waitable_unregister": ["cabi_waitable_unregister"],
        "drop": ["cabi_drop"],
        "clone": ["cabi_clone"],
    }
    (stored,) = tables["CabiWaitable", "waitable_register"].fields
    assert stored.functions == ()  # a parameter, though a function of this name is in scope


def test_the_built_ins_of_the_host_are_found_under_the_configuration_for_wasm() -> None:
    names = {one.link_name: one.import_module for one in _sources("0.63.0+wakeup", wasm=True).facts.foreign}
    for built_in in ("[subtask-cancel]", "[subtask-drop]", "[waitable-join]", "[waitable-set-wait]"):
        assert names[built_in] == "$root"
    assert names["[task-cancel]"] == "[export]$root"
    assert "[async-lower][stream-read-unit]" in names
    assert not [one for one in _sources("0.63.0").facts.foreign if one.link_name.startswith("[")]
