"""How one element of a stream is followed: by the cursors of its buffer, or on its way into a client's `Vec`."""

from __future__ import annotations

from collections.abc import Mapping

from extract.mir.compile import Panic
from smt_models.host.variants import Hypotheses
from smt_models.runtime.following import Following
from smt_models.runtime.host import Host
from smt_models.runtime.profile import Operation
from smt_models.runtime.received import Received
from smt_models.system.terms import Term

Follower = Following | Received


def follower_of(
    operation: Operation,
    fields: Mapping[str, tuple[str, ...]],
    host: Host,
    host_form: Term,
    panic: Panic,
    hypotheses: Hypotheses,
) -> Follower:
    """`fields` of types, in order; `host_form`: that the guest's form of an element is the host's.

    H5 is taken only where it is needed: a runtime that panics over a count loses what came, which is a fault only where
    the process goes on; every other is to check a count, unless a proof is asked for that names H5.
    """
    unchecked = hypotheses.h5_unchecked
    if operation.lifted_from is not None:
        kept = unchecked or (hypotheses.h5 and panic is Panic.UNWIND)
        return Received(operation, host, host_form, counts_are_kept=kept)
    return Following(operation, fields, host, host_form, counts_are_kept=unchecked)
