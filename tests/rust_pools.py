"""The crates of examples/rust-pools, and small crates that tests write, as subjects."""

from __future__ import annotations

import json
import os
import shutil
import subprocess
import tomllib
from collections.abc import Iterable, Mapping
from pathlib import Path
from typing import Any, NoReturn

import pytest
from click.testing import CliRunner

from extract.mir.parser import read_mir
from extract.rust.configuration import Configuration
from proofmark.cli import main
from proofs.kinds import PoolKind
from proofs.pools.bounded import Route
from proofs.runtime.engine import Budget
from proofs.static_pools.judge import Judged, decide
from proofs.verdicts import ConfirmedNatively, NotConfirmed, Proved, Refuted, Verdict, Violation
from smt_models.static_pools.model import StaticPools, groups, pools_of
from smt_models.static_pools.subject import Subject, load_subject

FOLDER = Path(__file__).resolve().parents[1] / "examples" / "rust-pools"
KINDS = (PoolKind.INDEX_IN_BOUNDS, PoolKind.RANGE_IN_BOUNDS, PoolKind.ALIGNED, PoolKind.DISJOINT)


def build_of(folder: Path) -> dict[str, Any]:
    """How the MIR of examples was made."""
    return tomllib.loads((folder / "build.toml").read_text(encoding="utf-8"))


BUILD = build_of(FOLDER)


def example(name: str) -> Subject:
    """`right` or `broken`, from the MIR that is committed."""
    return subject_of(FOLDER / "mir" / f"{name}.mir", FOLDER / name)


def subject_of(mir: Path, directory: Path) -> Subject:
    return load_subject(read_mir(str(mir)), directory, Configuration.of((), ()))


def missing(what: str) -> NoReturn:
    if os.environ.get("CI") == "true":
        pytest.fail(f"{what}: CI must have it")
    pytest.skip(f"NOT TESTED: {what}")


def rustc_of(build: dict[str, Any]) -> list[str]:
    """The compiler that the committed MIR is from."""
    for words in (["rustc"], ["rustc", f"+{build['rustc']['release']}"]):
        if shutil.which("rustc"):
            said = subprocess.run([*words, "-vV"], capture_output=True, text=True, check=False, timeout=60).stdout
            if build["rustc"]["commit"] in said and build["rustc"]["host"] in said:
                return words
    missing(f"no rustc {build['rustc']['release']}")


def command(made: dict[str, Any], sysroot: str) -> list[str]:
    """The arguments of rustc by which MIR was made."""
    words = {"sysroot": sysroot, "commit": BUILD["rustc"]["commit"]}
    return [word.format(**words) if "{" in word else word for word in made["command"][1:]]


def environment(build: dict[str, Any] = BUILD) -> dict[str, str]:
    return {**os.environ, **build["environment"]}


def made_again(folder: Path, made: dict[str, Any], directory: Path, in_place: bool = False) -> bytes:
    """The MIR of a crate of the folder, from its sources; or, in place, of the crate in the directory."""
    build = build_of(folder)
    rustc = rustc_of(build)
    root = subprocess.run([*rustc, "--print", "sysroot"], capture_output=True, text=True, check=True, timeout=60)
    if not in_place:
        shutil.copytree(folder / made["folder"], directory / made["folder"])
        (directory / "mir").mkdir()
    subprocess.run(
        [*rustc, *command(made, root.stdout.strip())],
        cwd=directory if in_place else directory / made["folder"],
        env=environment(build),
        check=True,
        timeout=120,
    )
    return b"" if in_place else (directory / made["output"]).read_bytes()


def verdicts(
    subject: Subject, statics: tuple[str, ...] = (), kinds: Iterable[str] = ()
) -> dict[tuple[str, str], Judged]:
    """Of each static and obligation, or of those that are named; nothing is run natively."""
    asked = tuple(PoolKind(one) for one in kinds) or KINDS

    def not_run(_: StaticPools, __: Route) -> ConfirmedNatively | NotConfirmed:
        return NotConfirmed("not run")

    found: dict[tuple[str, str], Judged] = {}
    for group in groups(subject):
        pools = tuple(one for one in pools_of(subject, group) if not statics or one in statics)
        if pools:
            judged = decide(subject, group, pools, asked, Budget(60, 2048), not_run)
            found |= {(one.pool, one.kind.value): one for one in judged}
    return found


def assert_proved(found: Mapping[tuple[str, str], Judged], pool: str, kinds: Iterable[str]) -> None:
    for kind in kinds:
        assert isinstance(found[pool, kind].verdict, Proved), (kind, found[pool, kind])


def assert_refuted(verdict: Verdict) -> None:
    assert isinstance(verdict, Refuted), verdict
    assert isinstance(verdict.trace, Violation)


def assert_index_refuted_by_a_run(source: str, folder: Path) -> None:
    """Of the crate itself, by the command line: as users have it, with cargo."""
    rustc_of(BUILD)
    (folder / "src").mkdir()
    (folder / "src" / "lib.rs").write_text(source, encoding="utf-8")
    (folder / "Cargo.toml").write_text('[package]\nname = "pools"\nversion = "0.0.0"\nedition = "2021"\n')
    out = folder / "out"
    words = ["prove", "--crate", str(folder), "--static-pools", "--jobs", "1", "--out", str(out), "--format", "json"]
    done = CliRunner().invoke(main, words)
    assert done.exit_code == 1, done.output
    results = json.loads((out / "report.json").read_text(encoding="utf-8"))["results"]
    (one,) = [one for one in results if one["obligation"] == "index-in-bounds"]
    assert one["verdict"] == "refuted", one
    assert "confirmed by a run of the crate itself" in " ".join(done.output.split())


def verdicts_of_source(
    source: str, folder: Path, statics: tuple[str, ...] = (), kinds: Iterable[str] = ()
) -> dict[tuple[str, str], Judged]:
    """Of a crate of one file."""
    return verdicts(subject_of_source(source, folder), statics, kinds)


def subject_of_source(source: str, folder: Path) -> Subject:
    """A crate of one file, compiled."""
    rustc = rustc_of(BUILD)
    (folder / "src").mkdir()
    (folder / "src" / "lib.rs").write_text(f"#![allow(static_mut_refs)]\n{source}")
    (folder / "Cargo.toml").write_text('[package]\nname = "pools"\nversion = "0.0.0"\nedition = "2021"\n')
    made = {"command": [word.replace("../mir/right.mir", "a.mir") for word in BUILD["mir"][0]["command"]]}
    subprocess.run([*rustc, *command(made, "none")], cwd=folder, env=environment(), check=True, timeout=120)
    return subject_of(folder / "a.mir", folder)
