"""The command line. Each command loads what it needs when it runs: starting up costs click and no more."""

from __future__ import annotations

from pathlib import Path
from typing import Any

import click

from proofmark.check_commands import check, export
from proofmark.evidence_commands import kit, safety_case
from proofmark.guard import Guarded
from proofmark.otherwise_commands import ablate, hints, least
from proofmark.runtime_options import asked_runtimes, runtime_options
from proofmark.signing_options import sigstore_config
from proofmark.version import VERSION
from proofs.kinds import LENDING_KINDS, POOL_KINDS, Kind, RuntimeKind

_KIND = click.Choice([kind.value for kind in Kind])
_KINDS = f"One of {', '.join(kind.value for kind in Kind)}."
_ANY_KIND = click.Choice([kind.value for kind in (*Kind, *POOL_KINDS, *RuntimeKind)])
_ANY_KINDS = (
    f"{_KINDS[:-1]}; of a pool: {', '.join(kind.value for kind in POOL_KINDS)}; "
    f"of a runtime: {', '.join(kind.value for kind in RuntimeKind)}."
)
_EXIT = """\b
Exit status:
  0  all proved
  1  something refuted
  2  bad input, manifest or usage
  3  something unknown, vacuous or missing
  4  a fault of proofmark's own
  5  a pool of a crate and the one of its module do not agree
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
@click.option(
    "pools",
    "--pool",
    metavar="NAME[=BASE:SIZE]",
    multiple=True,
    help="A static pool in the memory of FILE: where it lies, or the name by which the module says so.",
)
@click.option("--found-pools", is_flag=True, help="All pools that FILE is seen to hand out; so without --pool, too.")
@click.option("--assume", type=click.Choice(["host-tables"]), multiple=True, help="Taken on faith, and listed.")
@click.option("--out", metavar="DIR", type=click.Path(path_type=Path), help="Write reports and certificates there.")
@click.option(
    "sign",
    "--sign",
    metavar="KEY",
    type=click.Path(path_type=Path),
    help="With --out: sign what was proved, if all was, with this Ed25519 key.",
)
@click.option(
    "--sigstore",
    is_flag=True,
    help="With --out: sign it without a key, as whom this CI job or $SIGSTORE_IDENTITY_TOKEN says.",
)
@sigstore_config
@click.option("--embed", is_flag=True, help="With --out: what small loaders check, and Rust constants.")
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
@runtime_options
@click.option("--static-pools", is_flag=True, help="Of --crate, --package or --mir: its static pools, and no runtime.")
@click.option(
    "--buffers", is_flag=True, help="Of --crate, --package or --mir: its buffers and realloc, and no runtime."
)
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
    found_pools: bool,
    assume: tuple[str, ...],
    out: Path | None,
    sign: Path | None,
    sigstore: bool,
    sigstore_config: Path | None,
    embed: bool,
    formats: tuple[str, ...],
    workers: int | None,
    scheduler: str | None,
    no_cache: bool,
    replay_seconds: float | None,
    quiet: bool,
    as_json: bool,
    manifest: Path | None,
    controls: int | None,
    static_pools: bool,
    buffers: bool,
    **of_runtimes: Any,
) -> int:
    """Proves obligations of each FILE, of runtimes, or what the manifest proofmark.toml lists.

    Without --obligation: realloc-no-grow and module-no-grow of a FILE, or of its pools, where some are named, and of a
    runtime everything.
    """
    from proofmark.asked import Asked
    from proofmark.prove_command import run
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
            found_pools=found_pools,
            pool_kinds=tuple(
                kind for kind in (*POOL_KINDS, *(LENDING_KINDS if buffers else ())) if kind.value in kinds
            ),
            static_pools=static_pools,
            buffers=buffers,
            seconds=of_runtimes["seconds"],
            assume=tuple(dict.fromkeys(assume)),
            out=out,
            embed=embed,
            sign=sign,
            sigstore=sigstore,
            sigstore_config=sigstore_config,
            formats=machine if formats else FORMATS,
            on_stdout=next(iter(on_stdout), None),
            workers=workers,
            scheduler=scheduler,
            cached=not no_cache,
            replay_seconds=replay_seconds,
            quiet=quiet,
            manifest=manifest,
            runtimes=asked_runtimes(kinds, of_runtimes, controls),
        )
    )


@main.command(epilog=_EXIT)
@click.argument("file", metavar="[FILE]", required=False)
@click.option("kind", "--obligation", metavar="ID", type=_ANY_KIND, help=_ANY_KINDS)
@click.option("form", "--format", type=click.Choice(["text", "dot", "svg"]), default="text", show_default=True)
@click.option("--output", "-o", metavar="FILE", type=click.Path(path_type=Path), help="Instead of standard output.")
@click.option("roots", "--root", metavar="NAME", multiple=True, help="Start from this function instead of the rule's.")
@runtime_options
def explain(
    file: str | None, kind: str | None, form: str, output: Path | None, roots: tuple[str, ...], **of_runtimes: Any
) -> int:
    """Shows why a goal is reachable in FILE, as call paths; or of a runtime, the runs that break its obligations, and
    what its proofs rest on. Without --obligation: of a runtime what is not proved.
    """
    from typing import cast

    from proofmark.explain_command import Picture, run, run_runtimes

    asked = asked_runtimes([kind] if kind else [], of_runtimes)
    if asked.subjects:
        if file is not None or roots or form != "text":
            raise click.UsageError("a runtime is explained by itself and as text, without FILE, --root and --format")
        return run_runtimes(asked, output)
    if file is None or kind in {one.value for one in RuntimeKind}:
        raise click.UsageError("FILE is missing, or --package, --crate or --mir for an obligation of runtimes")
    return run(file, Kind(kind) if kind else None, roots, cast("Picture", form), output)


@main.command()
@click.argument("target", metavar="RUN|TRACE|FILE", type=click.Path(path_type=Path))
@click.option(
    "page", "--html", metavar="FILE", type=click.Path(path_type=Path), help="Write one page that works offline."
)
@click.option(
    "seconds",
    "--branches",
    metavar="S",
    type=click.FloatRange(1, 86400),
    help="With --html: other ways at each step, and on from there, as far as they are known in so many seconds.",
)
@click.option(
    "steps",
    "--branch-steps",
    metavar="N",
    type=click.IntRange(1, 60),
    help="With --branches: ways of at most so many steps; else as many as there is time and room for.",
)
@click.option("web", "--web", is_flag=True, help="Serve that page on this machine alone, until interrupted.")
@click.option("address", "--at", metavar="ADDRESS", help="Open this place: what the page has after #.")
@click.option(
    "export", "--export", type=click.Choice(["mermaid", "svg", "markdown", "test"]), help="Write one result so."
)
@click.option(
    "output",
    "--output",
    "-o",
    metavar="FILE",
    type=click.Path(path_type=Path),
    help="Of --export; of a test, a folder.",
)
@click.option(
    "source", "--src", metavar="DIR", type=click.Path(path_type=Path), help="The crate that a trace is about."
)
@click.option("--package", metavar="NAME@VERSION", help="A published crate, which is compiled for other ways.")
@click.option(
    "subjects",
    "--subject",
    metavar="FILE",
    type=click.Path(path_type=Path),
    multiple=True,
    help="The module, if moved.",
)
@click.option("kind", "--obligation", metavar="ID", type=_KIND, help=f"Of a module. {_KINDS}")
@click.option("roots", "--root", metavar="NAME", multiple=True, help="Of a module: start from this function.")
@click.option("--replay-seconds", metavar="S", type=click.FloatRange(0, 86400), default=10.0, help="Of a module (10).")
def explore(
    target: Path,
    page: Path | None,
    seconds: float | None,
    steps: int | None,
    web: bool,
    address: str | None,
    export: str | None,
    output: Path | None,
    source: Path | None,
    package: str | None,
    subjects: tuple[Path, ...],
    kind: str | None,
    roots: tuple[str, ...],
    replay_seconds: float,
) -> int:
    """Walks through counterexamples and proofs: of a RUN (a directory that `prove --out` wrote, or its report.json), of
    a TRACE (Informal Trace Format), of a certificate, or of a module or component FILE.

    Exit status: 0 shown, 2 what cannot be opened. What is refuted is no reason to fail here.
    """
    from typing import cast

    from proofmark.explore.opening import Asked
    from proofmark.explore_command import Export, Shown, run

    asked = Asked(target, source, subjects, Kind(kind) if kind else None, roots, replay_seconds, package)
    return run(asked, Shown(page, web, address, cast("Export | None", export), output, seconds, steps))


@main.command()
@click.argument("old", metavar="OLD", type=click.Path(path_type=Path))
@click.argument("new", metavar="NEW", type=click.Path(path_type=Path))
@click.option(
    "gates",
    "--fail-on",
    type=click.Choice(["verdicts", "assumptions", "evidence", "subjects"]),
    multiple=True,
    help="Worse verdicts or obligations that are gone; proofs that assume more; other evidence; other bytes.",
)
@click.option("as_json", "--json", is_flag=True, help="Print the changes as JSON on standard output.")
@click.option("--quiet", "-q", is_flag=True, help="Print nothing; the exit status tells.")
def diff(old: Path, new: Path, gates: tuple[str, ...], as_json: bool, quiet: bool) -> int:
    """Tells what changed between two runs, each the DIR of a `prove --out DIR`: obligations, verdicts, what proofs
    assume, and their evidence. Whether a certificate holds is asked of `check`.

    Exit status: 0 nothing that --fail-on names, 1 something that it names, 2 no two runs to compare.
    """
    from typing import cast

    from artifacts.difference import Gate
    from proofmark.diff_command import run

    return run(old, new, [cast("Gate", gate) for gate in dict.fromkeys(gates)], as_json, quiet)


@main.command()
@click.argument("places", metavar="[DIR|FILE]...", nargs=-1)
@click.option("--force", is_flag=True, help="Overwrite a manifest that is there.")
def init(places: tuple[str, ...], force: bool) -> int:
    """Writes a manifest proofmark.toml from the modules and components that it finds."""
    from proofmark.init_command import run

    return run(places, force)


main.add_command(check)
main.add_command(export)
main.add_command(ablate)
main.add_command(hints)
main.add_command(least)
main.add_command(safety_case)
main.add_command(kit)
