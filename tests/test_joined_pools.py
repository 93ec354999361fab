"""examples/joined-pools: a crate and the module that is made of it are proved and joined; a module of another size, or
of which something is refuted that is proved of the crate, is found."""

from __future__ import annotations

import json
import shutil
import subprocess
import tomllib
from pathlib import Path
from typing import Any

import pytest
from click.testing import CliRunner, Result
from example_tools import EXAMPLES, rebuilt
from rust_pools import BUILD, command, environment, rustc_of

from artifacts.joins import join_lines
from proofmark.cli import main
from proofs.kinds import PoolKind
from proofs.pool_join import End, joined
from proofs.verdicts import NotConfirmed, Proved, Refuted, Unknown, Verdict

FOLDER = EXAMPLES / "joined-pools"
EXAMPLE: dict[str, Any] = tomllib.loads((FOLDER / "build.toml").read_text(encoding="utf-8"))["example"][0]


@pytest.mark.parametrize("output", EXAMPLE["outputs"])
def test_rebuild_gives_the_same_bytes(output: str, tmp_path: Path) -> None:
    assert rebuilt(FOLDER / EXAMPLE["source"], EXAMPLE, output, tmp_path) == (FOLDER / output).read_bytes()


def test_mir_is_that_of_the_sources(tmp_path: Path) -> None:
    rustc = rustc_of(BUILD)
    root = subprocess.run([*rustc, "--print", "sysroot"], capture_output=True, text=True, check=True, timeout=60)
    shutil.copytree(FOLDER / "src", tmp_path / "src")
    replaced = {"../mir/right.mir": "joined.mir", "pools": "joined"}
    words = command(BUILD["mir"][0], root.stdout.strip())
    for old, new in replaced.items():
        words = [word.replace(old, new) for word in words]
    with_unstable = {**environment(), "RUSTC_BOOTSTRAP": "joined"}
    subprocess.run([*rustc, *words], cwd=tmp_path, env=with_unstable, check=True, timeout=120)
    assert (tmp_path / "joined.mir").read_bytes() == (FOLDER / "mir" / "joined.mir").read_bytes()


def _run(folder: Path, module: str, *options: str, **changes: str) -> tuple[Result, list[dict[str, Any]]]:
    """The manifest of the example with another module in the place of its own, and other changes."""
    shutil.copytree(FOLDER, folder / "it")
    shutil.copyfile(FOLDER / module, folder / "it" / "joined.wasm")
    manifest = folder / "it" / "proofmark.toml"
    text = manifest.read_text(encoding="utf-8")
    for old, new in changes.items():
        assert old in text
        text = text.replace(old, new)
    manifest.write_text(text, encoding="utf-8")
    out = folder / "out"
    done = CliRunner().invoke(main, ["prove", "--manifest", str(manifest), "--out", str(out), "--jobs", "1", *options])
    report = out / "report.json"
    return done, json.loads(report.read_text(encoding="utf-8"))["joins"] if report.exists() else []


def test_both_ends_are_proved_and_joined(tmp_path: Path) -> None:
    done, (join,) = _run(tmp_path, "joined.wasm")
    assert done.exit_code == 0, done.output
    assert join["state"] == "joined"
    assert (join["static"], join["pool"], join["bytes"]) == ("ARENA.bytes", "joined::ARENA.bytes", 512)
    assert join["proved"] == ["range-in-bounds", "aligned", "disjoint"]
    assert "512 bytes at both ends" in done.output
    case = CliRunner().invoke(main, ["safety-case", str(tmp_path / "out")])
    assert case.exit_code == 0, case.output


def test_a_module_of_another_size_is_found_though_all_is_proved(tmp_path: Path) -> None:
    done, (join,) = _run(tmp_path, "joined_larger.wasm", "--format", "json", "--format", "sarif", "--format", "junit")
    assert done.exit_code == 5, done.output
    assert join["state"] == "differ"
    assert join["findings"] == ["size: 512 bytes in the crate, 1024 bytes in the module"]
    assert join["proved"] == ["range-in-bounds", "aligned", "disjoint"]
    results = json.loads((tmp_path / "out" / "report.json").read_text(encoding="utf-8"))["results"]
    assert {one["verdict"] for one in results} == {"proved"}
    assert "1024 bytes in the module" in done.output
    (alert,) = json.loads((tmp_path / "out" / "proofmark.sarif").read_text(encoding="utf-8"))["runs"][0]["results"]
    assert (alert["ruleId"], alert["level"]) == ("pool-join", "error")
    assert 'type="differ"' in (tmp_path / "out" / "junit.xml").read_text(encoding="utf-8")
    case = CliRunner().invoke(main, ["safety-case", str(tmp_path / "out")])
    assert case.exit_code == 1, case.output
    assert not list(tmp_path.glob("out/attestation*"))


def test_a_static_that_no_pool_has_the_name_of_is_open(tmp_path: Path) -> None:
    other = {'"joined::ARENA.bytes"': '"other"\nbase = 4200\nsize = 512\nalignment = 8'}
    done, (join,) = _run(tmp_path, "joined.wasm", **other)
    assert done.exit_code == 3, done.output
    assert join["state"] == "open"
    assert join["pool"] is None
    assert "joined::ARENA.bytes" in join["open"][0]


def test_a_module_of_which_no_pool_is_asked_is_a_fault_of_the_manifest(tmp_path: Path) -> None:
    done, _ = _run(tmp_path, "joined.wasm", **{'modules = ["joined.wasm"]': 'modules = ["gone.wasm"]'})
    assert done.exit_code == 2
    assert "proofmark.toml:8:" in done.output
    assert "no pool of" in done.output


ALIGNED, RANGE = (kind.value for kind in (PoolKind.ALIGNED, PoolKind.RANGE_IN_BOUNDS))


def _proved() -> Verdict:
    return Proved(None, ())  # type: ignore[arg-type]  # of what, nobody asks here


def _refuted() -> Verdict:
    return Refuted(NotConfirmed("as above"))  # type: ignore[arg-type]


def _end(verdicts: dict[tuple[str, str], Verdict], **more: Any) -> End:
    said: dict[str, Any] = {"size": 64, "element": 16, "count": 4} | more
    return End("path", "name", said["size"], said["element"], said["count"], verdicts)


HOSTS = ("host=conforming", "host=any")


@pytest.mark.parametrize(
    ("crate", "module", "findings", "holds"),
    [
        (_proved(), (_proved(), _proved()), 0, True),
        (_proved(), (_proved(), _refuted()), 1, False),
        (_proved(), (_refuted(), _refuted()), 2, False),
        (_refuted(), (_proved(), _proved()), 1, False),
        (_refuted(), (_proved(), _refuted()), 0, False),  # callers that the host never is
        (_proved(), (_proved(), Unknown("no")), 0, False),
        (Unknown("no"), (_proved(), _proved()), 0, False),
    ],
)
def test_verdicts_that_contradict_each_other_are_found(
    crate: Verdict, module: tuple[Verdict, Verdict], findings: int, holds: bool
) -> None:
    pool = _end({(ALIGNED, host): verdict for host, verdict in zip(HOSTS, module, strict=True)})
    join = joined(_end({(ALIGNED, ""): crate}), pool)
    assert (len(join.findings), join.holds) == (findings, holds)
    assert join.proved == ((ALIGNED,) if holds else ())
    assert len(join_lines(join)) > 1


@pytest.mark.parametrize(
    ("other", "what"), [({"size": 60}, "size"), ({"element": 8}, "size of an element"), ({"count": 5}, "count")]
)
def test_extents_that_differ_are_found(other: dict[str, int], what: str) -> None:
    verdicts = {(ALIGNED, ""): _proved()}
    (finding,) = joined(_end(verdicts), _end(verdicts, **other)).findings
    assert finding.startswith(f"{what}: ")


def test_what_is_not_said_is_open() -> None:
    verdicts = {(ALIGNED, ""): _proved()}
    assert joined(_end(verdicts, size=None), _end(verdicts)).open == ("the size is not known at both ends",)
    assert joined(_end(verdicts), _end({(RANGE, ""): _proved()})).open == ("no obligation is asked of both ends",)
