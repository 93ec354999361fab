"""What starting up loads: the heavy rooms stay shut until they are needed."""

import os
import subprocess
import sys
from pathlib import Path

import pytest

REPO = Path(__file__).parents[2]
HEAVY = {
    "z3",
    "pysmt",
    "networkx",
    "wasmtime",
    "jsonschema",
    "distributed",
    "textual",
    "rich",
    "concurrent.futures.process",
    "extract",
}


def loaded(*args: str, cwd: Path) -> tuple[int, set[str]]:
    environ = {**os.environ, "PYTHONPATH": str(REPO), "XDG_CACHE_HOME": str(cwd / "cache")}
    done = subprocess.run(
        [sys.executable, "-X", "importtime", "-m", "proofmark", *args],
        cwd=cwd, env=environ, capture_output=True, text=True, check=False,
    )  # fmt: skip
    names = {line.rpartition("|")[2].strip() for line in done.stderr.splitlines() if line.startswith("import time:")}
    return done.returncode, names


@pytest.fixture(scope="module")
def certificates(tmp_path_factory: pytest.TempPathFactory) -> list[str]:
    from click.testing import CliRunner

    from proofmark.cli import main

    out = tmp_path_factory.mktemp("out")
    subject = str(REPO / "examples" / "static_pool_rust.wasm")
    CliRunner().invoke(main, ["prove", subject, "--out", str(out), "--no-cache", "--quiet"])
    found = [str(path) for path in sorted((out / "certificates").iterdir())]
    assert found
    return found


@pytest.mark.parametrize("args", [("--version",), ("--help",), ("prove", "--help")])
def test_nothing_heavy_to_say_what_we_are(tmp_path: Path, args: tuple[str, ...]) -> None:
    status, names = loaded(*args, cwd=tmp_path)
    assert status == 0
    assert not names & (HEAVY | {"artifacts", "proofs.recheck", "concurrent.futures"})


def test_check_loads_nothing_that_made_the_certificate(tmp_path: Path, certificates: list[str]) -> None:
    subject = str(REPO / "examples" / "static_pool_rust.wasm")
    status, names = loaded("check", *certificates, "--subject", subject, cwd=tmp_path)
    assert status == 0
    assert not names & (HEAVY | {"smt_models", "concurrent.futures", "multiprocessing", "proofmark.job"})


def test_prove_of_a_small_module_loads_no_solver(tmp_path: Path) -> None:
    subject = str(REPO / "examples" / "static_pool_rust.wasm")
    status, names = loaded("prove", subject, cwd=tmp_path)
    assert status == 0
    assert not names & (HEAVY - {"extract"})
