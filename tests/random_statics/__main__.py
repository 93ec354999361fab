"""`python -m random_statics --seed 1 --count 100`: each crate is run natively first, and then asked about."""

from __future__ import annotations

import argparse
import subprocess
import sys
import tempfile
from collections import Counter
from collections.abc import Sequence
from pathlib import Path

from rust_pools import BUILD, rustc_of

from proofs.runtime.engine import Budget
from proofs.verdicts import Unknown
from random_statics.compare import Compared, compared, reason
from random_statics.crates import Crate, crate
from random_statics.meanings import meanings, told
from random_statics.twin import Runs, breaches, built, program

BATCH = 20


def main() -> int:
    parser = argparse.ArgumentParser(prog="random_statics")
    parser.add_argument("--seed", type=int, default=1)
    parser.add_argument("--count", type=int, default=40)
    parser.add_argument("--sequences", type=int, default=150)
    parser.add_argument("--seconds", type=float, default=8, help="for each crate")
    parser.add_argument("--write", type=Path, default=None, help="where sources with findings go")
    parser.add_argument("--forms", type=int, default=None, metavar="LIMIT", help="each form by itself, and no crates")
    given = parser.parse_args()
    if given.forms is not None:
        return forms(given.forms)
    rustc, tally = rustc_of(BUILD), Counter[str]()
    with tempfile.TemporaryDirectory() as folder:
        for first in range(given.seed, given.seed + given.count, BATCH):
            crates = [crate(seed) for seed in range(first, min(first + BATCH, given.seed + given.count))]
            crates, runs = compiled(crates, Path(folder) / f"batch{first}", rustc, tally)
            for number, one in enumerate(crates):
                seen = breaches(runs, number, one, given.sequences)
                tally["crates"] += 1
                tally["crates with a breach"] += bool(seen)
                said = compared(one, seen, Path(folder) / f"c{one.seed}", rustc, Budget(given.seconds, 1024))
                counted(said, len(seen), tally)
                for finding in said.findings:
                    print(f"{finding.what}: seed {one.seed}: {finding.why}", flush=True)
                    if given.write is not None:
                        given.write.mkdir(parents=True, exist_ok=True)
                        (given.write / f"{one.seed}.rs").write_text(one.source, encoding="utf-8")
            said_of = f"{tally['crates']} crates, {tally['crates with a breach']} with a breach"
            print(said_of, file=sys.stderr, flush=True)
    for what, count in tally.most_common(60):
        print(f"{count:6} {what}")
    return 0


def forms(limit: int) -> int:
    with tempfile.TemporaryDirectory() as folder:
        said = told(meanings(limit), Path(folder) / "forms", rustc_of(BUILD))
    for one in said.different:
        print(f"different: {one}")
    for form in said.unmodelled:
        print(f"not followed: {form}")
    print(f"{said.same} calls leave what the model says, {len(said.different)} do not")
    return 1 if said.different else 0


def counted(said: Compared, breaches_: int, tally: Counter[str]) -> None:
    tally["breaches"] += breaches_
    for verdict in said.verdicts.values():
        tally[f"verdict {type(verdict).__name__}"] += 1
        if isinstance(verdict, Unknown):
            tally[f"Unknown: {reason(verdict)}"] += 1
    for finding in said.findings:
        tally[f"finding: {finding.what}"] += 1


def compiled(
    crates: Sequence[Crate], folder: Path, rustc: Sequence[str], tally: Counter[str]
) -> tuple[list[Crate], Runs]:
    """Those that compile, in one module."""
    try:
        return list(crates), Runs(built(program(crates), folder, rustc))
    except subprocess.CalledProcessError as error:
        if len(crates) == 1:
            raise
        print(error.stderr[:1500], file=sys.stderr)
    good = []
    for one in crates:
        try:
            built(program([one]), folder, rustc)
            good.append(one)
        except subprocess.CalledProcessError:
            tally["does not compile"] += 1
    return good, Runs(built(program(good), folder, rustc))


if __name__ == "__main__":
    raise SystemExit(main())
