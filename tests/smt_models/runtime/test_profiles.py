"""Profiles as files: which describes what, what lies over what, and what is wrong with them."""

from __future__ import annotations

from pathlib import Path

import pytest

from smt_models.runtime.profile import ProfileError
from smt_models.runtime.profile_files import PROFILES, load_profile, profile_for, read_profile

VERSIONS = {
    "wit-bindgen-rt": ("0.42.1", "0.44.0"),
    "wit-bindgen": (
        "0.45.0",
        "0.46.0",
        "0.48.1",
        "0.51.0",
        "0.53.1",
        "0.55.0",
        "0.57.1",
        "0.58.0",
        "0.60.0",
        "0.61.1",
        "0.62.0",
        "0.63.0",
    ),
}


@pytest.mark.parametrize(
    ("package", "version"), [(package, version) for package, all_ in VERSIONS.items() for version in all_]
)
def test_each_version_has_one_profile(package: str, version: str) -> None:
    profile = profile_for(package, version)
    assert {one.name for one in profile.operations} == {
        "stream-write", "stream-read", "future-write", "future-read", "subtask",
    }  # fmt: skip


@pytest.mark.parametrize("version", ["0.40.0", "0.64.0", "latest", "0.63"])
def test_a_version_that_none_describes_is_an_error(version: str) -> None:
    with pytest.raises(ProfileError, match=version):
        profile_for("wit-bindgen", version)


def test_a_file_lies_over_another_with_other_names(tmp_path: Path) -> None:
    (tmp_path / "base.toml").write_text(
        'describes = ["a >=1.0.0, <2.0.0"]\ntask = "old::task"\n[operations.x]\nfuture = "old::F"\nend = "reader"\n'
    )
    (tmp_path / "over.toml").write_text(
        'extends = "base.toml"\ndescribes = ["a >=0.1.0, <1.0.0"]\ntask = false\nrenamed = { "old" = "new" }\n'
        '[operations.x]\nend = "writer"\n'
    )
    assert read_profile(tmp_path / "over.toml") == {
        "describes": ["a >=0.1.0, <1.0.0"],
        "operations": {"x": {"future": "new::F", "end": "writer"}},
    }


@pytest.mark.parametrize(
    "text", ["", "describes = 1", 'describes = ["a 1.0.0"]', "describes = [", 'describes = []\nextends = "none.toml"']
)
def test_a_file_that_is_no_profile_is_named(tmp_path: Path, text: str) -> None:
    path = tmp_path / "bad.toml"
    path.write_text(text)
    with pytest.raises(ProfileError, match=r"(bad|none)\.toml"):
        load_profile(path)


def test_every_file_can_be_loaded() -> None:
    found = [load_profile(path) for path in sorted(PROFILES.glob("*.toml"))]
    assert len(found) >= 6
