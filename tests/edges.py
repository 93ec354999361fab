"""What wabt's disassembler says a core module calls: an oracle for the call graph that shares nothing with proofmark.

`calls(path)` reads the output of `wasm-objdump` as it comes, thinned by grep: that of a large module has gigabytes.
`verdict(calls, roots)` is a plain search over that graph, and coarse on purpose: an indirect call goes to every
function of an equal type that any element segment or `ref.func` names, whatever the table. It knows no subtypes.
"""

import hashlib
import re
import shutil
import subprocess
import tempfile
from collections import Counter, defaultdict
from collections.abc import Iterable, Iterator, Mapping
from dataclasses import dataclass, field
from functools import cache
from pathlib import Path

from real_modules import alone, cache_folder, missing

REALLOC = re.compile(r"cabi_realloc(\$\d+)?|canonical_abi_realloc|cabi_(import|export)_realloc|cm32p2_realloc")

LARGE = 1 << 20
"""Bytes of a module, from which on what is said of it is kept."""

_CODE_LINES = r"^[0-9a-f]+ func\[|^ [0-9a-f]+:[^|]*\| *(return_call|call|memory\.grow|ref\.func|table\.)"
_HEAD = re.compile(r"[0-9a-f]+ func\[(\d+)\]")
_STEP = re.compile(r" [0-9a-f]+:[^|]*\| *([a-z_.]+) ?(.*)")
_INDENTED = re.compile(r"^( [0-9a-f]+:[^|]*\|) +")
_INDIRECT = re.compile(r"(\d+)(?: <.*?>)? \(type (\d+)")

_DETAIL_LINES = r"^ - (type|func|table|start)|^  - elem"
_TYPE = re.compile(r" - type\[(\d+)\] (\(.*)")
_FUNCTION = re.compile(r" - func\[(\d+)\] sig=(\d+)(?:.*? <- (.*))?")
_TABLE = re.compile(r" - table\[(\d+)\] type=(\w+)")
_EXPORT = re.compile(r" - (func|table)\[(\d+)\].*? -> \"(.*)\"$")
_START = re.compile(r" - start function: (\d+)")
_ELEMENT = re.compile(r"  - elem\[\d+\] = (?:func\[(\d+)\]|ref\.func (\d+)|(ref\.null)|(.*))")


@dataclass(slots=True)
class Calls:
    """The calls of one core module, all functions by their index (imported ones first)."""

    imported: int = 0
    functions: int = 0
    type_of: dict[int, str] = field(default_factory=dict)
    types: dict[int, str] = field(default_factory=dict)
    direct: set[tuple[int, int]] = field(default_factory=set)
    indirect: dict[int, Counter[tuple[int, int]]] = field(default_factory=lambda: defaultdict(Counter))
    by_reference: dict[int, Counter[int]] = field(default_factory=lambda: defaultdict(Counter))
    grows: set[int] = field(default_factory=set)
    taken: set[int] = field(default_factory=set)
    elements: set[int] = field(default_factory=set)
    odd_elements: list[str] = field(default_factory=list)
    table_writes: Counter[str] = field(default_factory=Counter)
    exports: dict[str, int] = field(default_factory=dict)
    imports: dict[int, str] = field(default_factory=dict)
    start: int | None = None
    open_tables: set[int] = field(default_factory=set)

    def indirect_count(self) -> int:
        """How many indirect calls there are in all bodies."""
        return sum(counter.total() for counter in self.indirect.values())


def _lines(path: Path, option: str, wanted: str) -> Iterator[str]:
    """The wanted lines of wasm-objdump's output: of a large module, which has gigabytes, kept by what was asked, the
    module and the tool.
    """
    tool = shutil.which("wasm-objdump") or missing("wasm-objdump is not installed (Debian: wabt)")
    if path.stat().st_size < LARGE:
        yield from _thinned(tool, path, option, wanted)
        return
    parts = (option.encode(), wanted.encode(), path.read_bytes(), *(one.read_bytes() for one in _made_of(tool)))
    digest = hashlib.sha256(b"".join(hashlib.sha256(one).digest() for one in parts)).hexdigest()
    kept = cache_folder() / "objdump" / digest
    with alone(kept.name):
        if not kept.exists():
            kept.parent.mkdir(exist_ok=True)
            with tempfile.TemporaryDirectory(dir=cache_folder()) as scratch:
                fresh = Path(scratch) / "lines"
                with fresh.open("w", encoding="utf-8") as file:
                    file.writelines(_INDENTED.sub(r"\1", line) for line in _thinned(tool, path, option, wanted))
                fresh.replace(kept)
    with kept.open(encoding="utf-8", newline="\n") as file:
        yield from file


def _made_of(tool: str) -> tuple[Path, ...]:
    """The program, and what it is linked with: another build of either is asked anew."""
    said = subprocess.run(["ldd", tool], capture_output=True, text=True, check=True).stdout
    return Path(tool), *(Path(one) for one in re.findall(r"(/\S+) \(0x", said))


def _thinned(tool: str, path: Path, option: str, wanted: str) -> Iterator[str]:
    """As it comes from the tool, whose failure is an error."""
    command = [tool, option, str(path)]
    try:
        with (
            subprocess.Popen(command, stdout=subprocess.PIPE, stderr=subprocess.PIPE) as dump,
            subprocess.Popen(
                ["grep", "-aE", wanted],
                stdin=dump.stdout,
                stdout=subprocess.PIPE,
                env={"LC_ALL": "C", "PATH": "/usr/bin:/bin"},
                text=True,
                encoding="utf-8",
                errors="replace",
            ) as thin,
        ):
            assert dump.stdout is not None
            assert dump.stderr is not None
            assert thin.stdout is not None
            dump.stdout.close()
            yield from thin.stdout
            said = dump.stderr.read().decode(errors="replace")
            if dump.wait() or said:
                raise ValueError(f"wasm-objdump {option} {path.name}: {said[-500:]}")
    except FileNotFoundError as error:
        missing(f"{error.filename} is not installed (Debian: wabt, grep)")


def _read_details(path: Path, calls: Calls) -> None:
    """Types, imports, tables, exports, start and element segments."""
    table_types: dict[int, str] = {}
    for line in _lines(path, "-x", _DETAIL_LINES):
        if match := _ELEMENT.match(line):
            plain, expression, null, odd = match.groups()
            if plain or expression:
                calls.elements.add(int(plain or expression))
            elif not null:
                calls.odd_elements.append(odd)
        elif match := _EXPORT.match(line):
            if match[1] == "func":
                calls.exports[match[3]] = int(match[2])
            else:
                calls.open_tables.add(int(match[2]))
        elif match := _FUNCTION.match(line):
            calls.type_of[int(match[1])] = calls.types[int(match[2])]
            if match[3] is None:
                calls.functions += 1
            else:
                calls.imported += 1
                calls.imports[int(match[1])] = match[3]
        elif match := _TABLE.match(line):
            table_types[int(match[1])] = match[2]
            if " <- " in line:
                calls.open_tables.add(int(match[1]))
        elif match := _TYPE.match(line):
            calls.types[int(match[1])] = match[2].strip()
        elif match := _START.match(line):
            calls.start = int(match[1])
    calls.open_tables -= {index for index, kind in table_types.items() if kind == "externref"}


def _read_step(calls: Calls, caller: int, name: str, rest: str) -> None:
    if name in ("call", "return_call"):
        calls.direct.add((caller, int(rest.split()[0])))
    elif name == "memory.grow":
        calls.grows.add(caller)
    elif name == "ref.func":
        calls.taken.add(int(rest.split()[0]))
    elif name == "call_indirect":
        match = _INDIRECT.match(rest)
        assert match is not None, rest
        calls.indirect[caller][int(match[2]), int(match[1])] += 1
    elif name == "return_call_indirect":
        kind, table = rest.split()[:2]
        calls.indirect[caller][int(kind), int(table)] += 1
    elif name in ("call_ref", "return_call_ref"):
        calls.by_reference[caller][int(rest.split()[0])] += 1
    elif name.startswith("table.") and name not in ("table.get", "table.size"):
        calls.table_writes[name] += 1
    else:
        assert name in ("table.get", "table.size"), name


@cache
def calls(path: Path) -> Calls:
    """Everything that wabt prints of the module's calls."""
    found = Calls()
    _read_details(path, found)
    caller = -1
    for line in _lines(path, "-d", _CODE_LINES):
        if match := _HEAD.match(line):
            caller = int(match[1])
        elif match := _STEP.match(line):
            _read_step(found, caller, match[1], match[2])
    return found


def reached(calls: Calls, roots: Iterable[int]) -> Mapping[int, int | None]:
    """The functions that the roots reach, each with the one it was first reached from (a root: None)."""
    after: dict[int, list[int]] = defaultdict(list)
    for caller, callee in calls.direct:
        after[caller].append(callee)
    by_type: dict[str, list[int]] = defaultdict(list)
    for function in calls.elements | calls.taken | (set(calls.exports.values()) if calls.open_tables else set()):
        by_type[calls.type_of[function]].append(function)
    for caller, counted in calls.indirect.items():
        after[caller] += [one for kind in {calls.types[kind] for kind, _ in counted} for one in by_type[kind]]
    for caller, kinds in calls.by_reference.items():
        after[caller] += [one for kind in kinds for one in by_type[calls.types[kind]]]
    came_from: dict[int, int | None] = dict.fromkeys(sorted(roots))
    queue = list(came_from)
    for function in queue:
        for callee in after[function]:
            if callee not in came_from:
                came_from[callee] = function
                queue.append(callee)
    return came_from


def host_functions(calls: Calls, roots: Iterable[int]) -> set[str]:
    """The imported functions that the roots reach, as MODULE.NAME."""
    return {calls.imports[one] for one in reached(calls, roots) if one < calls.imported}


def realloc_roots(calls: Calls) -> set[int]:
    """The exports that have the name of a canonical-ABI realloc."""
    return {index for name, index in calls.exports.items() if REALLOC.fullmatch(name)}


def entry_roots(calls: Calls) -> set[int]:
    """Every export, the start function, and what an open table may hold."""
    roots = set(calls.exports.values()) | ({calls.start} if calls.start is not None else set())
    return roots | (calls.elements | calls.taken if calls.open_tables else set())


def verdict(calls: Calls, roots: set[int], trusted_tables: bool = False) -> str:
    """What a proof of no growth from these roots must come to."""
    if not roots:
        return "vacuous"
    members = reached(calls, roots)
    if calls.grows & members.keys():
        return "refuted"
    unseen = any(table in calls.open_tables for one in members for _, table in calls.indirect.get(one, ()))
    return "unknown" if (unseen or calls.odd_elements) and not trusted_tables else "proved"


def _leb(content: bytes, at: int) -> tuple[int, int]:
    value = shift = 0
    while True:
        byte = content[at]
        value |= (byte & 127) << shift
        at, shift = at + 1, shift + 7
        if byte < 128:
            return value, at


def core_modules(content: bytes) -> list[bytes]:
    """The core modules of a valid component in the order of its bytes, those of nested components included."""
    if content[4:8] == b"\x01\0\0\0":
        return [content]
    found: list[bytes] = []
    at = 8
    while at < len(content):
        size, start = _leb(content, at + 1)
        if content[at] in (1, 4):  # a core module, a component
            found += core_modules(content[start : start + size])
        at = start + size
    return found
