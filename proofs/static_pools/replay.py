"""The calls of a counterexample as a program that is built with the unmodified crate and run under limits."""

from __future__ import annotations

import re
from dataclasses import replace
from pathlib import Path

from proofs.crate_programs import Buildable, Said, said_by
from proofs.kinds import PoolKind
from proofs.pools.bounded import CallMade, Route
from proofs.static_pools.calls import lent_variable, slices_passed, usize, variable, writable, written
from proofs.static_pools.owned import given_to
from proofs.verdicts import ConfirmedNatively, NotConfirmed
from smt_models.runtime.names import plain_type
from smt_models.static_pools.library_critical_section import CRATE
from smt_models.static_pools.model import CallStep, StaticPools
from smt_models.static_pools.subject import Subject
from smt_models.static_pools.values import OPTION, RESULT
from smt_models.system.terms import TRUE, Literal, Term

MOST_PASSED = 1 << 24
FIRST_LETTER, LETTERS = ord("a"), 26
"""Of which slices are that are passed: also as texts."""
_SEEN = re.compile(r"out of bounds|out of range|unsafe precondition|^fault: ")
_PRELUDE = """#![allow(unused_unsafe, unused_must_use, unused_mut, unused_variables, dead_code)]
use core::ptr::NonNull;

/// Where a block begins, and how long it is, if it says so; nothing if there is none.
trait Block {
    fn block(&self) -> Option<(u128, Option<u128>)>;
}
impl<T> Block for *mut T {
    fn block(&self) -> Option<(u128, Option<u128>)> {
        (!self.is_null()).then(|| (*self as usize as u128, None))
    }
}
impl<T> Block for NonNull<T> {
    fn block(&self) -> Option<(u128, Option<u128>)> {
        self.as_ptr().block()
    }
}
impl<T> Block for &mut T {
    fn block(&self) -> Option<(u128, Option<u128>)> {
        Some((&**self as *const T as usize as u128, None))
    }
}
impl<T> Block for &mut [T] {
    fn block(&self) -> Option<(u128, Option<u128>)> {
        Some((self.as_ptr() as usize as u128, Some(core::mem::size_of_val(&**self) as u128)))
    }
}
impl<B: Block> Block for Option<B> {
    fn block(&self) -> Option<(u128, Option<u128>)> {
        self.as_ref().and_then(Block::block)
    }
}
impl<B: Block, E> Block for Result<B, E> {
    fn block(&self) -> Option<(u128, Option<u128>)> {
        self.as_ref().ok().and_then(Block::block)
    }
}

fn look(
    blocks: &mut Vec<(u128, u128, u128, usize)>,
    given: impl Block,
    asked: u128,
    align: u128,
    pool: u128,
    wanted: &str,
    owner: u128,
    array: usize,
) {
    let Some((start, length)) = given.block() else { return };
    let size = length.unwrap_or(asked);
    if size == 0 {
        return;
    }
    blocks.push((start, size, owner, array));
    let first = blocks.iter().filter(|block| block.3 == array).map(|block| block.0).min().unwrap();
    let last = blocks.iter().filter(|block| block.3 == array).map(|block| block.0 + block.1).max().unwrap();
    if wanted == "range-in-bounds" && last - first > pool {
        broken(format!("fault: the blocks reach over {} bytes of a pool of {pool}", last - first));
    } else if wanted == "aligned" && align != 0 && start % align != 0 {
        broken(format!("fault: a block at {start:#x} is not aligned to {align}"));
    } else if wanted == "disjoint"
        && blocks.iter().rev().skip(1).any(|other| {
            start < other.0 + other.1 && other.0 < start + size && (owner == 0 || owner != other.2)
        })
    {
        broken(format!("fault: a block of {size} bytes overlaps one handed out before"));
    }
}
"""
_AS_PROGRAM = """
fn broken(fault: String) -> ! {
    println!("{fault}");
    std::process::exit(101)
}

fn main() {"""
_AS_TEST = """
fn broken(fault: String) -> ! {
    panic!("{fault}")
}

/// Fails where the crate breaks the obligation: with a fault, or as its library ends what it does.
#[test]
fn counterexample() {"""


def replay(
    subject: Subject, model: StaticPools, route: Route, crate: Buildable, cache: Path
) -> ConfirmedNatively | NotConfirmed:
    """Whether the crate, called so, ends because an index or range is out of bounds, and in the last call."""
    found: ConfirmedNatively | NotConfirmed = NotConfirmed("not run")
    slices = any(slices_passed(model.calls[one.step], one.arguments) for one in route.calls)
    for is_each_its_own in (True, False) if slices else (True,):
        text = program_text(subject, model, route, is_each_its_own=is_each_its_own)
        if isinstance(text, NotConfirmed):
            return text
        said = said_by(text, replace(crate, others=(*crate.others, *_supplied(model))), cache)
        if isinstance(said, NotConfirmed):
            return said
        found = _judged(said, len(route.calls), model.calls[route.calls[-1].step].where.source)
        if isinstance(found, ConfirmedNatively):
            break
    return found


def _supplied(model: StaticPools) -> tuple[str, ...]:
    """A program says what a critical section is: with an operating system the crate has one [critical_section]."""
    uses = any(name.startswith(CRATE) for name in model.trusted)
    return ('critical-section = { version = "1", features = ["std"] }',) if uses else ()


def program_text(
    subject: Subject, model: StaticPools, route: Route, is_test: bool = False, is_each_its_own: bool = True
) -> str | NotConfirmed:
    """With a plain model of the blocks that were handed out, which are given back only with their owners. What is in
    slices that are passed is no part of the model; `is_each_its_own`: it is another in each call.
    """
    calls = [model.calls[one.step] for one in route.calls]
    if not all(writable(subject, one) and (one.made is None or _kept(subject, one, "") is not None) for one in calls):
        return NotConfirmed("a call that cannot be written from outside the crate", final=True)
    lengths = [length for one in route.calls for length in slices_passed(model.calls[one.step], one.arguments)]
    if sum(lengths) > MOST_PASSED:
        return NotConfirmed(f"slices of more than {MOST_PASSED} elements", final=True)
    wanted = route.kind.partition(" of ")[0]
    begins = _AS_TEST if is_test else _AS_PROGRAM
    lines = [_PRELUDE + begins, "    let mut blocks: Vec<(u128, u128, u128, usize)> = Vec::new();"]
    lending = _lending(subject, model, calls)
    if isinstance(lending, NotConfirmed):
        return lending
    lines += lending
    told = zip(calls, route.calls, given_to(model, route), strict=True)
    for number, (call, made, given) in enumerate(told, 1):
        filled = FIRST_LETTER + (number - 1) % LETTERS if is_each_its_own else FIRST_LETTER
        text = _text(subject, call, made, given.giver, filled)
        lines.append(f'    println!("call {number}");')
        if call.passed is not None and call.passed.gone:
            lines.append(f"    blocks.retain(|block| block.2 != {given.giver});")
        if call.made is not None:
            lines.append(f"    let mut {variable(number)} = {_kept(subject, call, text)};")
        elif call.given is None:
            lines.append(f"    let _ = {text};")
        else:
            terms = (call.given.size, call.given.alignment, call.given.length)
            numbers = ", ".join(_number(term, call, made) for term in terms)
            if call.given.in_elements:  # what they take is the compiler's choice, as is what the pool does
                numbers = "1, 0, u128::MAX"
            lends, array = call.given.owned, model.handed[call.given.pool].index(call.given.array)
            if lends and number == len(route.calls) and wanted == PoolKind.RANGE_IN_BOUNDS.value:
                # Where the pool begins is not known: what the others lend tells more of where it lies.
                for other in given.others:
                    lent = _text(subject, call, made, other)
                    lines.append(f'    look(&mut blocks, {lent}, {numbers}, "{wanted}", {other}, {array});')
            owner = given.giver if lends else 0
            lines.append(f'    look(&mut blocks, {text}, {numbers}, "{wanted}", {owner}, {array});')
    return "\n".join([*lines, '    println!("no fault");', "}"]) + "\n"


def _lending(subject: Subject, model: StaticPools, calls: list[CallStep]) -> list[str] | NotConfirmed:
    """Calls that lend the elements which others are passed, before all others."""
    most = max(sum(one.like is not None for one in call.arguments) for call in calls)
    if not most:
        return []
    for call in model.calls:
        is_plain = all(one.like is None for one in call.arguments) and call.passed is None
        if call.given is not None and call.given.in_elements and is_plain and writable(subject, call):
            text = f"unsafe {{ {written(subject, call, (0,) * len(call.step.arguments), 'subject::')} }}"
            result = plain_type(subject.program.functions[call.step.call].result)
            opened = text + {OPTION: ".unwrap()", RESULT: ".ok().unwrap()"}.get(result, "")
            return [f"    let {lent_variable(place)} = {opened};" for place in range(1, most + 1)]
    return NotConfirmed("an element that no call is known to lend", final=True)


def _text(subject: Subject, call: CallStep, made: CallMade, giver: int | None, filled: int = FIRST_LETTER) -> str:
    return f"unsafe {{ {written(subject, call, made.arguments, 'subject::', giver, filled)} }}"


def _kept(subject: Subject, call: CallStep, text: str) -> str | None:
    """The owner that a call gives, as an `Option`; None if it is not known how to come by it."""
    assert call.made is not None
    result = plain_type(subject.program.functions[call.step.call].result)
    if result == OPTION:
        return text
    if result == RESULT:
        return f"{text}.ok()"
    return f"Some({text})" if call.made.when == TRUE else None


def _number(term: Term | None, call: CallStep, made: CallMade) -> str:
    """As the call has it; what it does not say is not looked at."""
    if isinstance(term, Literal):
        return str(term.value)
    if term in call.step.arguments:
        return usize(made.arguments[call.step.arguments.index(term)])
    return "0"


def _judged(said: Said, count: int, where: str) -> ConfirmedNatively | NotConfirmed:
    if said.status is None:
        return NotConfirmed("the program had no end")
    if said.went_through:
        return NotConfirmed("the crate went through all calls, and nothing that it does shows the fault", final=True)
    fault = next((line for line in said.lines if _SEEN.search(line)), None)
    if fault is None or said.reached != count:
        return NotConfirmed(f"the program ended in call {said.reached} of {count}: {said.last}")
    return ConfirmedNatively(f"call {count} of {count} ends the program: {fault} ({where})")
