"""The command line. Each command loads what it needs when it runs: starting up costs click and no more."""

from __future__ import annotations

from pathlib import Path

import click

from proofmark.guard import Guarded
from proofmark.version import VERSION
from proofs.kinds import Kind, PoolKind, RuntimeKind

_KIND = click.Choice([kind.value for kind in Kind])
_KINDS = f"One of {', '.join(kind.value for kind in Kind)}."
_ANY_KIND = click.Choice([kind.value for kind in (*Kind, *PoolKind, *RuntimeKind)])
_ANY_KINDS = (
    f"{_KINDS[:-1]}; of a pool: {', '.join(kind.value for kind in PoolKind)}; "
    f"of a runtime: {', '.join(kind.value for kind in RuntimeKind)}."
)
_EXIT = """\b
Exit status:
  0  all proved
  1  something refuted
  2  bad input, manifest or usage
  3  something unknown, vacuous or missing
  4  a fault of proofmark's own
130  interrupted
"""


@click.group(cls=Guarded, epilog=_EXIT, context_settings={"help_option_names": ["-h", "--help"]})
@click.version_option(VERSION, "--version", message="proofmark %(version)s")
def main() -> None:
    """Proves that WebAssembly modules and components do not grow memory, and leaves evidence that others can check."""


@main.command(epilog=_EXIT)
@click.argument("files", metavar="[FILE]...", nargs=-1)
@click.option("kinds", "--obligation", metavar="ID", type=_ANY_KIND, multiple=True, help=_ANY_KINDS)
@click.option("roots", "--root", metavar="NAME", multiple=True, help="Start from this function instead of the rule's.")
@click.option("allocators", "--allocator", metavar="NAME", multiple=True, help="An allocator entry for no-alloc-path.")
@click.option("--boundary", metavar="NAME", multiple=True, help="Passes values of variable length into the module.")
@click.option("pools", "--pool", metavar="NAME=BASE:SIZE", multiple=True, help="A static pool in the memory of FILE.")
@click.option("--assume", type=click.Choice(["host-tables"]), multiple=True, help="Taken on faith, and listed.")
@click.option("--out", metavar="DIR", type=click.Path(path_type=Path), help="Write reports and certificates there.")
@click.option(
    "formats",
    "--format",
    type=click.Choice(["text", "json", "sarif", "junit", "markdown"]),
    multiple=True,
    help="With --out: the reports to write (default: all). Without: the one to print.",
)
@click.option("workers", "--jobs", metavar="N", type=click.IntRange(1, 1024), help="Files proved at once.")
@click.option("--scheduler", metavar="ADDRESS", help="Run on the Dask cluster at this address.")
@click.option("--no-cache", is_flag=True, help="Neither use nor keep results of other runs.")
@click.option(
    "--replay-seconds",
    metavar="S",
    type=click.FloatRange(0, 86400),
    help="Time to search for a run that confirms a counterexample (10).",
)
@click.option("--quiet", "-q", is_flag=True, help="Print errors only.")
@click.option("as_json", "--json", is_flag=True, help="Print report.json on standard output, and nothing else there.")
@click.option("--manifest", metavar="FILE", type=click.Path(path_type=Path), help="Instead of ./proofmark.toml.")
@click.option("packages", "--package", metavar="NAME@VERSION", multiple=True, help="A runtime from the registry.")
@click.option("crates", "--crate", metavar="DIR", multiple=True, help="A runtime: the directory of its crate.")
@click.option("mirs", "--mir", metavar="FILE", multiple=True, help="A runtime as MIR text made elsewhere; with --src.")
@click.option("sources", "--src", metavar="DIR", multiple=True, help="The crate that the --mir was made from.")
@click.option("--features", metavar="A,B", multiple=True, help="Of runtimes (of wit-bindgen by default: async,std).")
@click.option("--default-features", is_flag=True, help="Of runtimes: their default features too.")
@click.option("panics", "--panic", type=click.Choice(["abort", "unwind"]), multiple=True, help="By default both.")
@click.option("peers", "--peer", type=click.Choice(["wasm", "host"]), multiple=True, help="By default both.")
@click.option("operations", "--operation", metavar="NAME", multiple=True, help="Of the profile, or task-side; or all.")
@click.option("--profile", metavar="FILE", help="What is what in a runtime (by default: of wit-bindgen).")
@click.option("--task-profile", metavar="FILE", help="What is what in its tasks (by default: of wit-bindgen).")
@click.option("--target", metavar="TRIPLE", help="To compile runtimes for (by default the machine's own).")
@click.option("--toolchain", metavar="NAME", help="Of rustup, to compile runtimes with.")
@click.option("--seconds", metavar="S", type=click.IntRange(1, 86400), help="For each proof about a runtime (60).")
@click.option("--megabytes", metavar="M", type=click.IntRange(64, 1 << 20), help="For each such proof (4096).")
@click.option(
    "controls",
    "--controls",
    metavar="S",
    type=click.IntRange(1, 86400),
    help="For each operation, this long: prove it again with one step at a time taken away, and say what fails.",
)
def prove(
    files: tuple[str, ...],
    kinds: tuple[str, ...],
    roots: tuple[str, ...],
    allocators: tuple[str, ...],
    boundary: tuple[str, ...],
    pools: tuple[str, ...],
    assume: tuple[str, ...],
    out: Path | None,
    formats: tuple[str, ...],
    workers: int | None,
    scheduler: str | None,
    no_cache: bool,
    replay_seconds: float | None,
    quiet: bool,
    as_json: bool,
    manifest: Path | None,
    packages: tuple[str, ...],
    crates: tuple[str, ...],
    mirs: tuple[str, ...],
    sources: tuple[str, ...],
    features: tuple[str, ...],
    default_features: bool,
    panics: tuple[str, ...],
    peers: tuple[str, ...],
    operations: tuple[str, ...],
    profile: str | None,
    task_profile: str | None,
    target: str | None,
    toolchain: str | None,
    seconds: int | None,
    megabytes: int | None,
    controls: int | None,
) -> int:
    """Proves obligations of each FILE, of runtimes, or what the manifest proofmark.toml lists.

    Without --obligation: realloc-no-grow and module-no-grow of a FILE, or of its pools, where some are named, and of a
    runtime everything.
    """
    from proofmark.asked_runtimes import AskedRuntimes
    from proofmark.prove_command import Asked, run
    from proofmark.reports import FORMATS

    machine = tuple(form for form in FORMATS if form in formats)
    on_stdout = ("json",) if as_json else () if out else machine
    if len(on_stdout) > 1 or (as_json and not out and set(machine) - {"json"}):
        raise click.UsageError("only one report can be printed; --out DIR writes several")
    return run(
        Asked(
            files=files,
            kinds=tuple(kind for kind in Kind if kind.value in kinds),
            roots=roots,
            allocators=allocators,
            boundary=boundary,
            pools=pools,
            pool_kinds=tuple(kind for kind in PoolKind if kind.value in kinds),
            seconds=seconds,
            assume=tuple(dict.fromkeys(assume)),
            out=out,
            formats=machine if formats else FORMATS,
            on_stdout=next(iter(on_stdout), None),
            workers=workers,
            scheduler=scheduler,
            cached=not no_cache,
            replay_seconds=replay_seconds,
            quiet=quiet,
            manifest=manifest,
            runtimes=AskedRuntimes(
                packages=packages,
                crates=crates,
                mirs=mirs,
                sources=sources,
                features=tuple(name for given in features for name in given.split(",") if name) if features else None,
                default_features=default_features,
                kinds=tuple(kind for kind in RuntimeKind if kind.value in kinds),
                panics=panics,
                peers=peers,
                operations=operations,
                profile=profile,
                task_profile=task_profile,
                target=target,
                toolchain=toolchain,
                seconds=seconds,
                megabytes=megabytes,
                controls=controls,
            ),
        )
    )


@main.command(epilog=_EXIT)
@click.argument("file", metavar="FILE")
@click.option("kind", "--obligation", metavar="ID", type=_KIND, help=_KINDS)
@click.option("form", "--format", type=click.Choice(["text", "dot", "svg"]), default="text", show_default=True)
@click.option("--output", "-o", metavar="FILE", type=click.Path(path_type=Path), help="Instead of standard output.")
@click.option("roots", "--root", metavar="NAME", multiple=True, help="Start from this function instead of the rule's.")
def explain(file: str, kind: str | None, form: str, output: Path | None, roots: tuple[str, ...]) -> int:
    """Shows why a goal is reachable in FILE, as call paths."""
    from typing import cast

    from proofmark.explain_command import Picture, run

    return run(file, Kind(kind) if kind else None, roots, cast("Picture", form), output)


@main.command()
@click.argument("certificates", metavar="CERT|DIR...", nargs=-1, required=True)
@click.option(
    "subjects",
    "--subject",
    metavar="FILE",
    multiple=True,
    help="The file that the certificates are about (default: the one so named beside the certificate or here).",
)
@click.option("as_json", "--json", is_flag=True, help="Print the answers as JSON on standard output.")
@click.option("--quiet", "-q", is_flag=True, help="Print nothing; the exit status tells.")
def check(certificates: tuple[str, ...], subjects: tuple[str, ...], as_json: bool, quiet: bool) -> int:
    """Re-proves certificates, or all of a directory, with a decoder that shares no code with the prover: those about
    modules without a solver, those about runtimes with one that did not find the proof.

    Exit status: 0 all accepted, 1 any rejected, 2 any unreadable, 3 any whose subject is not at hand.
    """
    from proofmark.check_command import run

    return run(certificates, subjects, as_json, quiet)


@main.command()
@click.argument("places", metavar="[DIR|FILE]...", nargs=-1)
@click.option("--force", is_flag=True, help="Overwrite a manifest that is there.")
def init(places: tuple[str, ...], force: bool) -> int:
    """Writes a manifest proofmark.toml from the modules and components that it finds."""
    from proofmark.init_command import run

    return run(places, force)
