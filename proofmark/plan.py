"""What a run is to do: jobs, and what each is expected to answer."""

from __future__ import annotations

from collections.abc import Iterable

from artifacts.run import Expected
from proofmark.job import Job
from proofs.verdicts import Kind
from proofs.wording import instance

DEFAULT_KINDS = (Kind.REALLOC_NO_GROW, Kind.MODULE_NO_GROW)
KNOWN_ASSUMPTIONS = ("host-tables",)


def expected_of(jobs: Iterable[Job]) -> tuple[Expected, ...]:
    """One expectation for each obligation of each job."""
    return tuple(
        Expected(job.path, kind.value, instance(kind, job.roots or None)) for job in jobs for kind in job.kinds
    )
