"""Profiles as files: one describes some versions of a package, and may be another one with a few names changed."""

from __future__ import annotations

import re
import tomllib
from pathlib import Path
from typing import Any

from smt_models.runtime.profile import Profile, ProfileError, profile_of

PROFILES = Path(__file__).parent / "profiles" / "operations"
Version = tuple[int, int, int]


def profile_for(package: str, version: str, directory: Path = PROFILES) -> Profile:
    """The profile that describes this version of the package. ProfileError if there is not exactly one."""
    return load_profile(profile_file(package, version, directory))


def profile_file(package: str, version: str, directory: Path = PROFILES) -> Path:
    """Where the profile of this version of the package stands. ProfileError if there is not exactly one."""
    described = {path: read_profile(path)["describes"] for path in sorted(directory.glob("*.toml"))}
    found = [path for path, these in described.items() if any(_is_in(package, version, one) for one in these)]
    if len(found) != 1:
        known = "; ".join(one for these in described.values() for one in these)
        raise ProfileError(f"{len(found)} profiles describe {package} {version}; there are some for {known}")
    return found[0]


def load_profile(path: Path = PROFILES / "wit-bindgen.toml") -> Profile:
    """ProfileError if it is not as documented."""
    data = read_profile(path)
    data.pop("describes")
    try:
        return profile_of(data)
    except (KeyError, TypeError, ValueError) as error:
        raise ProfileError(f"{path}: {error!r}") from error


def read_profile(path: Path) -> dict[str, Any]:
    """The file's data, laid over that of the file that it `extends`, in which names are `renamed` before."""
    try:
        with path.open("rb") as file:
            data = tomllib.load(file)
        base = data.pop("extends", None)
        renamed = data.pop("renamed", {})
        if not isinstance(data["describes"], list) or not all(_parts(one) for one in data["describes"]):
            raise ValueError("`describes` must be a list of `PACKAGE >=VERSION, <VERSION`")
    except (tomllib.TOMLDecodeError, OSError, KeyError, ValueError) as error:
        raise ProfileError(f"{path}: {error!r}") from error
    if base is None:
        return data
    return _over(_renamed(read_profile(path.parent / base), renamed), data)


def _over(base: dict[str, Any], data: dict[str, Any]) -> dict[str, Any]:
    """Tables are laid over each other key by key; what is `false` is taken out; all else replaces."""
    made = dict(base)
    for key, value in data.items():
        if value is False:
            made.pop(key)
        elif isinstance(value, dict) and isinstance(made.get(key), dict):
            made[key] = _over(made[key], value)
        else:
            made[key] = value
    return made


def _renamed(data: Any, renamed: dict[str, str]) -> Any:
    match data:
        case str():
            for old, new in renamed.items():
                data = data.replace(old, new)
            return data
        case list():
            return [_renamed(one, renamed) for one in data]
        case dict():
            return {_renamed(key, renamed): _renamed(value, renamed) for key, value in data.items()}
        case _:
            return data


def _is_in(package: str, version: str, described: str) -> bool:
    parts = _parts(described)
    assert parts is not None
    name, low, high = parts
    return name == package and low <= _version(version) < high


def _parts(described: str) -> tuple[str, Version, Version] | None:
    """Of `wit-bindgen >=0.51.0, <0.58.0`: the first version that it describes, and the first after the last."""
    found = re.fullmatch(r"([A-Za-z0-9_-]+) >=([0-9.]+), <([0-9.]+)", described)
    return None if found is None else (found[1], _version(found[2]), _version(found[3]))


def _version(text: str) -> Version:
    """The numbers of a version, without what follows them."""
    found = re.match(r"([0-9]+)\.([0-9]+)\.([0-9]+)(?![0-9.])", text)
    if found is None:
        raise ProfileError(f"{text} is no version of three numbers")
    return int(found[1]), int(found[2]), int(found[3])
