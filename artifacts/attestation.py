"""A run as an in-toto statement (version 1) in a DSSE envelope: what was proved of which files, certificates by hash.

Neither signs nor verifies: who has the key does, over `signed_bytes`, or Sigstore, whose bundle holds the envelope.
"""

from __future__ import annotations

import base64
import binascii
from collections.abc import Sequence
from dataclasses import dataclass
from typing import Any

from artifacts.canonical import Json, canonical
from artifacts.names import unicode_only
from artifacts.strict_json import parsed

STATEMENT = "https://in-toto.io/Statement/v1"
PREDICATE = "urn:proofmark:proofs:v1"
PAYLOAD = "application/vnd.in-toto+json"
MAX_BYTES = 1 << 26
ENVELOPE = ".intoto.json"  # how the file of an envelope is called, and that of a bundle
BUNDLE = ".sigstore.json"


class NoAttestation(Exception):
    """Not an envelope around such a statement; the message says why."""


@dataclass(frozen=True, slots=True)
class Proof:
    """`certificate`: file name and SHA-256. `assumptions`: id and about."""

    obligation: str
    instance: str
    subject: tuple[str, str]
    certificate: tuple[str, str]
    assumptions: tuple[tuple[str, str], ...]


@dataclass(frozen=True, slots=True)
class Envelope:
    payload: bytes
    key_id: str
    signature: bytes


def statement(proofs: Sequence[Proof], tool_version: str) -> bytes:
    """Canonical: one run has one statement."""
    subjects = sorted({proof.subject for proof in proofs})
    listed: list[Json] = [
        {
            "obligation": proof.obligation,
            "instance": unicode_only(proof.instance),
            "subject": _described(proof.subject),
            "certificate": _described(proof.certificate),
            "assumptions": [{"id": id_, "about": unicode_only(about)} for id_, about in sorted(proof.assumptions)],
        }
        for proof in sorted(proofs, key=lambda proof: (proof.subject, proof.obligation, proof.instance))
    ]
    return canonical(
        {
            "_type": STATEMENT,
            "subject": [_described(subject) for subject in subjects],
            "predicateType": PREDICATE,
            "predicate": {"tool": {"name": "proofmark", "version": tool_version}, "proofs": listed},
        }
    )


def _described(file: tuple[str, str]) -> Json:
    return {"name": unicode_only(file[0]), "digest": {"sha256": file[1]}}


def signed_bytes(payload: bytes) -> bytes:
    """DSSE's pre-authentication encoding."""
    kind = PAYLOAD.encode("ascii")
    return b"DSSEv1 %d %s %d %s" % (len(kind), kind, len(payload), payload)


def envelope(made: Envelope) -> bytes:
    signature: Json = {"keyid": made.key_id, "sig": base64.b64encode(made.signature).decode("ascii")}
    payload = base64.b64encode(made.payload).decode("ascii")
    return canonical({"payload": payload, "payloadType": PAYLOAD, "signatures": [signature]})


def read_envelope(raw: bytes) -> Envelope:
    """Exactly one signature. Raises NoAttestation."""
    match _parsed(raw):
        case {"payload": str(payload), "payloadType": str(kind), "signatures": [{"sig": str(sig), **more}], **rest}:
            if kind != PAYLOAD or rest or more.keys() - {"keyid"}:
                raise NoAttestation("an envelope of another type, or with keys that are not known")
            try:
                decoded = base64.b64decode(payload, validate=True), base64.b64decode(sig, validate=True)
            except (binascii.Error, ValueError):
                raise NoAttestation("no base64") from None
            return Envelope(decoded[0], str(more.get("keyid", "")), decoded[1])
        case _:
            raise NoAttestation("no DSSE envelope with one signature")


def read_statement(payload: bytes) -> tuple[Proof, ...]:
    """Of a payload whose signature was verified. Raises NoAttestation unless it is what `statement` writes."""
    match _parsed(payload):
        case {"_type": str(kind), "predicateType": str(predicate), "predicate": {"proofs": [*listed], "tool": tool}}:
            if (kind, predicate) != (STATEMENT, PREDICATE):
                raise NoAttestation("a statement of another type")
            try:
                proofs = tuple(map(_proof, listed))
                written = statement(proofs, tool["version"])
            except (KeyError, TypeError, ValueError):
                raise NoAttestation("a proof without one of its parts") from None
        case _:
            raise NoAttestation("no in-toto statement about proofs")
    if not proofs or written != payload:
        raise NoAttestation("a statement about nothing, or in another form than the one it has")
    return proofs


def _proof(entry: dict[str, Any]) -> Proof:
    assumptions = tuple([(str(one["id"]), str(one["about"])) for one in entry["assumptions"]])
    named = [(str(entry[key]["name"]), str(entry[key]["digest"]["sha256"])) for key in ("subject", "certificate")]
    return Proof(str(entry["obligation"]), str(entry["instance"]), named[0], named[1], assumptions)


def _parsed(raw: bytes) -> object:
    if len(raw) > MAX_BYTES:
        raise NoAttestation(f"more than {MAX_BYTES} bytes")
    try:
        return parsed(raw)
    except (ValueError, RecursionError) as fault:
        raise NoAttestation(f"no JSON: {str(fault)[:100]}") from None
