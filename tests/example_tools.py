"""The compilers that build the examples, each in exactly the version that examples/build.toml records."""

import os
import shutil
import subprocess
import sys
import tomllib
from functools import cache
from pathlib import Path
from typing import Any

import pytest

EXAMPLES = Path(__file__).parent.parent / "examples"
BUILD: dict[str, Any] = tomllib.loads((EXAMPLES / "build.toml").read_text(encoding="utf-8"))


def _candidates(command: str) -> list[str]:
    """Every executable of that name on PATH: the version recorded need not be the first."""
    if command == "python":
        return [sys.executable]
    folders = os.environ.get("PATH", "").split(os.pathsep)
    found = (shutil.which(command, path=folder) for folder in folders if folder)
    return list(dict.fromkeys(path for path in found if path))


@cache
def _tool(name: str) -> str | None:
    """The path of the tool in exactly the version recorded in build.toml."""
    tool = BUILD["tools"][name]
    command, *arguments = tool["version_command"]
    for path in _candidates(command):
        answer = subprocess.run([path, *arguments], capture_output=True, text=True, check=False).stdout
        if answer.partition("\n")[0].partition(" (")[0] == tool["version"]:
            return path
    return None


def need(name: str) -> str:
    """The tool's path; without it, fail where all tools must be there, and skip elsewhere."""
    path = _tool(name)
    if path is None:
        message = f"{name} as recorded in examples/build.toml ({BUILD['tools'][name]['version']}) is not here"
        if os.environ.get("CI") == "true" or os.environ.get("PROOFMARK_CI") == "1":
            pytest.fail(message)
        pytest.skip(message)
    return path


def rebuilt(source: Path, example: dict[str, Any], output: str, folder: Path) -> bytes:
    """What the commands give: FLAGS are those of the output, OUTPUT is its name, and `=HERE=` names the folder."""
    tools = {name: need(name) for name in example["tools"]}
    shutil.copy(source, folder)
    given = {"FLAGS": example["outputs"][output], "OUTPUT": [output]}
    for command, *arguments in example["commands"]:
        words = [word.replace("=HERE=", f"={folder}=") for one in arguments for word in given.get(one, [one])]
        subprocess.run([tools[command], *words], cwd=folder, check=True, capture_output=True)
    return (folder / output).read_bytes()
