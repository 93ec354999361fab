"""Re-checks what a certificate says about a module or component: closed sets, and what is in need of a realloc."""

from __future__ import annotations

import subprocess
import sys
from collections.abc import Callable
from typing import assert_never

from proofs.recheck.ahead import begun
from proofs.recheck.certificate import Certificate
from proofs.recheck.closed_set import Asked, check_closed_set
from proofs.recheck.collector import without_collector
from proofs.recheck.coretypes import TypeStore
from proofs.recheck.decode_module import decode_module
from proofs.recheck.faults import Refused
from proofs.recheck.graph_certificate import ClosedSet, NeededBy
from proofs.recheck.needed_by import check_needed_by
from proofs.recheck.reader import COMPONENT_PREAMBLE, Reader
from proofs.recheck.wording import Obligation
from proofs.recheck.world import World, core_world


def check_module(
    data: bytes, certificate: Certificate, evidence: ClosedSet | NeededBy, demand_hash: Callable[[], None]
) -> None:
    """`demand_hash` raises `Refused` for other bytes than the certificate's. Raises `Refused`."""
    with begun(data, evidence) as helpers:  # who have begun when this process hashes it
        demand_hash()
        binary_data = binary(data)
        with without_collector():
            match evidence:
                case ClosedSet():
                    assert isinstance(certificate.obligation, Obligation)
                    world = evaluate(binary_data)
                    asked = check_closed_set(binary_data, world, certificate.obligation, evidence, helpers)
                case NeededBy():
                    asked = check_needed_by(evaluate(binary_data), evidence)
                case _:
                    assert_never(evidence)
    _check_assumptions(asked, certificate)


_ASSEMBLER = "import sys, wasmtime; sys.stdout.buffer.write(wasmtime.wat2wasm(sys.stdin.read()))"


def binary(data: bytes) -> bytes:
    """A subject in the text format is assembled first; its hash is that of the text."""
    if data[:4] == b"\0asm":
        return data
    # Apart from this process, which the assembler's abort would take with it.
    try:
        assembled = subprocess.run(
            [sys.executable, "-P", "-c", _ASSEMBLER], input=data, capture_output=True, timeout=60, check=True
        )
    except subprocess.SubprocessError:
        raise Refused("subject: no binary, and no text that the package wasmtime assembles") from None
    return assembled.stdout


def evaluate(data: bytes) -> World:
    """Decodes and evaluates a subject (G1 to G4)."""
    store, reader = TypeStore(), Reader(data, 0, len(data))
    if data[:8] == COMPONENT_PREAMBLE:
        from proofs.recheck.decode_component import decode_component  # core modules need none of it
        from proofs.recheck.evaluate import component_world

        return component_world(decode_component(reader, store), store)
    return core_world(decode_module(reader, store), store)


def _check_assumptions(asked: Asked, certificate: Certificate) -> None:
    """Exactly the assumptions asked for must be listed: one more would hide what the proof rests on."""
    listed = {(identity, about) for identity, about, _ in certificate.assumptions}
    for identity, about in sorted(asked - listed):
        raise Refused(f"certificate, assumptions: {identity} {about} is asked for and not listed".replace("  ", " "))
    for identity, about in sorted(listed - asked):
        raise Refused(f"certificate, assumptions: {identity} {about} is listed and not asked for".replace("  ", " "))
