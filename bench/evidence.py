"""Certificates: how quick their check is, against the time that the proof took, and how large they are."""

from __future__ import annotations

import json
import os
import shutil
import subprocess
import sys
import tempfile
from collections.abc import Sequence
from pathlib import Path

from bench.measure import Measure, measure
from bench.synthetic import module
from proofs.recheck.coretypes import TypeStore
from proofs.recheck.decode_module import decode_module
from proofs.recheck.reader import Reader

ROOT = Path(__file__).resolve().parents[1]
_PROOFMARK = [sys.executable, "-m", "proofmark"]
_CHECK = """
import sys, time
from pathlib import Path
from resource import RUSAGE_CHILDREN, RUSAGE_SELF, getrusage
import pcre2, proofs.recheck.check_module
from proofs.recheck import Accepted, recheck_file
spent = lambda: sum(sum(getrusage(who)[:2]) for who in (RUSAGE_SELF, RUSAGE_CHILDREN))
cpu, started = spent(), time.perf_counter()
assert isinstance(recheck_file(Path(sys.argv[1]), Path(sys.argv[2])), Accepted)
print(time.perf_counter() - started, spent() - cpu)
"""


def evidence() -> None:
    closed_sets()
    whole_runs()
    propositional()


def closed_sets() -> None:
    """Of generated modules and real ones: how quickly the checker goes over code, without its start (what it
    imports), and what is the same for a module of one function.
    """
    import real_modules

    print(f"\nclosed sets, module-no-grow: the checker in Python ({os.cpu_count()} cores), and the certificate's size")
    with tempfile.TemporaryDirectory() as folder:
        generated = {size: Path(folder) / f"generated-{size}.wasm" for size in (1, 30_000_000)}
        for size, path in generated.items():
            path.write_bytes(module(size))
        real = [real_modules.fetch(name) for name in ("jco-preview1-adapter", "sql.js", "ffmpeg", "duckdb")]
        for path in (*generated.values(), *real):
            out = Path(folder) / path.stem
            asked = ("--obligation", "module-no-grow", "--assume", "host-tables", "--no-cache", "--quiet")
            _run("prove", str(path), *asked, "--out", str(out))
            (certificate,) = (out / "certificates").glob("*.cert.json")
            times = [_seconds(certificate, path) for _ in range(3)]
            seconds, cpu = (min(one) for one in zip(*times, strict=True))
            size, whole, code = certificate.stat().st_size, path.stat().st_size, _code(path)
            print(
                f"  {path.name:<36} {code / 1e6:6.3f} MB of code in {1000 * seconds:6.1f} ms, "
                f"{code / seconds / 1e6:5.1f} MB/s; {1000 * cpu:6.1f} ms of CPU, {code / cpu / 1e6:5.1f} MB/s; "
                f"certificate {size} bytes, {100 * size / whole:.3f} % of the module"
            )


def _code(path: Path) -> int:
    """Bytes of its function bodies."""
    data = path.read_bytes()
    return sum(end - start for start, end in decode_module(Reader(data, 0, len(data)), TypeStore()).bodies)


def _seconds(certificate: Path, subject: Path) -> tuple[float, float]:
    """Of the clock, and of all processors."""
    command = [sys.executable, "-c", _CHECK, str(certificate), str(subject)]
    said = subprocess.run(command, cwd=ROOT, capture_output=True, text=True, check=True).stdout.split()
    return float(said[0]), float(said[1])


def whole_runs() -> None:
    """Everything that a run proved, checked again, against the run: with the same number of processes."""
    print("\na whole run checked again: `check` against `prove`")
    with tempfile.TemporaryDirectory() as folder:
        examples = ("--manifest", str(ROOT / "examples" / "proofmark.toml"))
        _whole_run("the examples", Path(folder) / "examples", examples)
        if shutil.which("cargo") is None:
            print("  a runtime: cargo is not installed")
            return
        runtime = ("--package", "wit-bindgen@0.63.0", "--panic", "abort", "--peer", "wasm", "--operation")
        for operation in ("future-read", "subtask"):
            _whole_run(f"wit-bindgen 0.63.0, {operation}", Path(folder) / operation, (*runtime, operation))


def _whole_run(name: str, out: Path, asked: Sequence[str]) -> None:
    proved = measure([*_PROOFMARK, "prove", *asked, "--out", str(out), "--no-cache", "--jobs", "1", "--quiet"], 1)
    if proved.status == 2:
        print(f"  {name}: exit status 2")
        return
    subjects = {row["subject"]["path"] for row in json.loads((out / "report.json").read_bytes())["results"]}
    named = [word for one in sorted(subjects) if Path(one).is_file() for word in ("--subject", one)]
    checked = measure([*_PROOFMARK, "check", str(out / "certificates"), *named, "--quiet"], 1)
    count = len(list((out / "certificates").glob("*.cert.json")))
    print(f"  {name}: {count} certificates, {_against(checked, proved)}")


def propositional() -> None:
    """A pool's certificates by cvc5, and by propositional proofs."""
    print("\npropositional proofs: `check --lrat` against `check`, and what `export` takes")
    with tempfile.TemporaryDirectory() as folder:
        pools, out = ROOT / "examples" / "rust-pools", Path(folder) / "out"
        given = ("--mir", str(pools / "mir" / "right.mir"), "--src", str(pools / "right"), "--static-pools")
        _run("prove", *given, "--out", str(out), "--no-cache", "--quiet")
        certificates = str(out / "certificates")
        exported = measure([*_PROOFMARK, "export", certificates, "--quiet"], 1)
        by_solver = measure([*_PROOFMARK, "check", certificates, "--quiet"])
        by_proofs = measure([*_PROOFMARK, "check", "--lrat", certificates, "--quiet"])
        size = sum(path.stat().st_size for path in (out / "certificates").glob("*.lrat"))
        print(
            f"  statics of examples/rust-pools: export {exported.seconds:.1f} s, {size / 1e6:.2f} MB; "
            f"{_against(by_proofs, by_solver)}"
        )


def _against(one: Measure, other: Measure) -> str:
    return (
        f"{one.seconds:.1f} s (exit status {one.status}) against {other.seconds:.1f} s (exit status {other.status}): "
        f"{one.seconds / other.seconds:.3f}"
    )


def _run(*words: str) -> None:
    assert measure([*_PROOFMARK, *words], 1).status in (0, 3), words
