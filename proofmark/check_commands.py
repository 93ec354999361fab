"""The commands about certificates: their options. Each loads what it needs when it runs."""

from __future__ import annotations

from dataclasses import replace
from pathlib import Path
from typing import Any

import click

from proofmark.asked_runtimes import NO_RUNTIMES
from proofmark.runtime_options import asked_runtimes, crate_options
from proofmark.signing_options import sigstore_config


@click.command()
@click.argument("certificates", metavar="CERT|DIR...", nargs=-1, required=True)
@click.option(
    "subjects",
    "--subject",
    metavar="FILE",
    multiple=True,
    help="The file that the certificates are about (default: the one so named beside the certificate or here).",
)
@click.option(
    "key",
    "--key",
    metavar="FILE",
    type=click.Path(path_type=Path),
    help="The public key that attestations must be signed with.",
)
@click.option("--identity", metavar="NAME", help="Who must have signed attestations by Sigstore; with --issuer.")
@click.option("--issuer", metavar="URL", help="Who must have vouched for that identity.")
@sigstore_config
@click.option("by_lrat", "--lrat", is_flag=True, help="Ask no solver: demand the proofs that `export` writes.")
@click.option("deep", "--deep", is_flag=True, help="Make models again; those of runtimes from the crate given here.")
@click.option("as_json", "--json", is_flag=True, help="Print the answers as JSON on standard output.")
@click.option("--quiet", "-q", is_flag=True, help="Print nothing; the exit status tells.")
@crate_options
def check(
    certificates: tuple[str, ...],
    subjects: tuple[str, ...],
    key: Path | None,
    identity: str | None,
    issuer: str | None,
    sigstore_config: Path | None,
    by_lrat: bool,
    deep: bool,
    as_json: bool,
    quiet: bool,
    **of_runtimes: Any,
) -> int:
    """Re-proves certificates, or all of a directory, with a decoder that shares no code with the prover: those about
    modules without a solver, those about runtimes and pools with one that did not find the proof.

    Exit status: 0 all accepted, 1 any rejected, 2 any unreadable, 3 any not checked: its subject is not at hand, the
    solver is not installed, or --deep did not make its model again.
    """
    from proofmark.check_command import Asked, run

    runtimes = asked_runtimes([], of_runtimes)
    if not deep and runtimes != replace(NO_RUNTIMES, seconds=runtimes.seconds):
        raise click.UsageError("which crate it is, is asked for --deep alone")
    if len(runtimes.mirs) != len(runtimes.sources):
        raise click.UsageError("each --mir needs its --src")
    if (identity is None) != (issuer is None):
        raise click.UsageError("--identity and --issuer need each other: an identity is worth what its issuer is")
    if sigstore_config and not identity:
        raise click.UsageError("--sigstore-config needs --identity and --issuer")
    keyless = None
    if identity is not None and issuer is not None:
        from proofmark.keyless import Identity, KeylessVerifier, read_trust

        keyless = KeylessVerifier(read_trust(sigstore_config), Identity(identity, issuer))
    asked = Asked(subjects, key, keyless, by_lrat, seconds=runtimes.seconds)
    if not deep:
        return run(certificates, asked, as_json, quiet)
    from proofmark.deep_check import Deep

    return run(certificates, replace(asked, deep=Deep(runtimes)), as_json, quiet)


@click.command()
@click.argument("certificates", metavar="CERT|DIR...", nargs=-1, required=True)
@click.option(
    "form",
    "--form",
    type=click.Choice(["lrat", "ordeal-cert"]),
    default="lrat",
    help="lrat: what `check --lrat` demands (default); ordeal-cert: bundles ordeal-cert/v1, one for each query.",
)
@click.option("--out", metavar="DIR", type=click.Path(path_type=Path), help="Write there, not beside each certificate.")
@click.option("--seconds", metavar="S", type=click.IntRange(1, 86400), default=300, help="For each query (300).")
@click.option("--quiet", "-q", is_flag=True, help="Print nothing; the exit status tells.")
def export(certificates: tuple[str, ...], form: str, out: Path | None, seconds: int, quiet: bool) -> int:
    """Refutes what certificates about invariants ask once more, bit by bit, and writes the refutations as LRAT.

    Exit status: 0 all exported, 1 any that does not hold, 2 any unreadable, 3 any not decided.
    """
    from typing import cast

    from proofmark.export_command import Asked, Form, run

    return run(certificates, Asked(cast("Form", form), out, seconds), quiet)
