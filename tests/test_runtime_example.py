"""The runtime of our own is right under the mock host, which traps on what the host's rules forbid."""

from __future__ import annotations

import os
import shutil
import subprocess
from pathlib import Path

from real_modules import missing

RUNTIME = Path(__file__).resolve().parents[1] / "examples" / "runtime"


def test_keeps_the_rules_of_the_host(tmp_path: Path) -> None:
    if shutil.which("cargo") is None:
        missing("cargo is not installed")
    done = subprocess.run(
        ["cargo", "test", "--offline"],
        cwd=RUNTIME,
        env={**os.environ, "CARGO_TARGET_DIR": str(tmp_path)},
        capture_output=True,
        text=True,
        timeout=300,
        check=False,
    )
    assert done.returncode == 0, done.stdout + done.stderr
