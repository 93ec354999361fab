"""Writes certificates by hand: `docs/certificate.md` as a dictionary, so that a test can break one piece of it."""

from __future__ import annotations

import hashlib
import json
from pathlib import Path
from typing import Any

from wasmtime import wat2wasm

from proofs.recheck import Accepted, Rejected, recheck

CLAIMS = {
    "realloc-no-grow": "no path from any canonical-ABI realloc reaches memory.grow",
    "module-no-grow": "no path from any export, start function or host-callable table entry reaches memory.grow",
    "no-alloc-path": "no path from the named roots reaches an allocator entry: ",
    "realloc-vestigial": "every realloc that is still there is needed by a canonical definition, an import"
    " or the boundary",
}
TEXTS = {
    "boundary": "the boundary function {about} passes values of variable length into the module",
    "canonical-builtins": "the canonical functions of the component model grow no memory of this file by themselves",
    "host-function": "the host function {about} neither grows a memory of this file nor calls back into a function of "
    "it outside the closed set",
    "host-memory": "the host does not grow the memory {about}, which it can reach",
    "host-tables": "the host puts no function of its own into a table or reference through which the closed set calls",
}


def assume(*pairs: str) -> list[dict[str, Any]]:
    """From texts such as `host-function env.f` or `host-tables`; those with one id stand together."""
    found: list[dict[str, Any]] = []
    for pair in pairs:
        identity, _, about = pair.partition(" ")
        if not found or found[-1]["id"] != identity:
            found.append({"id": identity, "about": [], "text": TEXTS[identity]})
        found[-1]["about"] += [about] if about else []
    return found


def certificate(
    path: Path, obligation: str, evidence: dict[str, Any], assumptions: list[dict[str, Any]]
) -> dict[str, Any]:
    data = path.read_bytes()
    names = evidence.get("root_names")
    claim = CLAIMS[obligation]
    if names is not None and obligation != "no-alloc-path":
        claim = "no path from the named roots reaches memory.grow"
    claim += ", ".join(evidence.get("goal_names", ()))
    instance = "every entry" if obligation == "module-no-grow" else "every realloc"
    return {
        "format": "proofmark-certificate/4",
        "obligation": obligation,
        "instance": instance if names is None else "roots " + ", ".join(names),
        "rule_pack": "wasm-graph/2",
        "subject": {"name": path.name, "bytes": len(data), "sha256": hashlib.sha256(data).hexdigest()},
        "claim": claim,
        "evidence": evidence,
        "assumptions": assumptions,
        "tool": {"name": "proofmark", "version": "0.1.0"},
    }


def closed_set(roots: list[list[Any]], members: list[list[Any]], **more: Any) -> dict[str, Any]:
    evidence = {
        "kind": "closed-set",
        "roots": functions(roots),
        "roots_by": "rule",
        "goal": "memory.grow",
        "members": members,
    }
    return evidence | {"dead": []} | more


def functions(pairs: list[list[Any]]) -> list[list[Any]]:
    """Of pairs of instance and function index: those of an instance together, as ranges."""
    found: dict[int, list[list[int]]] = {}
    for instance, index in pairs:
        ranges = found.setdefault(instance, [])
        if ranges and ranges[-1][1] + 1 == index:
            ranges[-1][1] = index
        else:
            ranges.append([index, index])
    text = {i: ",".join(str(a) if a == b else f"{a}-{b}" for a, b in ranges) for i, ranges in found.items()}
    return [[instance, ranges] for instance, ranges in text.items()]


def needed_by(*needs: list[Any]) -> dict[str, Any]:
    return {"kind": "needed-by", "needs": list(needs)}


def write(document: dict[str, Any]) -> bytes:
    """With the digest that it must have."""
    unsealed = {key: value for key, value in document.items() if key != "digest"}
    return _canonical({**unsealed, "digest": hashlib.sha256(_canonical(unsealed)).hexdigest()})


def _canonical(document: dict[str, Any]) -> bytes:
    return (json.dumps(document, sort_keys=True, separators=(",", ":"), ensure_ascii=False) + "\n").encode()


def assemble(folder: Path, text: str, name: str = "subject.wasm") -> Path:
    path = folder / name
    path.write_bytes(wat2wasm(text))
    return path


def accepted(path: Path, document: dict[str, Any]) -> None:
    answer = recheck(write(document), path)
    assert isinstance(answer, Accepted), answer


def rejected(path: Path, document: dict[str, Any], reason: str) -> None:
    answer = recheck(write(document), path)
    assert isinstance(answer, Rejected), answer
    assert reason in answer.reason
