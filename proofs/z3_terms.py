"""What is in terms of z3."""

from __future__ import annotations

from typing import Any


def constants(z3: Any, terms: Any) -> list[Any]:
    """Those that are declared, not interpreted, each once; in no order. `z3`: the package, which is imported late."""
    found: dict[int, Any] = {}
    seen: set[int] = set()
    waiting = list(terms)
    while waiting:
        one = waiting.pop()
        if one.get_id() in seen:
            continue
        seen.add(one.get_id())
        if z3.is_const(one) and one.decl().kind() == z3.Z3_OP_UNINTERPRETED:
            found[one.get_id()] = one
        waiting.extend(one.children())
    return list(found.values())
