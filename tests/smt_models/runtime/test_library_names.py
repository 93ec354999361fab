"""Names of the standard library as compilers of several ages print them."""

import pytest

from extract.mir import types as t
from smt_models.runtime.library import MODELS
from smt_models.runtime.names import plain_path


def _path(*segments: t.Segment) -> t.Path:
    return t.Path(segments)


def _atomic(of: t.Type) -> t.Path:
    """`Atomic::<T>::new`, as rustc prints it from 1.96 on: before, each type had a name of its own."""
    return _path(t.Name("core"), t.Name("sync"), t.Name("atomic"), t.Name("Atomic", (of,)), t.Name("new"))


@pytest.mark.parametrize(
    ("of", "name"),
    [
        (t.Primitive("u32"), "AtomicU32"),
        (t.Primitive("bool"), "AtomicBool"),
        (t.Primitive("usize"), "AtomicUsize"),
        (t.RawPointer(True, t.Primitive("u8")), "AtomicPtr"),
    ],
)
def test_a_generic_atomic_has_the_name_of_its_documentation(of: t.Type, name: str) -> None:
    assert plain_path(_atomic(of)) == f"core::sync::atomic::{name}::new"


def test_a_generic_atomic_of_a_parameter_stays_as_it_is() -> None:
    parameter = t.PathType(_path(t.Name("T")))
    assert plain_path(_atomic(parameter)) == "core::sync::atomic::Atomic::new"


@pytest.mark.parametrize("name", ["new_const", "new_v1", "new_v1_formatted"])
@pytest.mark.parametrize("place", ["Arguments", "rt::<impl core::fmt::Arguments>"])
def test_messages_of_older_compilers_are_modelled(place: str, name: str) -> None:
    """1.85 and 1.88 print `format_args!` under these two places."""
    assert f"core::fmt::{place}::{name}" in MODELS
