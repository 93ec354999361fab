"""The commands that ask what would be otherwise: their options. Each loads what it needs when it runs."""

from __future__ import annotations

from pathlib import Path

import click

from proofs.kinds import POOL_KINDS


@click.command()
@click.argument("target", metavar="RUN|CERTIFICATE", type=click.Path(path_type=Path))
@click.option("kinds", "--obligation", metavar="ID", multiple=True, help="Only certificates of this obligation.")
@click.option(
    "subjects",
    "--subject",
    metavar="FILE",
    type=click.Path(path_type=Path),
    multiple=True,
    help="A file that certificates are about, if it is no longer where the report says.",
)
@click.option("source", "--src", metavar="DIR", type=click.Path(path_type=Path), help="The crate of a runtime.")
@click.option("--package", metavar="NAME@VERSION", help="The published crate of a runtime, which is compiled.")
@click.option("--seconds", metavar="S", type=click.IntRange(1, 86400), default=600, help="For all of it (600).")
@click.option("--megabytes", metavar="M", type=click.IntRange(64, 1 << 20), default=4096, help="For each query (4096).")
@click.option("--traces", is_flag=True, help="Print the traces, too; --json has them always.")
@click.option("--keep/--no-keep", default=True, help="Write what was found beside each certificate, for `explore`.")
@click.option("as_json", "--json", is_flag=True, help="Print what was found as JSON on standard output.")
@click.option("--quiet", "-q", is_flag=True, help="Print nothing; the exit status tells.")
def ablate(
    target: Path,
    kinds: tuple[str, ...],
    subjects: tuple[Path, ...],
    source: Path | None,
    package: str | None,
    seconds: int,
    megabytes: int,
    traces: bool,
    keep: bool,
    as_json: bool,
    quiet: bool,
) -> int:
    """Tells what each proof rests on: it is decided again without one of its assumptions, and without one clause of its
    invariant, at a time.

    Exit status: 0 every question has its answer, 1 a certificate is rejected, 2 what cannot be read, 3 something is not
    known or not checked, or nothing was asked.
    """
    from proofmark.ablate_command import Asked, run
    from proofmark.run_models import ProgramAt

    program = ProgramAt(source, package)
    return run(Asked(target, kinds, subjects, program, seconds, megabytes, traces, keep), as_json, quiet)


@click.command()
@click.argument("files", metavar="[FILE]...", nargs=-1)
@click.option("pools", "--pool", metavar="NAME[=BASE:SIZE]", multiple=True, help="As of `prove`.")
@click.option(
    "kinds",
    "--obligation",
    metavar="ID",
    type=click.Choice([kind.value for kind in POOL_KINDS]),
    multiple=True,
    help="Whatever its verdict; without, what is refuted.",
)
@click.option("--manifest", metavar="FILE", type=click.Path(path_type=Path), help="Instead of ./proofmark.toml.")
@click.option("--seconds", metavar="S", type=click.IntRange(1, 86400), help="For each step of the search.")
@click.option("--out", metavar="DIR", type=click.Path(path_type=Path), help="Write runs there: proved, and refuted.")
@click.option("--quiet", "-q", is_flag=True, help="Print the answers only.")
def least(
    files: tuple[str, ...],
    pools: tuple[str, ...],
    kinds: tuple[str, ...],
    manifest: Path | None,
    seconds: int | None,
    out: Path | None,
    quiet: bool,
) -> int:
    """Searches the least size or budget of a pool, or the greatest alignment, for which an obligation would hold, and
    the calls that need it: pools of each FILE, or of the manifest.

    Exit status: 0 every question has its answer, 2 bad input, manifest or usage, 3 something is not known.
    """
    from proofmark.least_command import Asked, run

    wanted = tuple(kind for kind in POOL_KINDS if kind.value in kinds)
    return run(Asked(files, pools, wanted, manifest, seconds, out, quiet))


@click.command()
@click.argument("directory", metavar="RUN", type=click.Path(path_type=Path))
@click.option("kinds", "--obligation", metavar="ID", multiple=True, help="Only what is refuted of this obligation.")
@click.option("source", "--src", metavar="DIR", type=click.Path(path_type=Path), help="The crate of a runtime.")
@click.option("--package", metavar="NAME@VERSION", help="The published crate of a runtime, which is compiled.")
@click.option("--seconds", metavar="S", type=click.IntRange(1, 86400), default=300, help="For each refutation (300).")
@click.option("--most", metavar="N", type=click.IntRange(1, 100), default=3, help="Hints for each refutation (3).")
@click.option("--megabytes", metavar="M", type=click.IntRange(64, 1 << 20), default=4096, help="For each query (4096).")
@click.option("as_json", "--json", is_flag=True, help="Print what was found as JSON on standard output.")
@click.option("--quiet", "-q", is_flag=True, help="Print nothing; the exit status tells.")
def hints(
    directory: Path,
    kinds: tuple[str, ...],
    source: Path | None,
    package: str | None,
    seconds: int,
    most: int,
    megabytes: int,
    as_json: bool,
    quiet: bool,
) -> int:
    """Looks for small edits of a runtime with which what RUN refuted is proved, and all that was proved still is. Each
    is proved before it is shown, and offered as a hypothesis; nothing is changed.

    Exit status: 0 a hint for each refutation, 2 what cannot be read, 3 none for one of them, or nothing was refuted.
    """
    from proofmark.hints_command import Wanted, run
    from proofmark.run_models import ProgramAt

    return run(Wanted(directory, kinds, ProgramAt(source, package), seconds, megabytes, most), as_json, quiet)
