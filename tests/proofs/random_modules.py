"""Random small modules as structures, their text, and the rules of docs/call-graph.md over the structure.

Slow and plain: nothing here reads the binary format or shares code with the extractor or the checker.
"""

from __future__ import annotations

from dataclasses import dataclass, field
from random import Random

# Function types: text, declared supertype, whether a reference is in it.
TYPES = {
    "v": ("(func)", None, False),
    "w": ("(func (param i32))", None, False),
    "z": ("(func (result i32))", None, False),
    "r": ("(func (param funcref))", None, True),
    "g": ("(func (result funcref))", None, True),
    "a": ("(sub (func))", None, False),
    "b": ("(sub $a (func))", "a", False),
    "c": ("(sub final $a (func))", "a", False),
    "d": ("(sub $b (func))", "b", False),
}
SEED, SIZE = "seed", "size"
HOST = 0


def is_subtype(sub: str, sup: str) -> bool:
    at: str | None = sub
    while at is not None and at != sup:
        at = TYPES[at][1]
    return at is not None


@dataclass
class Source:
    """Where a body takes a reference from: a function, a table, a global, an object, an array of a segment."""

    kind: str
    index: int


@dataclass
class Step:
    """One instruction of interest, run only if a bit of the seed says so."""

    kind: str
    index: int = 0  # the function or table
    other: int = 0  # the source table, the segment, or the global
    type: str = "v"
    source: Source | None = None


@dataclass
class Function:
    type: str
    steps: list[Step] = field(default_factory=list)
    exports: list[str] = field(default_factory=list)


@dataclass
class Table:
    imported: bool
    exported: bool
    objects: bool
    initial: int | None


@dataclass
class Segment:
    """`table` None: passive, or declarative. `items`: functions, None for the value of a global."""

    table: int | None
    declarative: bool
    items: list[int | None]


@dataclass
class Global:
    exported: bool
    initial: int | None


@dataclass
class RandomModule:
    """Function 0 comes from the host if `host` says its type; the last two are the seed and the size of the memory."""

    host: str | None
    functions: list[Function]
    tables: list[Table]
    segments: list[Segment]
    globals: list[Global]
    start: int | None
    seed: int
    tag: bool


def random_module(random: Random) -> RandomModule:
    count = random.randint(3, 8)
    host = random.choice([None, None, "v", "a"])
    functions = [Function(host)] if host else []
    functions += [Function(random.choice("vvvwabcd" + "rg" * (random.random() < 0.3))) for _ in range(count)]
    for index, function in enumerate(functions):
        if random.random() < 0.3:
            function.exports.append(f"e{index}")
    realloc = random.choice([f for f in functions[1:] if f.type not in "rg"] or [Function("v")])
    realloc.exports.append("cabi_realloc")
    if realloc not in functions:
        functions.append(realloc)
    functions += [Function("w", exports=[SEED]), Function("z", exports=[SIZE])]
    some = range(len(functions))
    tables = [
        Table(random.random() < 0.15, random.random() < 0.15, random.random() < 0.1, random.choice([None, *some]))
        for _ in range(random.randint(1, 3))
    ]
    for table in tables:
        table.imported &= not table.objects  # the Python package of wasmtime 50 cannot make such a table
        if table.imported or table.objects:
            table.initial = None
    tables.sort(key=lambda table: not table.imported)
    calls = [index for index, table in enumerate(tables) if not table.objects]
    segments = [_segment(random, some, calls) for _ in range(random.randint(1, 3))]
    globals_ = [Global(random.random() < 0.08, random.choice([None, *some])) for _ in range(2)]
    plain = [index for index, f in enumerate(functions) if f.type == "v" and not (host and index == HOST)]
    start = random.choice(plain) if plain and random.random() < 0.3 else None
    tag = random.random() < 0.15
    module = RandomModule(host, functions, tables, segments, globals_, start, random.getrandbits(16), tag)
    for function in functions[1 if host else 0 : -2]:
        for _ in range(random.choice([0, 1, 1, 2, 3, 4])):
            function.steps.append(_step(random, module, calls))
    return module


def _segment(random: Random, some: range, calls: list[int]) -> Segment:
    table = random.choice(calls) if calls and random.random() < 0.5 else None
    items: list[int | None] = [random.choice(some) for _ in range(random.randint(1, 3))]
    if random.random() < 0.1:
        items.append(None)
    return Segment(table, table is None and random.random() < 0.3, items)


def _source(random: Random, module: RandomModule, calls: list[int]) -> Source:
    kinds = ["function", "function", "global", "object", "array"] + ["table", "table"] * bool(calls)
    kind = random.choice(kinds)
    passive = [i for i, s in enumerate(module.segments) if s.table is None and not s.declarative]
    if kind == "array" and not passive:
        kind = "function"
    match kind:
        case "table":
            return Source(kind, random.choice(calls))
        case "global":
            return Source(kind, random.randrange(len(module.globals)))
        case "array":
            return Source(kind, random.choice(passive))
        case "object":
            return Source(kind, 0)
    return Source("function", random.randrange(len(module.functions)))


def _step(random: Random, module: RandomModule, calls: list[int]) -> Step:
    kind = random.choice(
        ["call"] * 6 + ["call_ref"] * 3 + ["grow", "global.set", "object.set", "object.new"]
        + ["throw", "catch"] * module.tag
        + (["call_indirect"] * 4 + ["table.set", "table.fill", "table.grow", "table.copy", "table.init"]) * bool(calls)
        + ["object.put"] * any(table.objects for table in module.tables)
    )  # fmt: skip
    step = Step(kind, source=_source(random, module, calls))
    match kind:
        case "call" | "catch":
            step.index = random.randrange(len(module.functions))
            step.other = random.randrange(len(module.globals))
        case "call_ref" | "call_indirect":
            step.type = random.choice("vvwabcd" + "rg" * (random.random() < 0.2))
        case "object.put":
            step.index = random.choice([i for i, table in enumerate(module.tables) if table.objects])
        case "global.set":
            step.other = random.randrange(len(module.globals))
        case "table.init":
            step.other = random.randrange(len(module.segments))
        case "table.copy":
            step.other = random.choice(calls)
    if kind == "call_indirect" or (kind.startswith("table.") and calls):
        step.index = random.choice(calls)
    return step


def text(module: RandomModule) -> str:
    """The module in the text format."""
    lines = ["(module", "(rec (type $s (struct (field (mut funcref)))))", "(type $l (array (mut funcref)))"]
    lines += [f"(type ${name} {written})" for name, (written, _, _) in TYPES.items()]
    if module.host:
        lines.append(f'(import "h" "f" (func $f0 (type ${module.host})))')
    for index, table in enumerate(module.tables):
        element = "(ref null $s)" if table.objects else "funcref"
        export = f'(export "t{index}")' if table.exported else ""
        if table.imported:
            lines.append(f'(table $t{index} {export} (import "h" "t{index}") 4 {element})')
        else:
            initial = "" if table.initial is None else f"(ref.func $f{table.initial})"
            lines.append(f"(table $t{index} {export} 4 {element} {initial})")
    lines.append("(memory 1 200)")
    lines += ["(tag $x (param funcref))"] * module.tag
    lines.append(f"(global $seed (mut i32) (i32.const {module.seed}))")
    lines.append("(global $o (mut (ref null $s)) (struct.new $s (ref.null func)))")
    lines.append(f"(global $i funcref {_reference(module.globals[0].initial)})")
    for index, variable in enumerate(module.globals):
        export = f'(export "g{index}")' if variable.exported else ""
        lines.append(f"(global $g{index} {export} (mut funcref) {_reference(variable.initial)})")
    for index, segment in enumerate(module.segments):
        items = " ".join("(global.get $i)" if i is None else f"(ref.func $f{i})" for i in segment.items)
        mode = "declare" if segment.declarative else ""
        if segment.table is not None:
            mode = f"(table $t{segment.table}) (i32.const 0)"
        lines.append(f"(elem $s{index} {mode} funcref {items})")
    lines.append("(elem declare func " + " ".join(f"$f{i}" for i in sorted(_declared(module))) + ")")
    if module.start is not None:
        lines.append(f"(start $f{module.start})")
    lines += [_function_text(module, index) for index in range(1 if module.host else 0, len(module.functions))]
    lines += [f'(export "{name}" (func $f{HOST}))' for name in module.functions[HOST].exports if module.host]
    return "\n".join([*lines, ")"])


def _declared(module: RandomModule) -> set[int]:
    """Named by a `ref.func` in a body, which the validation demands to be declared."""
    sources = [step.source for function in module.functions for step in function.steps if _takes_source(module, step)]
    return {source.index for source in sources if source is not None and source.kind == "function"}


def _takes_source(module: RandomModule, step: Step) -> bool:
    if step.kind == "catch" or step.kind == "call":
        return module.functions[step.index].type == "r"
    if step.kind == "call_indirect":
        return step.type == "r"
    return step.kind in (
        "call_ref", "global.set", "object.set", "object.new", "throw", "table.set", "table.fill", "table.grow"
    )  # fmt: skip


def _reference(function: int | None) -> str:
    return "(ref.null func)" if function is None else f"(ref.func $f{function})"


def _function_text(module: RandomModule, index: int) -> str:
    function = module.functions[index]
    exports = "".join(f' (export "{name}")' for name in function.exports)
    match function.exports, function.type:
        case [[*_, "seed"], _]:
            body = "(global.set $seed (local.get 0))"
        case [_, "z"]:
            body = "(memory.size)"
        case [_, type_]:
            steps = [
                f"(if (i32.and (global.get $seed) (i32.const {1 << (index * 3 + place) % 16})) (then {inner}))"
                for place, inner in enumerate(_step_text(module, step) for step in function.steps)
            ]
            body = "\n  ".join(steps) + ("(global.get $g1)" if type_ == "g" else "")
    return f"(func $f{index}{exports} (type ${function.type})\n  {body})"


def _source_text(source: Source) -> str:
    match source.kind:
        case "table":
            return f"(table.get $t{source.index} (i32.const 1))"
        case "global":
            return f"(global.get $g{source.index})"
        case "object":
            return "(struct.get $s 0 (global.get $o))"
        case "array":
            return f"(array.get $l (array.new_elem $l $s{source.index} (i32.const 0) (i32.const 1)) (i32.const 0))"
    return f"(ref.func $f{source.index})"


def _step_text(module: RandomModule, step: Step) -> str:
    assert step.source is not None
    source = _source_text(step.source)
    table = f"$t{step.index}"
    match step.kind:
        case "call":
            return _call(f"call $f{step.index}", module.functions[step.index].type, source)
        case "catch":
            called = _call(f"call $f{step.index}", module.functions[step.index].type, source)
            tried = f"(try_table (catch $x $h) {called}) (ref.null func)"
            return f"(global.set $g{step.other} (block $h (result funcref) {tried}))"
        case "call_indirect":
            return _call(f"call_indirect {table} (type ${step.type})", step.type, source, "(i32.const 1)")
        case "call_ref":
            cast = f"(ref.cast (ref ${step.type}) {source})"
            argument = "(ref.null func)" if step.type == "r" else ""
            return _call(f"call_ref ${step.type}", step.type, argument, cast)
        case "grow":
            return "(drop (memory.grow (i32.const 1)))"
        case "throw":
            return f"(throw $x {source})"
        case "global.set":
            return f"(global.set $g{step.other} {source})"
        case "object.set":
            return f"(struct.set $s 0 (global.get $o) {source})"
        case "object.new":
            return f"(global.set $o (struct.new $s {source}))"
        case "object.put":
            return f"(table.set {table} (i32.const 1) (global.get $o))"
        case "table.set":
            return f"(table.set {table} (i32.const 1) {source})"
        case "table.fill":
            return f"(table.fill {table} (i32.const 0) {source} (i32.const 3))"
        case "table.grow":
            return f"(drop (table.grow {table} {source} (i32.const 1)))"
        case "table.copy":
            return f"(table.copy {table} $t{step.other} (i32.const 0) (i32.const 0) (i32.const 3))"
        case "table.init":
            return f"(table.init {table} $s{step.other} (i32.const 0) (i32.const 0) (i32.const 1))"
    raise AssertionError(step.kind)


def _call(instruction: str, type_: str, source: str, callee: str = "") -> str:
    argument = {"w": "(i32.const 7)", "r": source}.get(type_, "")
    called = f"{argument} {callee} {instruction}"
    return f"{called} drop" if type_ in "gz" else called


@dataclass
class Facts:
    """By the rules: what is reached from the roots, and whether unseen functions may be (R7)."""

    roots: set[int]
    reached: set[int]
    grows: bool
    unseen: bool


class Rules:
    """docs/call-graph.md for a module of this generator, as sets that are gone over until nothing changes."""

    def __init__(self, module: RandomModule) -> None:
        self.module = module
        functions, tables = module.functions, module.tables
        steps = [step for function in functions for step in function.steps]
        used = [step.source for step in steps if step.source is not None and _takes_source(module, step)]
        self.exported = {index for index, function in enumerate(functions) if function.exports}
        self.references = {i for segment in module.segments for i in segment.items if i is not None}
        self.references |= {source.index for source in used if source.kind == "function"}
        self.references |= {g.initial for g in module.globals if g.initial is not None}
        self.references |= {t.initial for t in tables if t.initial is not None}
        self.own: list[set[int]] = [set() if t.initial is None else {t.initial} for t in tables]
        self.all = [False] * len(tables)
        for segment in module.segments:
            if segment.table is not None:
                self._fill(segment.table, segment)
        for step in steps:
            if step.kind == "table.init":
                self._fill(step.index, module.segments[step.other])
            elif step.kind in ("table.set", "table.fill", "table.grow", "object.put"):
                self.all[step.index] = True
        self.copies = {(step.index, step.other) for step in steps if step.kind == "table.copy"}
        self.open = [table.imported or table.exported for table in tables]
        got = {source.index for source in used if source.kind == "table"}
        passing = {step.index for step in steps if step.kind == "call_indirect" and TYPES[step.type][2]}
        if any(TYPES[functions[index].type][2] for index in self.references):
            passing |= {index for index, table in enumerate(tables) if not table.objects}
        self.references_open = (
            module.tag
            or any(TYPES[functions[index].type][2] for index in self.exported)
            or any(variable.exported for variable in module.globals)
            or any(table.objects for table in tables if table.imported or table.exported)
        )
        for _ in range(10):
            for into, source in self.copies:
                self.own[into] |= self.own[source]
                self.all[into] |= self.all[source]
                self.open[into] |= self.open[source]
            self.references_open |= any(self.open[index] for index in got | passing)
            if self.references_open:
                self.open = [a or b for a, b in zip(self.open, self.all, strict=True)]
                self.references |= self.exported

    def _fill(self, table: int, segment: Segment) -> None:
        self.own[table] |= {i for i in segment.items if i is not None}
        self.all[table] |= None in segment.items

    def contents(self, table: int) -> set[int]:
        if self.open[table]:
            return self.own[table] | self.references | self.exported
        return self.own[table] | (self.references if self.all[table] else set())

    def entries(self) -> set[int]:
        """T2."""
        tables = [i for i, table in enumerate(self.module.tables) if self.open[i] and not table.objects]
        start = {self.module.start} if self.module.start is not None else set[int]()
        handed = self.references if self.references_open else set[int]()
        return self.exported.union(start, handed, *map(self.contents, tables))

    def reallocs(self) -> set[int]:
        """T1."""
        return {index for index, function in enumerate(self.module.functions) if "cabi_realloc" in function.exports}

    def reach(self, roots: set[int]) -> Facts:
        reached, grows, unseen = set(roots), False, False
        waiting = list(roots)
        while waiting:
            for step in self.module.functions[waiting.pop()].steps:
                grows |= step.kind == "grow"
                unseen |= step.kind == "call_ref" and self.references_open
                unseen |= step.kind == "call_indirect" and self.open[step.index]
                for target in self._targets(step) - reached:
                    reached.add(target)
                    waiting.append(target)
        return Facts(roots, reached, grows, unseen)

    def _targets(self, step: Step) -> set[int]:
        match step.kind:
            case "call" | "catch":
                return {step.index}
            case "call_ref":
                candidates = self.references
            case "call_indirect":
                candidates = self.contents(step.index)
            case _:
                return set()
        return {index for index in candidates if self._may_have(index, step.type)}

    def _may_have(self, index: int, type_: str) -> bool:
        own = self.module.functions[index].type
        from_host = index == HOST and self.module.host is not None
        return is_subtype(own, type_) or (from_host and is_subtype(type_, own))
