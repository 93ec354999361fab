"""The schema `safety-case` of rivet, as published: in no package registry, so from its repository, at a release.

The packages of that name in registries are other people's. Pinned by commit and hash, kept with the other downloads.
"""

import hashlib
import subprocess
import tempfile

import pytest
from real_modules import alone, cache_folder

REPOSITORY = "https://github.com/pulseengine/rivet"
RELEASE, COMMIT = "v0.8.0", "08b87f86de28055a8e37b97211a3d184939943f8"
FILE, SHA256 = "schemas/safety-case.yaml", "70e420c9f650716dec3bce75a7d087f79ce601f74ef36276249e827c2cb53881"


def rivet_schema() -> bytes:
    """Where the repository cannot be reached the test is skipped, under CI too: that promises registries alone."""
    path = cache_folder() / "published" / SHA256
    with alone(SHA256):
        data = path.read_bytes() if path.exists() else _fetched()
        if hashlib.sha256(data).hexdigest() != SHA256:
            raise ValueError(f"{FILE} of rivet {RELEASE}: another SHA-256 than {SHA256}")
        path.parent.mkdir(exist_ok=True)
        path.write_bytes(data)
    return data


def _fetched() -> bytes:
    with tempfile.TemporaryDirectory() as folder:
        git = ("git", "-C", folder)
        try:
            _run(*git, "init", "--quiet", "--bare")
            _run(*git, "fetch", "--quiet", "--depth", "1", REPOSITORY, COMMIT)
            return _run(*git, "show", f"{COMMIT}:{FILE}")
        except (OSError, subprocess.SubprocessError) as error:
            said = error.stderr if isinstance(error, subprocess.CalledProcessError) else b""
            pytest.skip(f"NOT TESTED: rivet's schema, of {REPOSITORY}: {said.decode(errors='replace')[-200:] or error}")


def _run(*command: str) -> bytes:
    return subprocess.run(command, stdin=subprocess.DEVNULL, capture_output=True, timeout=120, check=True).stdout
