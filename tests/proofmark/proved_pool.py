"""Certificates of a small pool that is proved in seconds, for tests of what is done with certificates."""

from __future__ import annotations

import hashlib
import json
import shutil
from pathlib import Path
from typing import Any

from click.testing import CliRunner, Result

from artifacts.certificate import sealed
from proofmark.cli import main

POOLS = Path(__file__).parents[2] / "examples" / "pools"
MANIFEST = """[[subject]]
path = "slot_bitmap.wasm"
obligations = [{obligations}]

[[subject.pools]]
name = "pool"
base = 1032
size = 384
element = 48
alignment = 8
allocate = [{{ export = "take", parameters = [] }}]
release = ["release"]
"""


def manifest(*obligations: str) -> str:
    return MANIFEST.format(obligations=", ".join(f'"{one}"' for one in obligations))


def run(*arguments: str | Path) -> Result:
    return CliRunner().invoke(main, [str(one) for one in arguments])


def accepted(done: Result) -> None:
    assert done.exit_code == 0, done.output


def prove_pool(directory: Path) -> Path:
    """The directory of the certificates, with the module beside them."""
    (directory / "proofmark.toml").write_text(manifest("disjoint"))
    shutil.copy(POOLS / "slot_bitmap.wasm", directory)
    accepted(run("prove", "--manifest", directory / "proofmark.toml", "--out", directory / "out", "--jobs", "1"))
    shutil.copy(POOLS / "slot_bitmap.wasm", directory / "out" / "certificates")
    return directory / "out" / "certificates"


def write_certificate(path: Path, document: dict[str, Any]) -> None:
    path.write_bytes(sealed(document))


def rebind(path: Path, what: str, changed: str) -> None:
    """Another model or invariant beside the certificate, and its size and hash within."""
    document = json.loads(path.read_bytes())
    data = changed.encode()
    sha256 = hashlib.sha256(data).hexdigest()
    assert document["evidence"][what]["sha256"] != sha256
    (path.parent / f"{sha256}.{what}.smt2").write_bytes(data)
    document["evidence"][what] = {"bytes": len(data), "sha256": sha256}
    write_certificate(path, document)


def text_beside(path: Path, what: str) -> str:
    sha256 = json.loads(path.read_bytes())["evidence"][what]["sha256"]
    return (path.parent / f"{sha256}.{what}.smt2").read_text()
