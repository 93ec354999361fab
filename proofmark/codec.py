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
from collections.abc import Callable
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
    return typing.cast(_T, _decoder(kind)(value))


_Decoder = Callable[[Any], Any]


def _decoder(kind: Any) -> _Decoder:
    """What reads a `kind`. Not remembered by `kind`: unions in another order are equal, and the order matters."""
    origin = typing.get_origin(kind)
    if origin is typing.Union or origin is types.UnionType:
        return _union(kind)
    if origin is tuple:
        return _tuple(typing.get_args(kind))
    if dataclasses.is_dataclass(kind):
        return functools.partial(_decode_dataclass, kind)
    if isinstance(kind, type) and issubclass(kind, enum.Enum):
        return functools.partial(_decode_enum, kind)
    return functools.partial(_decode_scalar, kind)


def _decode_enum(kind: Any, value: Any) -> Any:
    try:
        return kind(value)
    except ValueError as error:
        raise CodecError(str(error)) from error


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


def _union(kind: Any) -> _Decoder:
    arms = [(_decoder(arm), _tag_of(arm)) for arm in typing.get_args(kind)]

    def decode_union(value: Any) -> Any:
        tag = value.get(_TAG) if type(value) is dict else None
        for arm, name in arms:
            if name == tag:  # a dataclass is what has its tag, and nothing else is tagged
                try:
                    return arm(value)
                except CodecError:
                    continue
        raise CodecError(f"found no arm of {kind}")

    return decode_union


def _tag_of(kind: Any) -> str | None:
    return kind.__name__ if isinstance(kind, type) and dataclasses.is_dataclass(kind) else None


def _tuple(arms: tuple[Any, ...]) -> _Decoder:
    if len(arms) == 2 and arms[1] is Ellipsis:
        each = _decoder(arms[0])
        return lambda value: tuple([each(item) for item in _listed(value)])
    decoders = [_decoder(arm) for arm in arms]

    def decode_tuple(value: Any) -> tuple[Any, ...]:
        if len(_listed(value)) != len(decoders):
            raise CodecError(f"found {len(value)} items, expected {len(decoders)}")
        return tuple([arm(item) for arm, item in zip(decoders, value, strict=True)])

    return decode_tuple


def _listed(value: Any) -> list[Any]:
    if type(value) is not list:
        raise CodecError(f"found {type(value).__name__}, expected a list")
    return value


def _decode_dataclass(kind: Any, value: Any) -> Any:
    fields = _fields(kind)
    if type(value) is not dict or value.get(_TAG) != kind.__name__ or value.keys() != {_TAG, *fields}:
        raise CodecError(f"found no {kind.__name__}")
    return kind(**{name: decoder(value[name]) for name, decoder in fields.items()})


@functools.cache
def _fields(kind: Any) -> dict[str, _Decoder]:
    hints = typing.get_type_hints(kind)
    return {field.name: _decoder(hints[field.name]) for field in dataclasses.fields(kind)}
