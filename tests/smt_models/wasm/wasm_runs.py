"""A function of a small module, run twice: by evaluating the terms of its paths, and in wasmtime."""

from __future__ import annotations

from dataclasses import dataclass
from functools import cache

import wasmtime

from extract.wasm.module import ExternKind
from extract.wasm.sections import read_module
from extract.wasm.types import TypeStore
from smt_models.system.terms import conjunction
from smt_models.wasm.arrays import ArrayValue
from smt_models.wasm.concrete import AnyValue, values_of
from smt_models.wasm.execute import execute
from smt_models.wasm.memory import OneArray
from smt_models.wasm.outcomes import Returned, Trapped, Unmodelled
from smt_models.wasm.paths import Bounds, Execution, Path
from smt_models.wasm.program import Program, program_of, symbolic_start


@dataclass(frozen=True, slots=True)
class Result:
    """How a call ended, with values or a trap; the globals and the memory that it left."""

    ended: tuple[int, ...] | str
    globals: tuple[int, ...] = ()
    memory: bytes | None = None


@cache
def program(text: str) -> Program:
    data = bytes(wasmtime.wat2wasm(text))
    return program_of_bytes(data)


def program_of_bytes(data: bytes) -> Program:
    return program_of(data, read_module(data, 0, len(data), "test.wasm", TypeStore()), "test.wasm")


def exported(program: Program, name: str) -> int:
    (found,) = [item.index for item in program.module.exports if item.name == name and item.kind is ExternKind.FUNCTION]
    return found


def executed(program: Program, name: str, bounds: Bounds | None = None) -> Execution:
    function = exported(program, name)
    return execute(program, function, symbolic_start(program, function), bounds)


def unsigned(value: int, width: int) -> int:
    return value % (1 << width)


def evaluated(
    execution: Execution, arguments: tuple[int, ...], globals_: tuple[int, ...] = (), memory: bytes | None = None
) -> Result:
    """Exactly one path is taken; what it leaves. Growing succeeds wherever it can."""
    values = environment(arguments, globals_, memory)
    truths = values_of([conjunction(path.condition) for path in execution.paths], values)
    taken = [path for path, truth in zip(execution.paths, truths, strict=True) if truth]
    assert len(taken) == 1, f"{len(taken)} paths are taken"
    return _left(taken[0], values, memory is not None)


class Environment(dict[str, AnyValue]):
    """Growing succeeds wherever it can."""

    def __missing__(self, name: str) -> AnyValue:
        if name.startswith("grows at"):
            return True
        raise KeyError(name)


def environment(arguments: tuple[int, ...], globals_: tuple[int, ...], memory: bytes | None) -> Environment:
    values = Environment({f"argument{place}": value for place, value in enumerate(arguments)})
    values |= {f"global{place}": value for place, value in enumerate(globals_)}
    if memory is not None:
        values |= {"memory0": ArrayValue(memory), "pages0": len(memory) >> 16}
    return values


def _left(path: Path, values: Environment, has_memory: bool) -> Result:
    globals_ = tuple([_number(value) for value in values_of([x for x in path.globals if x], values)])
    image = _image(path, values) if has_memory else None
    match path.outcome:
        case Trapped(kind):
            return Result(kind.value, globals_, image)
        case Unmodelled(name):
            return Result(f"unmodelled: {name}")
        case Returned(results):
            return Result(tuple([_number(value) for value in values_of(results, values)]), globals_, image)


def _image(path: Path, values: Environment) -> bytes:
    (memory,) = path.memories
    assert isinstance(memory, OneArray)
    contents, pages = values_of((memory.contents, memory.pages), values)
    assert isinstance(contents, ArrayValue)
    image = bytearray(contents.background.ljust(_number(pages) << 16, b"\0"))
    for address, byte in contents.changes.items():
        if address < len(image):
            image[address] = byte
    return bytes(image)


def _number(value: AnyValue) -> int:
    assert isinstance(value, int)
    return value


_TRAPS = {
    wasmtime.TrapCode.UNREACHABLE: "unreachable",
    wasmtime.TrapCode.INTEGER_DIVISION_BY_ZERO: "integer divide by zero",
    wasmtime.TrapCode.INTEGER_OVERFLOW: "integer overflow",
    wasmtime.TrapCode.MEMORY_OUT_OF_BOUNDS: "out of bounds memory access",
}


class Engine:
    """One instance in wasmtime. Its globals are exported as g0, g1 and so on, its memory as `memory`."""

    def __init__(self, data: bytes) -> None:
        self.store = wasmtime.Store(_engine())
        self.instance = wasmtime.Instance(self.store, wasmtime.Module(_engine(), data), [])
        self.exports = self.instance.exports(self.store)

    def call(
        self, name: str, arguments: tuple[int, ...], globals_: tuple[int, ...] = (), memory: bytes | None = None
    ) -> Result:
        for place, value in enumerate(globals_):
            one = self.exports[f"g{place}"]
            assert isinstance(one, wasmtime.Global)
            one.set_value(self.store, _signed_for(value, str(one.type(self.store).content)))
        if memory:
            linear = self.exports["memory"]
            assert isinstance(linear, wasmtime.Memory)
            linear.write(self.store, memory, 0)
        return self.play(name, arguments, len(globals_), memory is not None)

    def play(self, name: str, arguments: tuple[int, ...], globals_: int, memory: bool) -> Result:
        """A call in the state that there is; how many globals are looked at afterwards, and whether the memory is."""
        function = self.exports[name]
        assert isinstance(function, wasmtime.Func)
        types = function.type(self.store)
        given = [_signed_for(value, str(of)) for value, of in zip(arguments, types.params, strict=True)]
        ended: tuple[int, ...] | str
        try:
            found = function(self.store, *given)
        except wasmtime.Trap as trap:
            code = trap.trap_code
            ended = "no code of a trap" if code is None else _TRAPS.get(code, f"another trap: {code}")
        else:
            results = [] if found is None else found if isinstance(found, list) else [found]
            widths = [_width(str(of)) for of in types.results]
            ended = tuple([unsigned(value, width) for value, width in zip(results, widths, strict=True)])
        return Result(ended, self.globals_(globals_), self.memory() if memory else None)

    def globals_(self, count: int) -> tuple[int, ...]:
        after = []
        for place in range(count):
            one = self.exports[f"g{place}"]
            assert isinstance(one, wasmtime.Global)
            after.append(unsigned(one.value(self.store), _width(str(one.type(self.store).content))))
        return tuple(after)

    def memory(self) -> bytes:
        linear = self.exports["memory"]
        assert isinstance(linear, wasmtime.Memory)
        return bytes(linear.read(self.store, 0, linear.data_len(self.store)))


@cache
def _engine() -> wasmtime.Engine:
    config = wasmtime.Config()
    config.cranelift_opt_level = "none"
    return wasmtime.Engine(config)


def _width(value_type: str) -> int:
    return {"i32": 32, "i64": 64}[value_type]


def _signed_for(value: int, value_type: str) -> int:
    width = _width(value_type)
    return value - (1 << width) if value >> (width - 1) else value
