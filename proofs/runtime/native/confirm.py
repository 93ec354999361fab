"""The program of a scenario, built and run under budgets: the crate itself shows the fault, or nothing is confirmed."""

from __future__ import annotations

import hashlib
import os
import signal
import sys
from dataclasses import dataclass
from pathlib import Path

from extract.errors import InputError
from extract.mir.toolchain import build_environment, rust_command
from proofs.runtime.native.project import Project, make_project, write
from proofs.runtime.native.running import Ended, run
from proofs.runtime.native.scenario import Confirmed, Crate, NotConfirmed, Program, Result

_MEMORY = frozenset(
    {
        "freed-while-lent", "lent-memory-changed", "lent-twice", "returned-while-lent", "use-after-free",
        "written-after-free",
    }
)  # fmt: skip
_HEAP = frozenset({"use-after-free", "written-after-free", "double-free", "wrong-layout", "freed-while-lent"})
_TRAPS = frozenset(
    f"trap-{why}"
    for why in (
        "cancelled-twice", "dropped-while-copying", "future-not-done", "in-set", "misaligned", "no-such-end",
        "no-such-set", "no-such-subtask", "no-such-waitable", "not-copying", "not-idle", "out-of-bounds",
        "resolution-delivered", "subtask-unresolved", "too-long",
    )
)  # fmt: skip
_COUNTED = frozenset({"element-lost", "element-doubled", "element-unmade", "lifted-twice"})
SEEN_AS: dict[str, frozenset[str]] = {
    "address-stability": _MEMORY,
    "cancel-before-free": _MEMORY,
    "cancel-is-final": _MEMORY,
    "cancel-on-drop": _MEMORY | {"dangling-callback"},
    "blocking-cancel": frozenset({"no-current-task", "registered-while-blocked"}),
    "code-matches-lease": _MEMORY | _HEAP | _COUNTED,
    "completion-race": _HEAP | _COUNTED,
    "copy-when-idle": frozenset({"trap-not-idle"}),
    "cancel-once": frozenset({"trap-not-copying", "trap-resolution-delivered", "trap-cancelled-twice"}),
    "cross-task": frozenset({"registered-with-two-tasks", "dangling-callback", "trap-in-set"}),
    "end-dropped-idle": frozenset({"trap-dropped-while-copying", "trap-future-not-done", "trap-subtask-unresolved"}),
    "extent": frozenset({"trap-too-long", "trap-misaligned", "trap-out-of-bounds", "use-after-free"}),
    "host-trap": _TRAPS,
    "leak-safe": _MEMORY | {"dangling-callback"},
    "memory": _HEAP,
    "panic-in-callback": _HEAP | _MEMORY | {"element-unmade", "lifted-twice"},
    "partial-write": _HEAP | _COUNTED,
    "scalar-zero-alloc": frozenset({"allocates"}),
    "set-empty": frozenset({"trap-set-has-members"}),
    "subtask-areas": _HEAP | _MEMORY,
    "task-contract": frozenset({"crate-panics", "no-current-task", "trap-set-has-members"}),
    "unregister-before-cancel": frozenset({"trap-in-set"}),
    "waker-unregistered": frozenset({"dangling-callback"}),
}
"""The faults that each obligation's violation is seen as."""


@dataclass(frozen=True, slots=True)
class NativeBudget:
    build_seconds: float = 300
    run_seconds: int = 10
    megabytes: int = 1024


def confirm(program: Program, crate: Crate, cache: Path, budget: NativeBudget | None = None) -> Result:
    """Whether the unmodified crate does what the program says. What is missing or fails is why it is not confirmed."""
    if program.obligation not in SEEN_AS:
        return NotConfirmed(f"nothing is known to be seen of `{program.obligation}` natively")
    budget = budget or NativeBudget()
    try:
        built = build(program, crate, cache, budget)
    except InputError as error:
        return NotConfirmed(f"no program: {error.file}: {error.found}", final=False)
    if isinstance(built, NotConfirmed):
        return built
    limits = [str(budget.megabytes), str(budget.run_seconds)]
    command = [sys.executable, "-I", str(Path(__file__).with_name("limited.py")), *limits, str(built)]
    ended = run(command, {**os.environ, "RUST_BACKTRACE": "0"}, built.parent, budget.run_seconds + 5)
    return _judge(ended, program.obligation)


def build(program: Program, crate: Crate, cache: Path, budget: NativeBudget) -> Path | NotConfirmed:
    """The program, compiled. Raises InputError."""
    project = make_project(crate, cache)
    if program.module not in project.clients:
        package = project.package
        return NotConfirmed(f"{package.name} {package.version} has other {program.module} than this mock host drives")
    name = _name(program)
    write(project.directory / "src" / "bin" / f"{name}.rs", program.text)
    command = [*rust_command("cargo", crate.toolchain), "build", "--quiet", "--bin", name]
    environment = {**build_environment(), "RUSTFLAGS": "-Awarnings"}
    environment.pop("CARGO_TARGET_DIR", None)
    ended = run(command, environment, project.directory, budget.build_seconds)
    if ended.status is None:
        return NotConfirmed(f"cargo had no end within {budget.build_seconds:g} s", final=False)
    if ended.status:
        error = _first_error(ended.output)
        return NotConfirmed(f"the program does not compile: {error}", _lines(ended.output), final=False)
    return project.directory / "target" / "debug" / name


def export(program: Program, crate: Crate, cache: Path) -> tuple[Project, Path]:
    """The project with this program, for users: `cargo run --bin NAME` there. Raises InputError."""
    project = make_project(crate, cache)
    path = project.directory / "src" / "bin" / f"{_name(program)}.rs"
    write(path, program.text)
    return project, path


def _name(program: Program) -> str:
    return f"s{hashlib.sha256(program.text.encode()).hexdigest()[:16]}"


def _judge(ended: Ended, obligation: str) -> Result:
    lines = _lines(ended.output)
    step = next((int(line[5:].split(":")[0]) for line in reversed(lines) if line.startswith("step ")), 0)
    last = lines[-1] if lines else ""
    if ended.status is None:
        return NotConfirmed("the program had no end", lines, final=False)
    if ended.status == 0 and last == "no fault":
        panicked = ", though it panicked" if any("the crate panicked" in line for line in lines) else ""
        return NotConfirmed(f"the crate went through all steps, and no fault was seen{panicked}", lines)
    if ended.status == 101 and last.startswith("fault: "):
        _, fault, about = last.split(": ", 2)
        if fault in SEEN_AS[obligation]:
            return Confirmed(fault, about, step, lines)
        return NotConfirmed(f"step {step}: {_instead(fault)}: {about}", lines)
    if ended.status < 0:
        name = signal.Signals(-ended.status).name
        panic = next((line.strip() for line in reversed(lines) if line.strip().startswith("panic: ")), last)
        return NotConfirmed(f"step {step}: the program died of {name}: {panic}", lines, final=False)
    return NotConfirmed(f"step {step}: the program ended with status {ended.status}: {last}", lines, final=False)


def _instead(fault: str) -> str:
    match fault:
        case "other-path":
            return "the crate took another path"
        case "no-scenario":
            return "the steps fit no client or host"
        case _:
            return f"another fault was seen ({fault})"


def _lines(output: str) -> tuple[str, ...]:
    return tuple(line.rstrip() for line in output.splitlines() if line.strip())[-400:]


def _first_error(output: str) -> str:
    lines = _lines(output)
    return next((line for line in lines if line.startswith("error")), lines[0] if lines else "no message")
