"""Pairs of modules and compact certificates: those that should hold, and the same with something changed."""

from __future__ import annotations

import hashlib
from collections.abc import Iterator
from dataclasses import replace
from pathlib import Path
from random import Random

from loader_tools import Pair

from proofs.recheck.check_compact import _members, imported_names
from proofs.recheck.closed_set import Asked, check_closed_set, host_memories
from proofs.recheck.compact import OBLIGATIONS, Compact, split_module, write_compact
from proofs.recheck.coretypes import TypeStore
from proofs.recheck.decode_module import decode_module
from proofs.recheck.faults import Refused
from proofs.recheck.graph_certificate import ClosedSet
from proofs.recheck.reader import Reader
from proofs.recheck.wording import Obligation
from proofs.recheck.world import core_world

ROOT = Path(__file__).resolve().parents[1]
TELLING = bytes.fromhex("00010240707fff800b101112d22526fcfbfe63644e50")
"""Bytes that mean something to a reader of modules."""


def example_modules() -> list[bytes]:
    """The core modules among the examples."""
    paths = [*sorted((ROOT / "examples").glob("*.wasm")), *sorted((ROOT / "examples" / "pools").glob("*.wasm"))]
    return [data for path in paths if (data := path.read_bytes())[4] == 1]


def of_all(module: bytes, obligation: Obligation, left_out: frozenset[int] = frozenset()) -> Compact:
    """Members are all functions but those left out; listed is what a proof would then ask for. Raises Refused."""
    store = TypeStore()
    decoded = decode_module(Reader(module, 0, len(module)), store)
    imported, count = decoded.imported_functions, len(decoded.functions)
    sha256 = hashlib.sha256(split_module(module)[0]).digest()
    members = tuple([function for function in range(imported, count) if function not in left_out])
    memories = tuple([index for index, _ in host_memories(decoded)])
    bare = Compact(obligation, False, sha256, count, len(decoded.memories), members, memories)
    asked: Asked = set()
    try:
        evidence = ClosedSet(None, None, None, None, _members(bare, decoded))
        asked = check_closed_set(module, core_world(decoded, store), obligation, evidence)
    except Refused:
        pass  # whatever is listed then, it is no proof
    names = imported_names(decoded)
    hosts = {names.index(about) for identity, about in asked if identity == "host-function"}
    return replace(bare, host_tables=("host-tables", "") in asked, functions=tuple(sorted({*hosts, *members})))


def pairs_of(module: bytes) -> list[Pair]:
    """For each obligation; what cannot be read gets a certificate that is right about its hash."""
    pairs = []
    for obligation in OBLIGATIONS.values():
        try:
            compact = of_all(module, obligation)
        except Refused:
            compact = Compact(obligation, False, hashlib.sha256(module).digest(), 0, 0, (), ())
        pairs.append((module, write_compact(compact)))
    return pairs


def corrupted(module: bytes, random: Random) -> Iterator[Pair]:
    """Certificates with a member too few, with a bit changed, and cut short."""
    for obligation in OBLIGATIONS.values():
        compact = of_all(module, obligation)
        if compact.functions:
            yield module, write_compact(of_all(module, obligation, frozenset([random.choice(compact.functions)])))
        raw = bytearray(write_compact(compact))
        raw[random.choice((4, 5, 6, 7, *range(40, len(raw)), *range(48, len(raw))))] ^= 1 << random.randrange(8)
        yield module, bytes(raw)
        yield module, bytes(raw[: random.randrange(len(raw))])


def damaged(module: bytes, random: Random) -> Pair | None:
    """The module with bytes changed, and a certificate that is right about its new hash; None if it has no header."""
    bytes_ = bytearray(module)
    for _ in range(random.choice((1, 1, 1, 2, 3))):
        if len(bytes_) < 12:
            return None
        at = random.randrange(8, len(bytes_))
        match random.randrange(10):
            case 0:
                del bytes_[at]
            case 1:
                bytes_.insert(at, random.randrange(256))
            case 2 | 3:
                bytes_[at] = random.choice(TELLING)
            case _:
                bytes_[at] ^= 1 << random.randrange(8)
    changed = bytes(bytes_)
    obligation = random.choice(list(OBLIGATIONS.values()))
    try:
        return changed, write_compact(of_all(changed, obligation))
    except Refused:
        return pairs_of(changed)[0] if random.random() < 0.05 else None
