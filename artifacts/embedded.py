"""For loaders: compact certificates (docs/loader.md), the module that carries them, and what engines compare with."""

from __future__ import annotations

import hashlib
from collections.abc import Iterable, Sequence
from dataclasses import dataclass

from artifacts.rust_constants import constants
from proofs.recheck.certificate import Certificate, read_certificate
from proofs.recheck.check_compact import imported_names, recheck_compact
from proofs.recheck.closed_set import host_memories
from proofs.recheck.compact import OBLIGATIONS, SECTION_NAME, Compact, split_module, write_compact
from proofs.recheck.coretypes import TypeStore
from proofs.recheck.decode_module import decode_module
from proofs.recheck.faults import Refused
from proofs.recheck.graph_certificate import ClosedSet
from proofs.recheck.module import Module
from proofs.recheck.reader import COMPONENT_PREAMBLE, Reader
from proofs.recheck.wording import Obligation


class NotEmbeddable(Exception):
    """There is nothing that a loader could take; the message says why."""


@dataclass(frozen=True, slots=True)
class Embedded:
    """`certificates`: compact, by obligation; `module`: the subject with each of them in a section behind all others;
    `left_out`: the instances of such obligations whose roots are given by name, which loaders do not find.
    """

    certificates: tuple[tuple[Obligation, bytes], ...]
    module: bytes
    constants: bytes
    left_out: tuple[str, ...]


def embed(certificates: Sequence[bytes], subject: bytes, name: str, tool_version: str) -> Embedded:
    """From the certificates of one subject. Raises NotEmbeddable."""
    if subject[:8] == COMPONENT_PREAMBLE:
        raise NotEmbeddable("a component: loaders check core modules only")
    if subject[:4] != b"\0asm":
        raise NotEmbeddable("a module in the text format: loaders check binaries")
    plain, _ = split_module(subject)
    read = [(read_certificate(raw), hashlib.sha256(raw).digest()) for raw in certificates]
    module = decode_module(Reader(plain, 0, len(plain)), TypeStore())
    sha256 = hashlib.sha256(plain).digest()
    found = {one.obligation: _compact(one, module, sha256) for one, _ in read if _has_compact_form(one)}
    ordered = tuple([(obligation, found[obligation]) for obligation in OBLIGATIONS.values() if obligation in found])
    carrying = plain + b"".join(_section(raw) for _, raw in ordered)
    for _, raw in ordered:
        try:
            recheck_compact(raw, carrying, name)
        except Refused as refused:
            raise NotEmbeddable(f"its compact form is not accepted: {refused}") from refused
    asked = [one for one, _ in read if one.obligation in OBLIGATIONS.values()]
    left_out = [f"{_name(one)}, {one.instance}" for one in asked if not _has_compact_form(one)]
    compact = [(obligation.value, hashlib.sha256(raw).digest()) for obligation, raw in ordered]
    proved = [(_name(one), one.instance, digest) for one, digest in read]
    written = constants(name, tool_version, (plain, carrying), compact, proved, _pools(one for one, _ in read))
    return Embedded(ordered, carrying, written, tuple(left_out))


def _name(certificate: Certificate) -> str:
    return certificate.obligation.value if isinstance(certificate.obligation, Obligation) else certificate.obligation


def _has_compact_form(certificate: Certificate) -> bool:
    evidence = certificate.evidence
    by_rule = isinstance(evidence, ClosedSet) and evidence.root_names is None
    return by_rule and certificate.obligation in OBLIGATIONS.values()


def _compact(certificate: Certificate, module: Module, sha256: bytes) -> bytes:
    assert isinstance(certificate.evidence, ClosedSet)
    assert isinstance(certificate.obligation, Obligation)
    assumed = {about for identity, about, _ in certificate.assumptions if identity == "host-function"}
    first = {name: index for index, name in reversed(tuple(enumerate(imported_names(module))))}
    functions = [index for name, index in first.items() if name in assumed]
    for member in certificate.evidence.members:
        functions += [index for low, high in member.ranges for index in range(low, high + 1)]
    compact = Compact(
        certificate.obligation,
        any(identity == "host-tables" for identity, _, _ in certificate.assumptions),
        sha256,
        len(module.functions),
        len(module.memories),
        tuple(sorted(functions)),
        tuple([index for index, _ in host_memories(module)]),
    )
    return write_compact(compact)


def _section(certificate: bytes) -> bytes:
    name = SECTION_NAME.encode("ascii")
    content = _unsigned(len(name)) + name + certificate
    return b"\0" + _unsigned(len(content)) + content


def _unsigned(value: int) -> bytes:
    out = bytearray()
    while value >= 0x80:
        out.append(value & 0x7F | 0x80)
        value >>= 7
    return bytes((*out, value))


def _pools(certificates: Iterable[Certificate]) -> list[tuple[str, int, int]]:
    """Name, base and size of each pool that something was proved of."""
    from proofs.recheck.pool_certificate import PoolInvariant

    evidence = [one.evidence for one in certificates]
    return sorted({area for one in evidence if isinstance(one, PoolInvariant) for area in one.areas})
