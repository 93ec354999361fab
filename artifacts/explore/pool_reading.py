"""What a trace's `#meta` says of a pool, as docs/explore.md has the format."""

from __future__ import annotations

from artifacts.explore.json_reading import Node
from artifacts.names import visible
from artifacts.pool_trace import FORMAT
from proofs.pool_run import LiveBlock, NamedCell, PoolMoment, PoolRun
from proofs.pool_verdicts import AreaFact, PoolFact, RoleFact, TableFact

_WORDS = 1 << 64


def read_pool(document: Node, states: int) -> PoolRun | None:
    """None if the trace is of no pool, or was written before traces carried pools. Raises InputError."""
    if not document.child("#meta").has("pool"):
        return None
    given = document.child("#meta").child("pool")
    if given.child("format").value != FORMAT:
        raise given.child("format").fail(f"{FORMAT}, which this version reads")
    cells = tuple(_cell(one) for one in given.child("cells").items())
    moments = tuple(_moment(one, len(cells)) for one in given.child("moments").exactly(states))
    relative = given.child("relative").value is True
    host = given.child("host").text() if given.has("host") else ""
    roles = tuple(_role(one) for one in given.child("roles").items()) if given.has("roles") else ()
    return PoolRun(_pool(given.child("pool"), 0 if relative else 1), cells, moments, relative, visible(host), roles)


def _role(given: Node) -> RoleFact:
    parameters = tuple(visible(one.text()) for one in given.child("parameters").items())
    indices = _number(given.child("indices")) if given.has("indices") else None
    export, role, unit = given.child("export").text(), given.child("role").text(), _number(given.child("unit"))
    return RoleFact(export, visible(role), parameters, indices, unit)


def _pool(given: Node, least: int) -> PoolFact:
    tables = tuple(
        TableFact(visible(one.child("name").text()), *(_number(one.child(key)) for key in ("base", "size", "element")))
        for one in given.child("tables").items()
    )
    size = _number(given.child("size"))
    if size < least:
        raise given.child("size").fail("more than 0 bytes")
    element, alignment, budget = (
        _number(given.child(key)) if given.has(key) else None for key in ("element", "alignment", "budget")
    )
    name, base = visible(given.child("name").text()), _number(given.child("base"))
    also = tuple(map(_area, given.child("also").items())) if given.has("also") else ()
    return PoolFact(name, base, size, element, alignment, budget, tables, also)


def _area(given: Node) -> AreaFact:
    name, base, size = (given.child(key) for key in ("name", "base", "size"))
    if _number(size) == 0:
        raise size.fail("more than 0 bytes")
    element = _number(given.child("element")) if given.has("element") else None
    return AreaFact(visible(name.text()), _number(base), _number(size), element)


def _cell(given: Node) -> NamedCell:
    name = visible(given.child("name").text())
    address = _number(given.child("address")) if given.has("address") else None
    return NamedCell(name, address, _number(given.child("size")))


def _moment(given: Node, cells: int) -> PoolMoment:
    blocks = tuple(
        LiveBlock(visible(one.child("name").text()), *(_number(one.child(key)) for key in ("at", "size", "call")))
        for one in given.child("blocks").items()
    )
    values = tuple(_digits(one) for one in given.child("values").exactly(cells))
    returned = _digits(given.child("returned")) if given.has("returned") else None
    broken = given.child("broken")
    place = (_number(broken.child("at")), _number(broken.child("size"))) if given.has("broken") else None
    return PoolMoment(blocks, values, returned, place)


def _number(node: Node) -> int:
    if not 0 <= node.number() < _WORDS:
        raise node.fail("a number from 0 to 2^64 - 1")
    return node.number()


def _digits(node: Node) -> int:
    text = node.text()
    if not (text.isascii() and text.isdigit() and len(text) <= 20):
        raise node.fail("digits")
    return int(text)
