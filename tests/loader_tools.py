"""The loader of artifacts/no_std, compiled for this machine and for others, and asked about many pairs at once.

Any `rustc` of the version that the crate declares or later will do: it is called by itself, as the crate has no
dependencies. What is compiled is kept in the tests' cache, by compiler and sources.
"""

from __future__ import annotations

import fcntl
import hashlib
import os
import shutil
import struct
import subprocess
import tempfile
import tomllib
from collections.abc import Iterable, Iterator, Sequence
from functools import cache
from pathlib import Path

from real_modules import cache_folder, missing

from proofs.recheck.check_compact import recheck_compact
from proofs.recheck.faults import Refused

ROOT = Path(__file__).resolve().parents[1]
CRATE = ROOT / "artifacts" / "no_std"
PROGRAMS = ROOT / "tests" / "loader"
WASM, THUMB = "wasm32-unknown-unknown", "thumbv7m-none-eabi"
AGAIN = b"\xff\xff\xff\xff"
Pair = tuple[bytes, bytes]
"""Module and compact certificate."""


@cache
def oldest() -> tuple[int, int]:
    manifest = tomllib.loads((CRATE / "Cargo.toml").read_text(encoding="utf-8"))
    major, minor = manifest["package"]["rust-version"].split(".")
    return int(major), int(minor)


@cache
def compilers() -> tuple[str, ...]:
    """Every `rustc` on PATH that is new enough, as a path."""
    folders = os.environ.get("PATH", "").split(os.pathsep)
    found = [shutil.which("rustc", path=folder) for folder in folders if folder]
    paths = {_real(path): path for path in reversed(found) if path}
    return tuple([path for path in reversed(paths.values()) if _release(path) >= oldest()])


def _real(path: str) -> str:
    return os.path.realpath(path)


@cache
def _release(rustc: str) -> tuple[int, ...]:
    answer = subprocess.run([rustc, "--version"], capture_output=True, text=True, check=False).stdout.split()
    return tuple(map(int, answer[1].split("-")[0].split(".")[:2])) if len(answer) > 1 else (0,)


@cache
def targets(rustc: str) -> frozenset[str]:
    root = subprocess.run([rustc, "--print", "sysroot"], capture_output=True, text=True, check=True).stdout.strip()
    return frozenset(path.parent.name for path in Path(root).glob("lib/rustlib/*/lib"))


def compiler(target: str | None = None) -> str:
    """A compiler for the target (None: this machine); fails under CI, and skips elsewhere, if there is none."""
    for rustc in compilers():
        if target is None or target in targets(rustc):
            return rustc
    return missing(f"no rustc {'.'.join(map(str, oldest()))} or later for {target or 'this machine'}")


def build(program: Path, kind: str, target: str | None = None, optimise: str = "3", rustc: str | None = None) -> Path:
    """Compiles the loader and a program that uses it, optimised together. `kind`: bin, cdylib or staticlib."""
    rustc = rustc or compiler(target)
    options = [f"-Copt-level={optimise}", "-Cpanic=abort", *([f"--target={target}"] if target else [])]
    if target == WASM:
        options.append("-Clinker=wasm-ld")
    if target == THUMB:
        options += ["-Clink-arg=--entry=check", "-Clink-arg=--gc-sections"]
    version = subprocess.run([rustc, "-vV"], capture_output=True, check=True).stdout
    parts = [version, repr((kind, options)).encode(), program.read_bytes()]
    parts += [path.read_bytes() for path in sorted((CRATE / "src").rglob("*.rs"))]
    folder = cache_folder() / "loader" / hashlib.sha256(b"\0".join(parts)).hexdigest()[:32]
    folder.mkdir(parents=True, exist_ok=True)
    done = folder / "program"
    with (folder / "lock").open("w") as lock:
        fcntl.flock(lock, fcntl.LOCK_EX)
        if not done.exists():
            with tempfile.TemporaryDirectory(dir=folder) as scratch:
                library, fresh = Path(scratch) / "libproofmark_loader.rlib", Path(scratch) / "fresh"
                base = [rustc, "--edition=2021", *options]
                crate = ["--crate-type=rlib", "--crate-name=proofmark_loader", str(CRATE / "src" / "lib.rs")]
                _run([*base, *crate, f"-o{library}"])
                linked = ["-Clto=fat", f"--extern=proofmark_loader={library}", f"-o{fresh}"]
                _run([*base, f"--crate-type={kind}", "--crate-name=program", *linked, str(program)])
                fresh.replace(done)
    return done


def _run(command: Sequence[str]) -> None:
    done = subprocess.run(command, capture_output=True, text=True, check=False)
    assert done.returncode == 0, done.stderr[-4000:]


def stack_of(module: Path, certificate: Path, optimise: str) -> int:
    """Bytes of this machine's stack that one check takes, as `stack.rs` sees them."""
    command = [str(build(PROGRAMS / "stack.rs", "bin", optimise=optimise)), str(module), str(certificate)]
    return int(subprocess.run(command, capture_output=True, text=True, check=True).stdout)


def sizes_of(program: Path) -> tuple[int, int]:
    """Of a 32-bit ELF file: bytes of code and constants, and bytes of static memory, which is written."""
    data = program.read_bytes()
    assert data[:5] == b"\x7fELF\x01"
    (start,), (size, count) = struct.unpack_from("<I", data, 32), struct.unpack_from("<HH", data, 46)
    sections = [struct.unpack_from("<10I", data, start + size * number) for number in range(count)]
    loaded = [one for one in sections if one[2] & _ALLOCATED]
    return sum(one[5] for one in loaded if not one[2] & _WRITTEN), sum(one[5] for one in loaded if one[2] & _WRITTEN)


_WRITTEN, _ALLOCATED = 1, 2
"""Flags of a section."""


def answers(pairs: Iterable[Pair], words: int | None = None) -> list[str]:
    """What the loader says of each pair: `accepted`, or the reason and an offset. `words` of scratch memory; None: as
    many as it asks for.
    """
    command = [str(build(PROGRAMS / "pairs.rs", "bin")), *([] if words is None else [str(words)])]
    done = subprocess.run(command, input=b"".join(_framed(pairs)), capture_output=True, check=False)
    assert done.returncode == 0, done.stderr[-4000:]
    return done.stdout.decode().splitlines()


def _framed(pairs: Iterable[Pair]) -> Iterator[bytes]:
    before = None
    for module, certificate in pairs:
        yield AGAIN if module is before else len(module).to_bytes(4, "little") + module
        yield len(certificate).to_bytes(4, "little") + certificate
        before = module


def rechecked(module: bytes, certificate: bytes) -> str:
    """What the independent checker says: `accepted`, or why not."""
    try:
        recheck_compact(certificate, module, "subject.wasm")
    except Refused as refused:
        return str(refused)
    return "accepted"
