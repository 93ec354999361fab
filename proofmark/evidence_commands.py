"""The commands that make of a run what assessors read: their options. Each loads what it needs when it runs."""

from __future__ import annotations

from pathlib import Path

import click


@click.command(name="safety-case")
@click.argument("directory", metavar="RUN", type=click.Path(path_type=Path))
@click.option(
    "subjects",
    "--subject",
    metavar="FILE",
    type=click.Path(path_type=Path),
    multiple=True,
    help="A file that certificates are about, if it is no longer where the report says.",
)
@click.option(
    "accepted",
    "--accepted",
    metavar="CASE",
    type=click.Path(path_type=Path),
    help="A safety-case.json that people accepted: what differs from it has expired.",
)
@click.option("forms", "--format", type=click.Choice(["json", "rivet", "mermaid", "svg"]), multiple=True)
@click.option("--out", metavar="DIR", type=click.Path(path_type=Path), help="Write there (default: RUN).")
@click.option("--quiet", "-q", is_flag=True, help="Print nothing; the exit status tells.")
def safety_case(
    directory: Path,
    subjects: tuple[Path, ...],
    accepted: Path | None,
    forms: tuple[str, ...],
    out: Path | None,
    quiet: bool,
) -> int:
    """Argues, in the Goal Structuring Notation, from the certificates of RUN, the DIR of a `prove --out DIR`: each is
    checked again, and whatever is not accepted now does not hold.

    Exit status: 0 all holds, 1 something refuted or rejected, 2 no run to read, 3 something expired, missing, unknown,
    bounded, vacuous or unchecked.
    """
    from typing import cast

    from proofmark.safety_case_command import Form, run

    return run(directory, subjects, accepted, [cast("Form", one) for one in forms], out or directory, quiet)


@click.command()
@click.argument("directory", metavar="RUN", type=click.Path(path_type=Path))
@click.option(
    "subjects",
    "--subject",
    metavar="FILE",
    type=click.Path(path_type=Path),
    multiple=True,
    help="A file that certificates are about, if it is no longer where the report says.",
)
@click.option("bare", "--without-subjects", is_flag=True, help="Only the hashes of the files that proofs are about.")
@click.option("--out", metavar="FILE", type=click.Path(path_type=Path), help="Instead of RUN/proofmark-kit.zip.")
@click.option("--quiet", "-q", is_flag=True, help="Print nothing; the exit status tells.")
def kit(directory: Path, subjects: tuple[Path, ...], bare: bool, out: Path | None, quiet: bool) -> int:
    """Packs what holds of RUN, the DIR of a `prove --out DIR`, into one archive: certificates, models, the files that
    they are about, the checker and instructions. It checks with Python alone; certificates with invariants need a
    solver.

    Exit status: as of `safety-case`; what does not hold is not in the archive.
    """
    from proofmark.kit_command import run

    return run(directory, subjects, not bare, out or directory / "proofmark-kit.zip", quiet)
