"""A kit is checked by whatever Python is there. Before 3.11.5, `re` took with a possessive repetition of a group the
start of what then did not match (gh-106052): the checker went on within an instruction, and `memory.grow` was unseen.
"""

from __future__ import annotations

import os
import shutil
import subprocess
import sys
from pathlib import Path

import pytest
from certificate_text import assemble, certificate, closed_set, write

ROOT = Path(__file__).parents[3]
CHECK = """
import sys
from pathlib import Path
sys.path.append(sys.argv[1])
from proofs.recheck import recheck
print(recheck(Path(sys.argv[2]).read_bytes(), Path(sys.argv[3])))
"""
TEXT = f"""(module (memory 1 1)
  {" ".join(f"(type (func (param{' i64' * count})))" for count in range(1, 17))} (type $t16 (func (param i32)))
  (type $e (func)) {"(tag (type $e))" * 69}
  (func (export "cabi_realloc")
    i32.const 0
    try_table (type $t16) (param i32) (catch 68 0) (catch_all 0) (catch_all 0) (catch_all 0)
      i32.const -60 drop i32.const 1 memory.grow drop drop nop
    end)
  (func) (func) (func) (func))"""


def pythons() -> list[str]:
    """This one, and that of the system, if it is new enough."""
    system = shutil.which("python3", path=os.defpath)
    new = "import sys; sys.exit(sys.version_info < (3, 11))"
    if system is None or subprocess.run([system, "-c", new], check=False).returncode:
        return [sys.executable]
    return [sys.executable, system]


@pytest.mark.parametrize("python", pythons())
def test_what_grows_behind_a_long_list_of_handlers_is_seen(python: str, tmp_path: Path) -> None:
    """With a byte lost, the type 16 and the four handlers are a call of function 4, and the growth is in a constant."""
    subject = assemble(tmp_path, TEXT)
    assert bytes.fromhex("1f1004004400") in subject.read_bytes()
    path = tmp_path / "it.cert.json"
    path.write_bytes(write(certificate(subject, "realloc-no-grow", closed_set([[0, 0]], [[0, "0,4"]]), [])))
    command = [python, "-I", "-S", "-c", CHECK, str(ROOT), str(path), str(subject)]
    said = subprocess.run(command, capture_output=True, text=True, check=True).stdout
    assert said.startswith("Rejected(reason='memory.grow in a member"), said
