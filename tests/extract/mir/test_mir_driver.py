"""Driving the compiler: what is recorded, and what is said when it cannot be done."""

from __future__ import annotations

from pathlib import Path

import pytest
from mir_tools import missing, toolchains

from extract.errors import InputError, LineColumn, WholeFile
from extract.mir.compile import Build, LocalCrate, Panic, compile_crate, compile_crates, registry_package
from extract.mir.given import given_mir
from extract.mir.parser import read_mir
from extract.mir.toolchain import INSTALL, Compiler, warnings_about

needs_cargo = pytest.mark.usefixtures("cargo")
MANIFEST = '[package]\nname = "a-crate"\nversion = "1.2.3"\nedition = "2021"\n[features]\nextra = []\n'
SOURCE = """
#[cfg(target_family = "wasm")]
pub fn on_wasm() {}
#[cfg(feature = "extra")]
pub fn with_extra() {}
pub async fn waits(x: String) { std::future::ready(()).await; drop(x) }
pub fn adds(x: u8) -> u8 { x + 1 }
"""


@pytest.fixture
def cargo() -> None:
    if not toolchains():
        missing("cargo")


@pytest.fixture
def crate(tmp_path: Path) -> Path:
    (tmp_path / "crate" / "src").mkdir(parents=True)
    (tmp_path / "crate" / "Cargo.toml").write_text(MANIFEST)
    (tmp_path / "crate" / "src" / "lib.rs").write_text(SOURCE)
    return tmp_path / "crate"


def fails(build: Build, cache: Path) -> InputError:
    with pytest.raises(InputError) as error:
        compile_crate(build, cache)
    return error.value


@needs_cargo
def test_local_crate(crate: Path, tmp_path: Path) -> None:
    build = Build(LocalCrate(str(crate)), ("extra",))
    first = compile_crate(build, tmp_path / "cache", Panic.ABORT)
    together = compile_crates(build, tmp_path / "cache", (Panic.UNWIND, Panic.ABORT))
    assert together == (compile_crate(build, tmp_path / "cache"), first)
    assert (first.name, first.version, first.library, first.panic) == ("a-crate", "1.2.3", "a_crate", Panic.ABORT)
    assert first.features == ("extra",)
    assert first.overflow_checks is False
    assert first.source_directory == str(crate)
    assert len(first.coroutine_drops) == 1
    tree = read_mir(first.mir_path)
    names = {function.path.segments[0] for function in tree.functions()}
    assert {str(getattr(name, "name", "")) for name in names} >= {"on_wasm", "with_extra", "waits", "adds"}
    assert str(tmp_path) not in Path(first.mir_path).read_text()
    assert not (crate / "target").exists()


@needs_cargo
def test_architecture_forced(crate: Path, tmp_path: Path) -> None:
    """The host's functions are called, and not those that stand for them off wasm; `core` keeps its names."""
    (crate / "src" / "lib.rs").write_text(
        """
        #![no_std]
        #[cfg(target_arch = "wasm32")]
        extern "C" { fn host(); }
        #[cfg(not(target_arch = "wasm32"))]
        unsafe fn host() { unreachable!() }
        pub fn calls(x: Option<u8>) -> u8 {
            unsafe { host() }
            x.unwrap_or_else(|| core::arch::wasm32::unreachable())
        }
        """
    )
    compiled = compile_crate(Build(LocalCrate(str(crate))), tmp_path / "cache")
    text = Path(compiled.mir_path).read_text()
    assert "fn host(" not in text
    assert "core::option::Option::<u8>::unwrap_or_else" in text
    assert "core::arch::wasm32::unreachable()" in text
    assert len(compiled.assumptions) == 2
    error = fails(Build(LocalCrate(str(crate)), cfg=('target_family="wasm"',)), tmp_path / "cache")
    assert "wasm32" in error.found


@needs_cargo
def test_checks_as_asked_for(crate: Path, tmp_path: Path) -> None:
    without = compile_crate(Build(LocalCrate(str(crate))), tmp_path / "cache")
    checked = compile_crate(Build(LocalCrate(str(crate)), overflow_checks=True), tmp_path / "cache")
    assert (without.overflow_checks, checked.overflow_checks) == (False, True)
    assert "would overflow" in Path(checked.mir_path).read_text()
    assert "would overflow" not in Path(without.mir_path).read_text()


@needs_cargo
def test_crate_that_does_not_compile(crate: Path, tmp_path: Path) -> None:
    (crate / "src" / "lib.rs").write_text("pub fn f() -> u8 {\n    let x = 1;\n    nothing(x)\n}\n")
    error = fails(Build(LocalCrate(str(crate))), tmp_path / "cache")
    assert error.file == str(crate / "src" / "lib.rs")
    assert error.position == LineColumn(3, 5)
    assert "cannot find function `nothing`" in error.found


@needs_cargo
def test_faults_named_by_cargo(crate: Path, tmp_path: Path) -> None:
    error = fails(Build(LocalCrate(str(crate)), ("absent",)), tmp_path / "cache")
    assert "absent" in error.found
    error = fails(Build(LocalCrate(str(crate)), toolchain="1.2.3-none"), tmp_path / "cache")
    assert error.expected == INSTALL
    error = fails(Build(LocalCrate(str(crate)), target="wasm32-none-of-those"), tmp_path / "cache")
    assert "wasm32-none-of-those" in str(error)
    (crate / "Cargo.toml").write_text("[package\n")
    assert "Cargo.toml" in str(fails(Build(LocalCrate(str(crate))), tmp_path / "cache"))
    assert "no such file" in str(fails(Build(LocalCrate(str(tmp_path / "none"))), tmp_path / "cache"))


def test_no_toolchain(monkeypatch: pytest.MonkeyPatch, crate: Path, tmp_path: Path) -> None:
    monkeypatch.setenv("PATH", str(tmp_path))
    error = fails(Build(LocalCrate(str(crate))), tmp_path / "cache")
    assert (error.file, error.position, error.expected) == ("rustc", WholeFile(), INSTALL)


@pytest.mark.parametrize("text", ["", "a", "a@", "@1.2.3", "a@1", "a@^1.2.3", 'a"b@1.2.3', "a@1.2.3\n", "../a@1.2.3"])
def test_no_package(text: str) -> None:
    with pytest.raises(InputError):
        registry_package(text)


@pytest.mark.parametrize(
    "build",
    [
        Build(LocalCrate("."), features=('a"]',)),
        Build(LocalCrate("."), cfg=('x="\\"',)),
        Build(LocalCrate("."), toolchain="--version"),
        Build(LocalCrate("."), target="../x"),
    ],
)
def test_words_that_are_no_names(build: Build, tmp_path: Path) -> None:
    assert fails(build, tmp_path).expected.startswith("the name of a")


def test_compilers_never_tried() -> None:
    assert warnings_about(Compiler("1.95.0", "", "", "")) == ()
    (warning,) = warnings_about(Compiler("9.9.9", "", "", ""))
    assert "9.9.9 is never tried" in warning
    (warning,) = warnings_about(Compiler("1.80.1", "", "", ""))
    assert "older than 1.85" in warning


def test_given(crate: Path, tmp_path: Path) -> None:
    mir = tmp_path / "x.mir"
    mir.write_text("fn f() -> () {\n}\n")
    given = given_mir(str(mir), str(crate))
    assert (given.name, given.version, given.compiler) == ("a-crate", "1.2.3", None)
    assert len(given.warnings) == 2
    with pytest.raises(InputError):
        given_mir(str(mir), str(tmp_path / "none"))
    with pytest.raises(InputError):
        given_mir(str(tmp_path / "none"), str(crate))
