"""Whether an operation has lent something: a lease that is open may be that of one before it."""

from __future__ import annotations

import pytest
from example_runtime import committed

from extract.mir.compile import Panic
from smt_models.host.variants import Peer
from smt_models.runtime.operation import Subject
from smt_models.runtime.ownership import has_lent
from smt_models.runtime.roots import LENT
from smt_models.runtime.values import NONE, Dangling, Value, some
from smt_models.system.terms import BOOLEAN, literal


@pytest.mark.parametrize(
    ("is_open", "lent", "asked", "waiting", "has"),
    [
        (True, some(Dangling()), True, False, True),
        (True, some(Dangling()), False, False, False),
        (True, NONE, True, False, False),
        (False, some(Dangling()), True, False, False),
        (False, NONE, True, True, True),
    ],
)
def test_it_has_until_the_answer_is_applied(is_open: bool, lent: Value, asked: bool, waiting: bool, has: bool) -> None:
    example = committed()
    operation = example.profile.operation("stream-read")
    subject = Subject(example.program, example.profile, operation, Peer.WASM, Panic.ABORT, follows=True)
    state = subject.state(subject.initial_roots())
    state.objects[LENT] = lent
    for name, value in (("lease", is_open), ("asked", asked), ("waiting", waiting)):
        state.host[name] = literal(value, BOOLEAN)
    assert has_lent(state, subject.host) is has
