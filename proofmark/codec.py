"""Frozen dataclasses to JSON and back, driven by their type hints, strict on shape.

Each dataclass becomes an object with its class name under `$`. Decoding makes nothing but the classes that the hints
name, so that a file from an untrusted place can yield an error or a value, and never runs code.
"""

from __future__ import annotations

import base64
import binascii
import dataclasses
import enum
import functools
import json
import math
import types
import typing
from typing import Any, TypeVar

_T = TypeVar("_T")
_TAG = "$"


class CodecError(ValueError):
    """The JSON is not what the type asks for."""


def canonical(value: Any) -> bytes:
    """Canonical JSON: UTF-8, keys sorted, no white space, one newline at the end."""
    text = json.dumps(value, sort_keys=True, separators=(",", ":"), ensure_ascii=False, allow_nan=False)
    return text.encode("utf-8", "surrogatepass") + b"\n"  # a path need not be UTF-8


def encode(value: Any) -> Any:
    """The JSON form of a frozen dataclass, an enum, a tuple, bytes or a scalar."""
    if isinstance(value, enum.Enum):
        return value.value
    if dataclasses.is_dataclass(value) and not isinstance(value, type):
        fields = {field.name: encode(getattr(value, field.name)) for field in dataclasses.fields(value)}
        return {_TAG: type(value).__name__, **fields}
    if isinstance(value, tuple):
        return [encode(item) for item in value]
    if isinstance(value, bytes):
        return base64.b64encode(value).decode("ascii")
    if value is None or isinstance(value, bool | int | float | str):
        return value
    raise TypeError(f"no JSON form for {type(value).__name__}")


def decode(kind: type[_T], value: Any) -> _T:
    """The `kind` that `value` stands for. Raises CodecError if it stands for none."""
    return typing.cast(_T, _decode(kind, value))


def _decode(kind: Any, value: Any) -> Any:
    origin = typing.get_origin(kind)
    if origin is typing.Union or origin is types.UnionType:
        return _decode_union(kind, value)
    if origin is tuple:
        return _decode_tuple(typing.get_args(kind), value)
    if dataclasses.is_dataclass(kind):
        return _decode_dataclass(kind, value)
    if isinstance(kind, type) and issubclass(kind, enum.Enum):
        try:
            return kind(value)
        except ValueError as error:
            raise CodecError(str(error)) from error
    return _decode_scalar(kind, value)


def _decode_scalar(kind: Any, value: Any) -> Any:
    if kind is type(None) and value is None:
        return None
    if kind is bytes and type(value) is str:
        try:
            return base64.b64decode(value, validate=True)
        except binascii.Error as error:
            raise CodecError(str(error)) from error
    if kind in (bool, int, str, float) and type(value) is kind and (kind is not float or math.isfinite(value)):
        return value
    raise CodecError(f"found {type(value).__name__}, expected {kind}")


def _decode_union(kind: Any, value: Any) -> Any:
    for arm in typing.get_args(kind):
        try:
            return _decode(arm, value)
        except CodecError:
            continue
    raise CodecError(f"found no arm of {kind}")


def _decode_tuple(arms: tuple[Any, ...], value: Any) -> tuple[Any, ...]:
    if type(value) is not list:
        raise CodecError(f"found {type(value).__name__}, expected a list")
    if len(arms) == 2 and arms[1] is Ellipsis:
        return tuple(_decode(arms[0], item) for item in value)
    if len(arms) != len(value):
        raise CodecError(f"found {len(value)} items, expected {len(arms)}")
    return tuple(_decode(arm, item) for arm, item in zip(arms, value, strict=True))


def _decode_dataclass(kind: Any, value: Any) -> Any:
    hints = _hints(kind)
    if type(value) is not dict or value.get(_TAG) != kind.__name__ or value.keys() != {_TAG, *hints}:
        raise CodecError(f"found no {kind.__name__}")
    return kind(**{name: _decode(hint, value[name]) for name, hint in hints.items()})


@functools.cache
def _hints(kind: Any) -> dict[str, Any]:
    hints = typing.get_type_hints(kind)
    return {field.name: hints[field.name] for field in dataclasses.fields(kind)}
