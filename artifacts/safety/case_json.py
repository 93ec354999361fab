"""The safety case as JSON, as `schemas/safety-case.schema.json` says: without time or place, one run has one."""

from __future__ import annotations

import json
from collections.abc import Mapping
from importlib import resources
from typing import Any

from artifacts.canonical import Json
from artifacts.names import unicode_only
from artifacts.safety.argument import Argument, Node
from artifacts.safety.states import Certified, State

FORMAT = "proofmark-safety-case/1"


def case_json(argument: Argument, tool_version: str) -> bytes:
    value: Json = {
        "format": FORMAT,
        "tool": {"name": "proofmark", "version": tool_version},
        "state": argument.state.value,
        "nodes": [_node(node) for node in argument.nodes],
    }
    return json.dumps(value, indent=1, allow_nan=False).encode("ascii") + b"\n"


def schema() -> dict[str, Any]:
    text = resources.files("artifacts").joinpath("schemas/safety-case.schema.json").read_text(encoding="utf-8")
    loaded: dict[str, Any] = json.loads(text)
    return loaded


def certified_in(document: Mapping[str, Any]) -> tuple[Certified, ...]:
    """Of a document that the schema holds for: the certificates that held."""
    return tuple([_read(node["certificate"]) for node in document["nodes"] if _holds(node)])


def _holds(node: Mapping[str, Any]) -> bool:
    return node["certificate"] is not None and node["state"] == State.HOLDS.value


def _read(one: Mapping[str, Any]) -> Certified:
    about = one["about"]["subject"], one["about"]["obligation"], one["about"]["instance"]
    return Certified(
        about, one["file"], one["sha256"], one["rule_pack"], one["tool_version"], one["evidence"], one["solver"]
    )


def _node(node: Node) -> Json:
    return {
        "id": node.id,
        "kind": node.kind.value,
        "title": unicode_only(node.title),
        "text": unicode_only(node.text),
        "state": None if node.state is None else node.state.value,
        "why": unicode_only(node.why),
        "certificate": None if node.certificate is None else _certificate(node.certificate),
        "supported_by": [*node.supported_by],
        "in_context_of": [*node.in_context_of],
    }


def _certificate(found: Certified) -> Json:
    subject, obligation, instance = map(unicode_only, found.about)
    return {
        "about": {"subject": subject, "obligation": obligation, "instance": instance},
        "file": unicode_only(found.file),
        "sha256": found.sha256,
        "rule_pack": unicode_only(found.rule_pack),
        "tool_version": unicode_only(found.tool_version),
        "evidence": unicode_only(found.evidence),
        "solver": found.solver,
    }
