"""A counterexample about a pool as a test in Python that stands alone: the calls, and what watches them."""

from __future__ import annotations

import inspect
from dataclasses import asdict
from importlib.resources import files
from string import Template

from artifacts.explore.model import Heading
from proofs import pool_run
from proofs.pool_run import LiveBlock, PoolMoment, PoolRun, block_name
from proofs.pools import instance, oracle
from proofs.pools.instance import PoolInstance
from smt_models.pools import conditions, pool

Call = tuple[str, tuple[int, ...]]
"""An export and its arguments."""

_CONSTANTS = (
    (pool, ("MOST_BYTES", "ALIGNMENTS", "ROLES")),
    (oracle, ("ADDRESSES",)),
    (pool_run, ("_LETTERS",)),
)
_CODE = (
    *(pool.Host, pool.Role, pool.Array, pool.Area, pool.Pool),
    *(LiveBlock, PoolMoment, block_name),
    *(oracle.Block, oracle.Fault, oracle.Made, oracle.Oracle, oracle.role_of, oracle._is_element, oracle._range),
    *(PoolInstance, instance._signed),
)
"""What watches a pool's calls, all of which stands in the test as it stands here."""


def pool_test(heading: Heading, sha256: str, memory: str, run: PoolRun, calls: tuple[Call, ...], version: str) -> str:
    """`memory`: the name that the module exports its memory by. The last of the `calls` breaks the obligation."""
    given = {key: value for key, value in asdict(run.pool).items() if key != "tables"}
    roles = [(one.export, one.role, one.parameters or (), one.indices, one.unit) for one in run.roles]
    return Template(template("pool_test.txt")).substitute(
        title=f"{heading.obligation}: a counterexample of proofmark {version}",
        told=quoted(f"{heading.subject}, {heading.instance}."),
        sha256=sha256,
        kind=heading.obligation,
        pool=repr(given),
        roles=lines([repr(one) for one in roles]),
        metadata=repr(tuple((one.address, (one.address or 0) + one.size - 1) for one in run.cells)),
        calls=lines([_call(*call, moment) for call, moment in zip(calls, run.moments[1:], strict=True)]),
        host=repr(run.host),
        version=version,
        watching="\n\n".join([_constants(memory), *(f"\n{inspect.getsource(one).rstrip()}" for one in _CODE)]) + "\n",
    )


def template(name: str) -> str:
    return (files(__package__) / "generated" / name).read_text()


def quoted(text: str) -> str:
    """As part of a documentation string, which it must not end."""
    return text.replace("\\", "\\\\").replace('"', '\\"')


def _call(name: str, arguments: tuple[int, ...], moment: PoolMoment) -> str:
    returned = "None" if moment.returned is None else f"{moment.returned:#x}"
    return f"({name!r}, {arguments!r}, {returned}, {moment.values!r})"


def lines(items: list[str]) -> str:
    return "".join(["(\n", *(f"    {one},\n" for one in items), ")"])


def _constants(memory: str) -> str:
    lines = [f"MEMORY = {memory!r}"]
    lines += [f"{name} = {getattr(module, name)!r}" for module, names in _CONSTANTS for name in names]
    kinds = [f"    {name} = {value!r}" for name, value in vars(conditions).items() if value in conditions.KINDS]
    return "\n".join([*lines, "", "", "class c:", '    """Obligations."""', "", *kinds])
