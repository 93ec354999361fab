"""Random functions in the text format: straight-line, branching, with loops that end, calls, globals and memory."""

from __future__ import annotations

import random
from dataclasses import dataclass

from smt_models.wasm.numeric import BINARY, COMPARISONS, CONVERSIONS, UNARY

TYPES = ("i32", "i64")
LOADS = {
    "i32": ("load", "load8_s", "load8_u", "load16_s", "load16_u"),
    "i64": ("load", "load8_s", "load8_u", "load16_s", "load16_u", "load32_s", "load32_u"),
}
STORES = {"i32": ("store", "store8", "store16"), "i64": ("store", "store8", "store16", "store32")}
LOCALS = ("i32", "i64", "i32", "i64", "i32")
"""Two parameters of each type, and one local more."""
LOOP_TURNS = 3


@dataclass(slots=True)
class Maker:
    """One function's text. `labels`: the result of each label in scope, innermost last; None where a branch to it is no
    option, as to a loop.
    """

    source: random.Random
    callees: int
    results: tuple[str, ...]
    labels: list[str | None]
    counters: int = 0

    def constant(self, value_type: str) -> str:
        width = int(value_type[1:])
        least = 1 << (width - 1)
        value = self.source.choice(
            (0, 1, -1, 2, least, least - 1, self.source.randrange(100), self.source.getrandbits(width))
        )
        return f"({value_type}.const {value % (1 << width)})"

    def address(self) -> str:
        """Mostly inside the one page, at its end, sometimes far outside."""
        kind = self.source.randrange(40)
        if kind < 36:
            return f"(i32.and {self.value('i32', 1)} (i32.const 0xff))"
        if kind < 38:
            return f"(i32.const {self.source.choice((0, 3, 65528, 65532, 65535))})"
        return f"(i32.or {self.value('i32', 1)} (i32.const 0xff00))" if kind == 38 else self.value("i32", 0)

    def offset(self) -> str:
        most = self.source.choices((8, 0xFFFFFFFF), (9, 1))[0]
        return f"offset={self.source.choice((0, 0, 0, 0, 1, 1, 2, 5, 64, 64, most))}"

    def value(self, value_type: str, depth: int) -> str:
        source = self.source
        local = source.choice([place for place, of in enumerate(LOCALS) if of == value_type])
        if depth <= 0:
            return self.constant(value_type) if source.random() < 0.4 else f"(local.get {local})"
        deeper = depth - 1
        match source.randrange(16):
            case 0:
                return f"({value_type}.{source.choice(list(UNARY))} {self.value(value_type, deeper)})"
            case 1 if value_type == "i32":
                of = source.choice(TYPES)
                name = source.choice(list(COMPARISONS))
                return f"({of}.{name} {self.value(of, deeper)} {self.value(of, deeper)})"
            case 2:
                name, (width, *_) = source.choice(
                    [item for item in CONVERSIONS.items() if item[0].startswith(value_type)]
                )
                return f"({name} {self.value(f'i{width}', deeper)})"
            case 3:
                first, second = self.value(value_type, deeper), self.value(value_type, deeper)
                return f"(select {first} {second} {self.value('i32', deeper)})"
            case 4 | 5:
                return f"({value_type}.{source.choice(LOADS[value_type])} {self.offset()} {self.address()})"
            case 6:
                return self.choice(value_type, deeper)
            case 7:
                return f"(local.tee {local} {self.value(value_type, deeper)})"
            case 8:
                return f"(global.get $g{TYPES.index(value_type)})"
            case 9 if self.callees and value_type == "i32":
                arguments = " ".join(self.value(of, deeper) for of in LOCALS[:4])
                return f"(call {source.randrange(self.callees)} {arguments})"
            case 10 if value_type == "i32":
                return source.choice(("(memory.size)", f"(memory.grow {self.value('i32', 0)})"))
            case 11:
                return self.block(value_type, deeper)
            case _:
                name = source.choice(list(BINARY))
                second = self.value(value_type, deeper)
                if name.startswith(("div", "rem")) and source.random() < 0.9:
                    second = f"({value_type}.or {second} ({value_type}.const 1))"
                return f"({value_type}.{name} {self.value(value_type, deeper)} {second})"

    def within(self, label: str | None, depth: int, result: str | None = None) -> str:
        self.labels.append(label)
        text = self.statements(self.source.randrange(3), depth)
        if result is not None:
            text += self.value(result, depth)
        self.labels.pop()
        return text

    def choice(self, value_type: str, depth: int) -> str:
        condition = self.value("i32", depth)
        arms = (
            f"(then {self.within(value_type, depth, value_type)}) (else {self.within(value_type, depth, value_type)})"
        )
        return f"(if (result {value_type}) {condition} {arms})"

    def block(self, value_type: str, depth: int) -> str:
        """Values left on the stack below the result, which branches out have to unwind."""
        self.labels.append(value_type)
        below = self.value("i64", 0) if self.source.random() < 0.5 else ""
        early = f"(drop (br_if 0 {self.value(value_type, depth)} {self.value('i32', depth)}))"
        text = f"{below} {self.statements(2, depth)} {early} (br 0 {self.value(value_type, depth)})"
        self.labels.pop()
        return f"(block (result {value_type}) {text})"

    def branch(self, depth: int) -> str:
        """To any label in scope that can be gone to, on a condition, or by a table."""
        plain = [place for place, label in enumerate(reversed(self.labels)) if label == ""]
        if not plain:
            return "(nop)"
        if self.source.random() < 0.5:
            return f"(br_if {self.source.choice(plain)} {self.value('i32', depth)})"
        targets = " ".join(str(self.source.choice(plain)) for _ in range(self.source.randrange(1, 5)))
        condition = self.value("i32", depth)
        self.labels.append(None)
        index = f"(i32.and {self.value('i32', depth)} (i32.const 7))"
        self.labels.pop()
        return f"(if {condition} (then (br_table {_one_further(targets)} {index})))"

    def loop(self, depth: int) -> str:
        """Goes round a few times by a counter of its own; a branch out leaves it earlier."""
        counter = len(LOCALS) + self.counters
        self.counters += 1
        self.labels.extend(("", None))
        inner = self.statements(2, depth)
        del self.labels[-2:]
        turns = self.source.randrange(1, LOOP_TURNS + 1)
        count = f"(local.set {counter} (i32.add (local.get {counter}) (i32.const 1)))"
        again = f"(br_if 0 (i32.lt_u (local.get {counter}) (i32.const {turns})))"
        return f"(local.set {counter} (i32.const 0)) (block (loop {inner} {count} {again}))"

    def statements(self, count: int, depth: int) -> str:
        return " ".join(self.statement(depth) for _ in range(count)) + " "

    def statement(self, depth: int) -> str:
        source = self.source
        if depth <= 0:
            return "(nop)"
        deeper = depth - 1
        value_type = source.choice(TYPES)
        match source.randrange(13):
            case 0 | 1:
                name = source.choice(STORES[value_type])
                return f"({value_type}.{name} {self.offset()} {self.address()} {self.value(value_type, deeper)})"
            case 2:
                return f"(global.set $g{TYPES.index(value_type)} {self.value(value_type, deeper)})"
            case 3 | 4:
                arms = f"(then {self.within('', deeper)}) (else {self.within('', deeper)})"
                return f"(if {self.value('i32', deeper)} {arms})"
            case 5:
                return f"(block {self.within('', deeper)})"
            case 6 | 7:
                return self.branch(deeper)
            case 8 if self.counters < 3:
                return self.loop(deeper)
            case 9:
                size = source.choice(
                    ("(i32.const 5)", f"(i32.and {self.value('i32', 0)} (i32.const 7))", "(i32.const 0)")
                )
                first = self.address()
                if source.random() < 0.5:
                    return f"(memory.fill {first} {self.value('i32', 0)} {size})"
                return f"(memory.copy {first} {self.address()} {size})"
            case 10 if source.random() < 0.3:
                return self.leave(deeper)
            case _:
                local = source.choice([place for place, of in enumerate(LOCALS) if of == value_type])
                return f"(local.set {local} {self.value(value_type, deeper)})"

    def leave(self, depth: int) -> str:
        condition = self.value("i32", depth)
        self.labels.append(None)
        values = " ".join(self.value(of, depth) for of in self.results)
        self.labels.pop()
        return f"(if {condition} (then {self.source.choice(('(unreachable)', f'(return {values})'))}))"


def _one_further(targets: str) -> str:
    return " ".join(str(int(target) + 1) for target in targets.split())


def random_module(source: random.Random, functions: int, depth: int) -> str:
    """Functions f0, f1 and so on. The first ones give one i32 and may be called by the others; they call none."""
    callees = 2
    texts = []
    for place in range(functions):
        called = place < callees
        results = ("i32",) if called else ("i32", "i64")
        maker = Maker(source, 0 if called else callees, results, [None])
        body = maker.statements(2 if called else 3, depth - called)
        last = " ".join(maker.value(of, depth) for of in results)
        head = f'(export "f{place}") (param i32 i64 i32 i64) (result {" ".join(results)}) (local i32 i32 i32 i32)'
        texts.append(f"(func {head} {body} {last})")
    return (
        '(module (memory (export "memory") 1 3) (global $g0 (export "g0") (mut i32) (i32.const 0)) '
        f'(global $g1 (export "g1") (mut i64) (i64.const 0)) {" ".join(texts)})'
    )
