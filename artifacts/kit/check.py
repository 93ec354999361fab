"""Checks the certificates of this kit: `python3 -I -S check.py [--lrat] [SUBJECT...]`. README.md says what for.

It needs nothing but Python's standard library, `proofs/` beside it, and for some certificates a solver.
"""

from __future__ import annotations

import argparse
import hashlib
import json
import os
import sys
from collections.abc import Mapping, Sequence
from pathlib import Path
from typing import TYPE_CHECKING, Any

if TYPE_CHECKING:
    from proofs.recheck import Answer, Session

ROOT = Path(__file__).resolve().parent
MANIFEST = "MANIFEST.json"
FORMAT = "proofmark-kit/1"
ACCEPTED, REJECTED, UNREADABLE, NOT_CHECKED = 0, 1, 2, 3


def main(arguments: Sequence[str]) -> int:
    parser = argparse.ArgumentParser(description="Checks the certificates of this kit.")
    parser.add_argument("subjects", metavar="SUBJECT", nargs="*", type=Path, help="a file that certificates are about")
    parser.add_argument("--lrat", action="store_true", help="ask no solver: demand propositional proofs")
    asked = parser.parse_args(arguments)
    try:
        raw = (ROOT / MANIFEST).read_bytes()
        manifest = json.loads(raw)
        problem = damage(manifest) if written(manifest) == raw else f"{MANIFEST}: not as a kit's list is written"
        found = {_sha256(path): path for path in asked.subjects}
    except (OSError, ValueError, KeyError, TypeError, RecursionError) as fault:
        problem = f"{type(fault).__name__}: {fault}"
    if problem:
        print(f"damaged      {problem}")
        return UNREADABLE
    sys.dont_write_bytecode = True
    os.environ["PYTHONDONTWRITEBYTECODE"] = "1"  # of the process that the solver runs in
    sys.path.append(str(ROOT))  # last: nothing here stands in for the standard library
    from proofs.recheck import Session

    with Session() as session:
        statuses = {_told(one, _checked(one, found, asked.lrat, session)) for one in manifest["certificates"]}
    return next((status for status in (REJECTED, NOT_CHECKED, ACCEPTED) if status in statuses), UNREADABLE)


def written(manifest: object) -> bytes:
    """The one form in which a manifest is taken: of a key that is there twice, other readers may take the other."""
    return json.dumps(manifest, indent=1).encode("ascii") + b"\n"


def damage(manifest: Mapping[str, Any]) -> str:
    """What of the kit is not as its list says; nothing else may be in it, least of all code."""
    if manifest["format"] != FORMAT:
        return f"{MANIFEST}: another format than {FORMAT}"
    listed = {one["path"]: one["sha256"] for one in manifest["files"]}
    there = {path.relative_to(ROOT).as_posix() for path in ROOT.rglob("*") if path.is_symlink() or not path.is_dir()}
    if there != {*listed, MANIFEST}:
        return f"files missing or left over: {sorted(there ^ {*listed, MANIFEST})[0]}"
    for one in manifest["certificates"]:
        said = (one["file"], one["obligation"], one["instance"], one["subject"]["name"], one["subject"]["sha256"])
        if not all(isinstance(text, str) for text in said) or f"certificates/{one['file']}" not in listed:
            return f"{MANIFEST}: an entry that is none of a certificate in the kit"
    odd = [path for path in sorted(there) if (ROOT / path).is_symlink() or not (ROOT / path).is_file()]
    if odd:
        return f"{odd[0]}: no regular file"
    return next((f"{path}: other bytes" for path in sorted(listed) if _sha256(ROOT / path) != listed[path]), "")


def _checked(one: Mapping[str, Any], found: Mapping[str, Path], by_lrat: bool, session: Session) -> Answer:
    from proofs.recheck import recheck

    inside = ROOT / "subjects" / one["subject"]["sha256"]
    subject = inside if inside.is_file() else found.get(one["subject"]["sha256"])
    path = ROOT / "certificates" / one["file"]
    return recheck(path.read_bytes(), subject, path.parent, by_lrat=by_lrat, session=session)


def _told(one: Mapping[str, Any], answer: Answer) -> int:
    from proofs.recheck import Accepted, NotChecked, Rejected

    name = ascii(f"{one['obligation']} of {one['subject']['name']} ({one['instance']})")[1:-1]
    match answer:
        case Accepted(obligation, instance, _, sha256, assumptions):
            if (obligation, instance, sha256) != (one["obligation"], one["instance"], one["subject"]["sha256"]):
                print(f"rejected     {name}: the certificate is about something else")
                return REJECTED
            print(f"accepted     {name}")
            for identity, _, text in assumptions:
                print(f"             assuming {identity}: {ascii(text)[1:-1]}")
            return ACCEPTED
        case Rejected(reason):
            print(f"rejected     {name}: {ascii(reason)[1:-1]}")
            return REJECTED
        case NotChecked(reason):
            print(f"not-checked  {name}: {ascii(reason)[1:-1]}")
            return NOT_CHECKED


def _sha256(path: Path) -> str:
    with open(path, "rb") as file:
        return hashlib.file_digest(file, "sha256").hexdigest()


if __name__ == "__main__":
    sys.exit(main(sys.argv[1:]))
