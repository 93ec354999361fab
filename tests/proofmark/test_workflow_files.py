"""The action and the hook: well formed, pinned, and saying what the command line understands."""

import importlib.util
import os
import re
import shutil
import subprocess
import sys
from pathlib import Path
from typing import Any

import pytest
from click.testing import CliRunner

from proofmark.cli import main

REPO = Path(__file__).parents[2]

needs_yaml = pytest.mark.skipif(
    importlib.util.find_spec("yaml") is None and os.environ.get("CI") != "true", reason="NOT TESTED: PyYAML is missing"
)


def read(name: str) -> Any:
    import yaml

    return yaml.safe_load((REPO / name).read_text())


@needs_yaml
def test_the_action_is_composite_and_pinned() -> None:
    action = read("action.yml")
    assert action["runs"]["using"] == "composite"
    used = [step["uses"] for step in action["runs"]["steps"] if "uses" in step]
    assert any(name.startswith("github/codeql-action/upload-sarif@") for name in used)
    assert all(re.fullmatch(r"[\w/-]+@[0-9a-f]{40}", name) for name in used)
    for step in action["runs"]["steps"]:
        assert ("uses" in step) != ("run" in step)
        assert "run" not in step or step["shell"] == "bash"
        assert "${{" not in step.get("run", ""), "an input written into a script would be run by the shell"
    assert {"files", "manifest", "obligations", "out"} <= action["inputs"].keys()


@needs_yaml
def test_every_expression_of_the_action_names_something_that_is_there() -> None:
    action = read("action.yml")
    ids = {step["id"] for step in action["runs"]["steps"] if "id" in step}
    text = (REPO / "action.yml").read_text()
    assert set(re.findall(r"inputs\.([\w-]+)", text)) == action["inputs"].keys()
    assert set(re.findall(r"steps\.([\w-]+)\.", text)) <= ids


@needs_yaml
@pytest.mark.skipif(shutil.which("bash") is None, reason="needs bash")
@pytest.mark.parametrize(("files", "status"), [("good.wasm", 0), ("bad.wasm good.wasm", 1), ("gone.wasm", 2)])
def test_the_script_keeps_the_exit_status(tmp_path: Path, files: str, status: int) -> None:
    shutil.copy(REPO / "examples" / "static_pool_rust.wasm", tmp_path / "good.wasm")
    shutil.copy(REPO / "examples" / "growing_c.wasm", tmp_path / "bad.wasm")
    command = tmp_path / "proofmark"
    # the options have to come before `--`
    command.write_text(f'#!/bin/sh\ns=$1; shift\nexec "{sys.executable}" -m proofmark "$s" --replay-seconds 0 "$@"\n')
    command.chmod(0o755)
    (script,) = [step["run"] for step in read("action.yml")["runs"]["steps"] if step.get("id") == "prove"]
    environ = {
        **os.environ,
        "PYTHONPATH": str(REPO),
        "XDG_CACHE_HOME": str(tmp_path / "cache"),
        "PROOFMARK": str(command),
        "FILES": files,
        "MANIFEST": "",
        "OBLIGATIONS": "module-no-grow realloc-no-grow",
        "OUT": "out",
        "WHERE": ".",
        "GITHUB_OUTPUT": str(tmp_path / "output"),
        "GITHUB_STEP_SUMMARY": str(tmp_path / "summary"),
    }
    subprocess.run(["bash", "-e", "-o", "pipefail", "-c", script], cwd=tmp_path, env=environ, check=True)
    output = (tmp_path / "output").read_text().splitlines()
    assert output == [f"exit-status={status}", "out=./out", "sarif=./out/proofmark.sarif"]
    assert "proofmark" in (tmp_path / "summary").read_text()


@needs_yaml
def test_the_hook_runs_a_command_that_exists() -> None:
    (hook,) = read(".pre-commit-hooks.yaml")
    assert hook["id"] == "proofmark"
    assert re.search(hook["files"], "a/b.wasm")
    assert not re.search(hook["files"], "a/b.wasm.txt")
    tool, command = hook["entry"].split()
    assert tool == "proofmark"
    assert CliRunner().invoke(main, [command, "--help"]).exit_code == 0
