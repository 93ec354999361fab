"""`PYTHONPATH=.:tests python -m random_pools --seed S --count N`; exit status 1 if a verdict is wrong."""

from __future__ import annotations

import argparse
import random
import sys
import tempfile
from collections.abc import Iterator
from pathlib import Path

from pool_corpus import MODULES, read_module

from random_pools.attack import RIGHT, Case, Finding, Tally, asked, cases, followed, towards
from random_pools.written import written

RUNS = 1
"""To which a model is held."""
UNCHANGED = 0.2
"""Of what is written by chance."""


def _cases(given: argparse.Namespace, chance: random.Random, folder: Path) -> Iterator[Case]:
    """Of a module of examples/pools, or of one that is written by chance; the latter may stay as it is."""
    if chance.random() >= given.written:
        right = read_module(MODULES[chance.choice(given.file or RIGHT)])
        yield from cases(right, chance, folder, given.lives)
        return
    right = written(chance, folder)
    if chance.random() < UNCHANGED:
        yield from towards(right, (right.kind,), chance, given.lives)
    else:
        yield from cases(right, chance, folder, given.lives)


def main() -> int:
    parser = argparse.ArgumentParser(prog="random_pools")
    parser.add_argument("--seed", default="0")
    parser.add_argument("--count", type=int, default=100, help="mutants")
    parser.add_argument("--file", choices=RIGHT, action="append", help="of these allocators only")
    parser.add_argument("--written", type=float, default=0.5, help="of how many the source is made by chance, too")
    parser.add_argument("--lives", type=int, default=60, help="random runs of each mutant, towards each host")
    parser.add_argument("--seconds", type=int, default=20, help="for the verdicts on a mutant, towards a host")
    parser.add_argument("--followed", type=float, default=1, help="of how many the model is held to runs")
    parser.add_argument("--broken", type=float, default=1, help="of how many that runs break verdicts are asked")
    parser.add_argument("--others", type=float, default=0.1, help="of how many others")
    given = parser.parse_args()
    tally = Tally()
    with tempfile.TemporaryDirectory() as folder:
        for number in range(given.count):
            chance = random.Random(f"{given.seed} {number}")
            found = list(_cases(given, chance, Path(folder)))
            tally.mutants += bool(found)
            for case in found:
                tally.broken += bool(case.seen)
                findings: list[Finding] = []
                if chance.random() < given.followed:
                    tally.followed += 1
                    findings += followed(case, chance, RUNS)
                if chance.random() < (given.broken if case.seen else given.others):
                    verdicts, more = asked(case, given.seconds)
                    tally.add(verdicts)
                    findings += more
                tally.findings += findings
                for one in findings:
                    print(f"{given.seed} {number} {one}", flush=True)
            if number % 10 == 9:
                print(f"{number + 1}: {tally}", file=sys.stderr, flush=True)
    print(f"seed {given.seed}: {tally}")
    return 1 if any(one.sure for one in tally.findings) else 0


if __name__ == "__main__":
    sys.exit(main())
