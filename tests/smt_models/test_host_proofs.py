"""What the host models claim of themselves, decided by a solver on the emitted text; each with a refuted twin."""

from __future__ import annotations

from collections.abc import Callable
from dataclasses import replace

import pytest
import z3  # type: ignore[import-untyped]
from horn_solver import check, proved, reachable
from test_host_walks import VARIANTS

from smt_models.host.arms import HEARD_VARIABLE
from smt_models.host.borrows import borrowing_task_system, lent_handle_system
from smt_models.host.end import HELD, LEASE, OURS, PEND, QUIET, ST, SYNCW, WSET, Words
from smt_models.host.lease import copying, lease_open, lease_system
from smt_models.host.subtask import STATE, TOLD, parameters_lent, results_lent, subtask_system
from smt_models.host.variants import ALL, Element, End, Hypotheses, Kind, Peer, Variant
from smt_models.host.waitable_set import waitable_set_system
from smt_models.system.model import Bad, System
from smt_models.system.terms import FALSE, TRUE, Term, both, conjunction, differ, equal, negation
from smt_models.system.unroll import invariant_queries, step_symbol, unrolled_text

OTHERS: dict[str, Callable[[Hypotheses], System]] = {
    "subtask": subtask_system,
    "waitable set": waitable_set_system,
    "lent handle": lent_handle_system,
    "borrowing task": borrowing_task_system,
}
HOST_READER = Variant(End.READER, Kind.STREAM, Peer.HOST, bits=8)
WASM_WRITER = Variant(End.WRITER, Kind.STREAM, Peer.WASM, bits=8)
DEPTH = 6


SYSTEMS = [
    *map(lease_system, VARIANTS),
    *(make(ALL) for make in OTHERS.values()),
    subtask_system(Hypotheses(h1=False)),
]


def _name(system: System) -> str:
    return system.name.removeprefix("host-rules/1 ")


@pytest.mark.parametrize("system", SYSTEMS, ids=_name)
def test_claims_together_are_inductive(system: System) -> None:
    """No state that keeps all claims can break one in a step: the claims are their own proof."""
    claims = conjunction(negation(bad.condition) for bad in system.bad)
    for bad in system.bad:
        initial, kept, excludes = invariant_queries(system, claims, bad.name)
        assert check(excludes.text) == "unsat"
    assert [check(initial.text), check(kept.text)] == ["unsat", "unsat"]


@pytest.mark.parametrize("make", OTHERS.values(), ids=OTHERS)
def test_spacer_proves_the_claims(make: Callable[[Hypotheses], System]) -> None:
    assert proved(make(ALL))


@pytest.mark.parametrize("kind", Kind)
@pytest.mark.parametrize("peer", [Peer.WASM, Peer.HOST])
def test_spacer_proves_the_claims_of_an_end(kind: Kind, peer: Peer) -> None:
    assert proved(lease_system(Variant(End.READER, kind, peer, bits=8)))


def test_spacer_proves_the_claims_at_the_real_width() -> None:
    assert proved(lease_system(replace(WASM_WRITER, bits=32)))


def dead_rules(system: System) -> list[str]:
    """The rules that are not taken on any path of DEPTH steps."""
    solver = z3.SolverFor("QF_BV")
    solver.from_string(unrolled_text(system.with_bad(Bad("any", TRUE)), "any", DEPTH))
    left = dict(enumerate(system.steps))
    dead = []
    while left:
        number = next(iter(left))
        answer = solver.check(z3.Or([z3.Bool(step_symbol(time, number)) for time in range(DEPTH)]))
        assert answer != z3.unknown
        if answer == z3.unsat:
            dead.append(left.pop(number).name)
            continue
        model = solver.model()
        for other in list(left):
            if any(z3.is_true(model[z3.Bool(step_symbol(time, other))]) for time in range(DEPTH)):
                del left[other]
    return dead


@pytest.mark.parametrize("system", SYSTEMS, ids=_name)
def test_no_rule_is_dead(system: System) -> None:
    dead = dead_rules(system)
    if "future reader, peer same instance, element other" in system.name:
        # The copy traps ("temporary"), and a writer that is not DONE cannot be dropped: nothing is ever heard here.
        assert dead
        assert all("the queued event" in name for name in dead)
    else:
        assert not dead


def _weakened(system: System, name: str, **updates: Term) -> System:
    """The system with some updates of one step changed."""
    step = system.step(name)
    assert updates.keys() <= dict(step.updates).keys()
    return system.with_step(replace(step, updates=tuple((dict(step.updates) | updates).items())))


LEASE_MEANS_COPYING = Bad("a lease is open and the end is not copying", both(lease_open(), negation(copying())))


def test_an_open_lease_means_copying_and_its_twin_does_not() -> None:
    """[CABI] cancel_copy: "the asynchronous case simply returns BLOCKED", st stays CANCELLING_COPY."""
    system = lease_system(HOST_READER).with_bad(LEASE_MEANS_COPYING)
    assert proved(system)
    name = "stream.cancel-read: the host takes its time; BLOCKED, the lease stays open"
    assert not proved(_weakened(system, name, st=ST.value("IDLE")))


def test_a_copy_does_not_close_the_lease_and_its_twin_lets_go_early() -> None:
    """[CABI] OnCopy: "there may be further copies made in the future, so the caller has not regained ownership"."""
    system = lease_system(WASM_WRITER)
    parked = system.with_bad(Bad("parked without a lease", both(OURS, negation(LEASE))))
    assert proved(parked)
    name = "peer copies: this end waits with room, min is copied, it stays parked"
    step = parked.step(name)
    closes = replace(step, updates=(*step.updates, ("lease", FALSE)))
    assert not proved(parked.with_step(closes))


def test_a_weakened_trap_is_noticed() -> None:
    """[CABI] cancel_copy: trap_if(e.in_waitable_set() and not async_)."""
    system = lease_system(HOST_READER)
    both_waits = system.with_bad(Bad("waited on twice", both(SYNCW, WSET)))
    assert proved(both_waits)
    name = "stream.cancel-read: the host takes its time, the synchronous form waits"
    step = both_waits.step(name)
    sloppy = replace(step, guard=both(HELD, ST.is_("COPYING"), QUIET, negation(SYNCW)))
    assert not proved(both_waits.with_step(sloppy))


def test_an_invariant_written_by_hand_passes_its_three_queries() -> None:
    words = Words(WASM_WRITER)
    system = lease_system(WASM_WRITER).with_bad(LEASE_MEANS_COPYING)
    invariant = conjunction((equal(LEASE, copying()), negation(both(LEASE, negation(HELD)))))
    assert [check(query.text) for query in invariant_queries(system, invariant, LEASE_MEANS_COPYING.name)] == [
        "unsat"
    ] * 3
    too_strong = both(invariant, equal(words.progress, words.zero_count))
    answers = [check(query.text) for query in invariant_queries(system, too_strong, LEASE_MEANS_COPYING.name)]
    assert answers == ["unsat", "sat", "unsat"]


WORDS = Words(HOST_READER)
SOME = differ(WORDS.progress, WORDS.zero_count)
PROBES = {
    "lent": (HOST_READER, LEASE),
    "copied into and still lent": (HOST_READER, both(OURS, SOME)),
    "an event is queued and the buffer still parked": (WASM_WRITER, both(PEND.is_("COMPLETED"), OURS)),
    "cancelling and still lent": (HOST_READER, both(ST.is_("CANCELLING_COPY"), LEASE, OURS)),
    "cancelling in a set": (HOST_READER, both(ST.is_("CANCELLING_COPY"), WSET)),
    "a synchronous cancel waits": (HOST_READER, both(ST.is_("CANCELLING_COPY"), SYNCW)),
    "CANCELLED is queued with a count": (HOST_READER, both(PEND.is_("CANCELLED"), SOME)),
    "DROPPED is queued with a count": (WASM_WRITER, both(PEND.is_("DROPPED"), SOME)),
    "full and not delivered": (WASM_WRITER, both(LEASE, SOME, equal(WORDS.progress, WORDS.length))),
    "done": (HOST_READER, ST.is_("DONE")),
    "gone": (HOST_READER, negation(HELD)),
    "trapped": (HOST_READER, HEARD_VARIABLE.is_("TRAP")),
}


@pytest.mark.parametrize("probe", PROBES)
def test_interesting_states_are_reached(probe: str) -> None:
    """Vacuity: what a proof about leases must not exclude."""
    variant, condition = PROBES[probe]
    assert reachable(lease_system(variant), condition)


def test_only_host_defined_ends_take_their_time() -> None:
    """[CABI] "when wasm is implementing the stream, cancel always returns ownership of the buffer immediately"."""
    cancelling = ST.is_("CANCELLING_COPY")
    for end in End:
        for kind in Kind:
            for peer in (Peer.WASM, Peer.SAME):
                assert not reachable(lease_system(Variant(end, kind, peer, Element.NUMBER, bits=8)), cancelling)


def test_interesting_states_of_a_subtask_are_reached() -> None:
    system = subtask_system()
    behind = both(TOLD.is_("STARTING"), STATE.is_("RETURNED"))
    for condition in (both(parameters_lent(), behind), both(results_lent(), behind), negation(results_lent())):
        assert reachable(system, condition)


def test_each_hypothesis_carries_something() -> None:
    """Switched off, what rests on it is refuted."""
    code = Words(HOST_READER).codes
    for hypotheses, expected in ((ALL, True), (Hypotheses(h3=False), False), (Hypotheses(h4=False), False)):
        assert proved(lease_system(HOST_READER, hypotheses)) is expected
    for hypotheses, expected in ((ALL, False), (Hypotheses(h1=False), True)):
        system = subtask_system(hypotheses, code.bits)
        heard, answer, asked = (system.variable(name) for name in ("heard", "code", "requested"))
        assert reachable(system, both(heard.is_("ANSWER"), equal(answer, code.number(1)), asked)) is expected
    blocked = "stream.cancel-read: the synchronous form answers BLOCKED (without H2)"
    without = lease_system(HOST_READER, Hypotheses(h2=False))
    assert blocked in {step.name for step in without.steps}
    assert blocked not in dead_rules(without)
