"""Re-checks compact certificates like others."""

from __future__ import annotations

import hashlib
from itertools import groupby

from proofs.recheck.answer import Accepted
from proofs.recheck.closed_set import Asked, check_closed_set, host_memories
from proofs.recheck.compact import Compact, read_compact, split_module
from proofs.recheck.coretypes import TypeStore
from proofs.recheck.decode_module import decode_module
from proofs.recheck.faults import Refused
from proofs.recheck.graph_certificate import ClosedSet, Member
from proofs.recheck.module import Kind, Module
from proofs.recheck.reader import Reader
from proofs.recheck.wording import assumption_text, instance_text
from proofs.recheck.world import core_world


def recheck_compact(raw: bytes, data: bytes, name: str) -> Accepted:
    """`name` of the subject, which the certificate does not know. Raises `Refused`."""
    compact = read_compact(raw)
    if data[:4] != b"\0asm":
        raise Refused("subject: no WebAssembly binary")
    if hashlib.sha256(split_module(data)[0]).digest() != compact.sha256:
        raise Refused("subject: its SHA-256, without the sections that hold certificates, is not the certificate's")
    store = TypeStore()
    module = decode_module(Reader(data, 0, len(data)), store)
    if (len(module.functions), len(module.memories)) != (compact.function_count, compact.memory_count):
        raise Refused("certificate: other numbers of functions or memories than the subject has")
    evidence = ClosedSet(None, None, None, None, _members(compact, module))
    asked = check_closed_set(data, core_world(module, store), compact.obligation, evidence)
    listed = _listed(compact, module)
    for what, pairs in (
        ("is asked for and not listed", asked - listed),
        ("is listed and not asked for", listed - asked),
    ):
        for identity, about in sorted(pairs):
            raise Refused(f"certificate, assumptions: {identity} {about} {what}".replace("  ", " "))
    texts = tuple([(identity, about, assumption_text(identity, about)) for identity, about in sorted(listed)])
    return Accepted(
        compact.obligation.value, instance_text(compact.obligation, None), name, compact.sha256.hex(), texts
    )


def _members(compact: Compact, module: Module) -> tuple[Member, ...]:
    defined = [function for function in compact.functions if function >= module.imported_functions]
    runs = [[number for _, number in run] for _, run in groupby(enumerate(defined), lambda pair: pair[1] - pair[0])]
    return (Member(0, tuple([(run[0], run[-1]) for run in runs])),) if runs else ()


def _listed(compact: Compact, module: Module) -> Asked:
    """The assumptions that the bits stand for. Of imports with one name, the first stands for all."""
    names = imported_names(module)
    first = {name: index for index, name in reversed(tuple(enumerate(names)))}
    listed: Asked = {("host-tables", "")} if compact.host_tables else set()
    for function in compact.functions:
        if function < len(names):
            if first[names[function]] != function:
                raise Refused(f"certificate: function {function} is not the first import of its name")
            listed.add(("host-function", names[function]))
    reachable = dict(host_memories(module))
    for memory in compact.memories:
        if memory not in reachable:
            raise Refused(f"certificate, assumptions: host-memory {memory} is listed and not asked for")
        listed.add(("host-memory", reachable[memory]))
    if len(reachable) != len(compact.memories):
        raise Refused("certificate, assumptions: a host-memory is asked for and not listed")
    return listed


def imported_names(module: Module) -> list[str]:
    """Imported functions as the assumption `host-function` names them (H1)."""
    return [f"{i.module}.{i.name}" for i in module.imported(Kind.FUNC)]
