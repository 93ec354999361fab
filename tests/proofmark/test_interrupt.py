"""SIGINT in the middle of a run: what was reached is reported, and nothing is green."""

import json
import os
import signal
import subprocess
import sys
import time
from pathlib import Path

import pytest

REPO = Path(__file__).parents[2]

# The real command line over a prover that is slow on purpose.
SCRIPT = """
import sys
sys.path[:0] = [{here!r}, {repo!r}]
import fake_provers
import proofmark.prove_command
from proofmark.cli import main
proofmark.prove_command.prove = fake_provers.waits
if __name__ == "__main__":
    main()
"""


@pytest.mark.skipif(sys.platform == "win32", reason="needs process groups")
@pytest.mark.parametrize("workers", ["1", "2"])
def test_an_interrupt_leaves_an_incomplete_report(tmp_path: Path, workers: str) -> None:
    script = tmp_path / "command.py"
    script.write_text(SCRIPT.format(here=str(Path(__file__).parent), repo=str(REPO)))
    files = ["a.wasm", "b.wasm", "wait-1.wasm", "wait-2.wasm", "c.wasm", "wait-3.wasm"]
    for name in files:
        (tmp_path / name).touch()
    # its own process group: as at a terminal, the interrupt goes to the workers too
    process = subprocess.Popen(
        [sys.executable, str(script), "prove", *files, "--no-cache", "--jobs", workers, "--out", "out"],
        cwd=tmp_path, stdout=subprocess.PIPE, stderr=subprocess.PIPE, text=True, start_new_session=True,
    )  # fmt: skip
    for name in ("wait-1.wasm.started", "wait-2.wasm.started")[: int(workers)]:
        while not (tmp_path / name).exists():
            assert process.poll() is None, process.communicate()
            time.sleep(0.02)
    start = time.monotonic()
    os.killpg(process.pid, signal.SIGINT)
    _, errors = process.communicate(timeout=60)
    assert time.monotonic() - start < 20
    assert process.returncode == 130
    assert "Traceback" not in errors
    report = json.loads((tmp_path / "out" / "report.json").read_text())
    assert report["run_state"] == "incomplete"
    assert {result["subject"]["path"] for result in report["results"]} == {"a.wasm", "b.wasm"}
    assert len(report["missing"]) == 2 * 4
