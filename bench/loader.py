"""The loader of artifacts/no_std against the checker in Python: bytes of module checked in a second, hash included."""

from __future__ import annotations

import subprocess
import tempfile
import time
from pathlib import Path

MODULES = ("jco-preview1-adapter", "sql.js", "ffmpeg")


def loader() -> None:
    """`module-no-grow`, of modules of which it is proved."""
    import real_modules
    from loader_corpus import pairs_of
    from loader_tools import PROGRAMS, build, rechecked

    print("\nloader, module-no-grow: Rust against Python, and the size of the certificate")
    program = build(PROGRAMS / "pairs.rs", "bin")
    for name in MODULES:
        path = real_modules.fetch(name)
        module, certificate = pairs_of(path.read_bytes())[1]
        started = time.perf_counter()
        assert rechecked(module, certificate) == "accepted"
        python = time.perf_counter() - started
        with tempfile.TemporaryDirectory() as folder:
            sidecar = Path(folder) / "certificate"
            sidecar.write_bytes(certificate)
            command = [str(program), "speed", str(path), str(sidecar), "20"]
            said = subprocess.run(command, capture_output=True, text=True, check=True).stdout.split()
        rust, words = float(said[0]), int(said[1])
        print(
            f"  {name:<21} {_rate(module, rust)} with {4 * words:>7} bytes of scratch memory, {_rate(module, python)}; "
            f"{len(certificate):>5} bytes, {100 * len(certificate) / len(module):.3f} % of the module"
        )


def _rate(module: bytes, seconds: float) -> str:
    return f"{len(module) / seconds / 1e6:6.1f} MB/s"
