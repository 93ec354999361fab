"""What a proof rests on and covers, from the report and the certificate beside it."""

from __future__ import annotations

import hashlib
import re
from collections.abc import Iterator
from pathlib import Path

from artifacts.explore.invariant_reading import invariant_lines, members_of, steps_of
from artifacts.explore.json_reading import Node, read_json
from artifacts.explore.model import Section
from artifacts.names import visible
from artifacts.sentences import SENTENCE_LIMIT, count
from proofs.recheck.faults import Refused

_ASSUMED = {
    "hypothesis": "Hypotheses about the host",
    "host-function": "Functions of the host",
    "library": "Library functions that are modelled",
    "contract": "Functions that the profile describes",
}
_OTHERS = "Other assumptions"
_RANGES = re.compile(r"[0-9]{1,9}(-[0-9]{1,9})?(,[0-9]{1,9}(-[0-9]{1,9})?)*")


def proof_sections(result: Node, directory: Path | None) -> tuple[Section, ...]:
    """Raises InputError."""
    sections = list(_assumptions(result))
    name = result.child("certificate").text_or_none()
    path = None if directory is None or name is None else directory / "certificates" / name
    if path is None or path.parent.name != "certificates" or not path.is_file():
        note = "The certificate is not at hand: explore the run's directory to see the evidence."
        return (*sections, Section("Evidence", (), note))
    return (*sections, *certificate_sections(read_json(path), path.parent))


def _assumptions(result: Node) -> Iterator[Section]:
    groups: dict[str, list[tuple[str, str]]] = {title: [] for title in (*_ASSUMED.values(), _OTHERS)}
    for one in result.child("assumptions").items():
        title = _ASSUMED.get(one.child("id").text(), _OTHERS)
        about = one.child("about").text()
        name = f"{one.child('id').text()} {about}" if title == _ASSUMED["hypothesis"] else one.child("id").text()
        groups[title].append((visible(one.child("text").text(), SENTENCE_LIMIT), visible(name)))
    for title in (_ASSUMED["hypothesis"], _OTHERS, *_ASSUMED.values()):
        if items := groups.pop(title, []):
            yield Section(title, tuple(items))


def certificate_sections(certificate: Node, directory: Path) -> Iterator[Section]:
    """The evidence of a certificate; `directory`: where the texts that it names may be. Raises InputError."""
    evidence = certificate.child("evidence")
    match evidence.child("kind").value:
        case "closed-set":
            yield from _closed_set(evidence)
        case "needed-by":
            needs = [one.exactly(3) for one in evidence.child("needs").items()]
            items = ((f"function {need[1].value} of instance {need[0].value}", str(need[2].value)) for need in needs)
            yield Section("What needs each realloc", tuple((visible(a), visible(b)) for a, b in items))
        case "invariant":
            yield from _runtime(evidence, directory)
        case "pool-invariant":
            yield from _pool(evidence, directory)
        case "statics-invariant":
            yield from _statics(evidence, directory)
        case "buffer-invariant":
            yield from _buffer(evidence, directory)
        case _:
            kinds = "closed-set, needed-by, invariant, pool-invariant, statics-invariant or buffer-invariant"
            raise evidence.child("kind").fail(kinds)
    yield from _ablation(certificate)


def _ablation(certificate: Node) -> Iterator[Section]:
    """What `proofmark ablate` found of this very certificate, or how to ask."""
    path = Path(certificate.file)
    beside = path.with_name(path.name.removesuffix(".cert.json") + ".ablation.json")
    title = "Without one thing at a time"
    if not beside.is_file():
        yield Section(title, ((f"not asked yet: proofmark ablate {visible(path.name)}", ""),))
        return
    found = read_json(beside)
    if found.child("certificate").child("sha256").text() != hashlib.sha256(path.read_bytes()).hexdigest():
        yield Section(
            title, ((f"{visible(beside.name)} is about another certificate: ask proofmark ablate again", ""),)
        )
        return
    items = []
    for one in found.child("dropped").items():
        said = [
            visible(line.text(), SENTENCE_LIMIT) for line in (*one.child("text").items(), *one.child("trace").items())
        ]
        without = visible(f"{one.child('without').text()}: {one.child('why').text()}", SENTENCE_LIMIT)
        items.append((visible(one.child("name").text(), 600), "; ".join((without, *said))))
    yield Section(title, tuple(items), "As `proofmark ablate` found it; no checker reads it.")


def _closed_set(evidence: Node) -> Iterator[Section]:
    yield Section("Roots: indices of functions", tuple(_by_instance(evidence.child("roots"))))
    note = "Every call of these functions leads to one of them or to what the assumptions name; none holds the goal."
    members = tuple(_by_instance(evidence.child("members")))
    yield Section("The closed set: indices of functions", members, note)


def _by_instance(functions: Node) -> Iterator[tuple[str, str]]:
    for one in functions.items():
        instance, ranges = one.exactly(2)
        said = f"instance {instance.number()}: {count(_size(ranges), 'function')}"
        yield said, visible(ranges.text(), SENTENCE_LIMIT)


def _size(ranges: Node) -> int:
    if not _RANGES.fullmatch(ranges.text()):
        raise ranges.fail("ranges such as 0-5,7")
    ends = (part.partition("-") for part in ranges.text().split(","))
    return sum(int(last or first) - int(first) + 1 for first, _, last in ends)


def _runtime(evidence: Node, directory: Path) -> Iterator[Section]:
    excluded = tuple((visible(one.text()), "") for one in evidence.child("excluded").items())
    yield Section("What the invariant excludes", excluded)
    yield from _covered(evidence)
    trusted = tuple(
        (visible(one.child("name").text()), visible(f"{one.child('meaning').text()} {one.child('page').text()}", 600))
        for one in evidence.child("trusted").items()
        if one.child("page").text()
    )
    yield Section("What library functions were taken to do", trusted)
    yield from _invariant(evidence, directory)


def _pool(evidence: Node, directory: Path) -> Iterator[Section]:
    """Of a pool: what each export does, and the cells that calls leave for later ones."""
    pool = evidence.child("pool")
    places = [tuple(pool.child(key) for key in ("name", "base", "size"))]
    places += [tuple(one.exactly(4))[:3] for one in (pool.child("also").items() if pool.has("also") else ())]
    told = (f"{name.text()}: {size.number()} bytes at 0x{base.number():x}" for name, base, size in places)
    facts = (*told, evidence.child("hypothesis").text())
    yield Section("The pool", tuple((visible(fact, SENTENCE_LIMIT), "") for fact in facts if fact))
    roles = []
    for role in evidence.child("roles").items():
        said = role.child("parameters").items() if role.has("parameters") else ()  # else those of its own signature
        parameters = ", ".join(one.text() for one in said)
        roles.append((visible(f"{role.child('export').text()}({parameters})", 600), visible(role.child("role").text())))
    yield Section("What the exports do", tuple(roles))
    for name, title in (("cells", "Cells that calls leave for later calls"), ("fixed", "Cells that no call changes")):
        cells = [[part.number() for part in one.exactly(3)] for one in evidence.child(name).items()]
        shown = (f"{width} bytes at 0x{address:x}, at first {first}" for address, width, first in cells)
        yield Section(title, tuple((one, "") for one in shown))
    yield Section("Excluded", tuple((visible(one.text()), "") for one in evidence.child("excluded").items()))
    yield from _invariant(evidence, directory)


def _statics(evidence: Node, directory: Path) -> Iterator[Section]:
    """Of statics of a crate: which they are, who is called, and what they are made of."""
    for name, title in (
        ("statics", "Statics that calls touch together"),
        ("functions", "Functions that are called"),
        ("cells", "Numbers that calls leave for later calls"),
        ("contents", "Statics with an array of which only the length is kept"),
        ("trusted", "Library functions that do what their documentation says"),
        ("excluded", "Excluded"),
    ):
        yield Section(title, tuple((visible(one.text(), 600), "") for one in evidence.child(name).items()))
    yield from _invariant(evidence, directory)


def _buffer(evidence: Node, directory: Path) -> Iterator[Section]:
    """Of a type that owns a block, or a realloc: who is called, and what is known between calls."""
    for name, title in (
        ("functions", "Functions that are called"),
        ("readers", "Functions elsewhere that read the address of the block"),
        ("cells", "Numbers between calls and at the heads of loops"),
        ("trusted", "Library functions that do what their documentation says"),
        ("excluded", "Excluded"),
    ):
        yield Section(title, tuple((visible(one.text(), 600), "") for one in evidence.child(name).items()))
    yield from _invariant(evidence, directory)


def _invariant(evidence: Node, directory: Path) -> Iterator[Section]:
    model, invariant = (_text_of(evidence.child(what), what, directory) for what in ("model", "invariant"))
    if model is not None:
        steps = tuple((f"{actor}: {what}", citation) for actor, what, citation in steps_of(model))
        yield Section("Steps of the model", steps, "The invariant holds at first, and each of these keeps it.")
    if model is not None and invariant is not None:
        try:
            lines = tuple((line, "") for line in invariant_lines(invariant, members_of(model)))
        except Refused as refused:
            lines = ((visible(str(refused), SENTENCE_LIMIT), ""),)
        note = "Holds in every state that can be. The names of values are comments of the model: no checker reads them."
        yield Section("The invariant", lines, note)


def _covered(evidence: Node) -> Iterator[Section]:
    uncovered = dict(_blocks(evidence.child("uncovered")))
    items = []
    for name, numbers in _blocks(evidence.child("covered")):
        left = uncovered.get(name, [])
        never = f"; never run: {', '.join(f'bb{number}' for number in left)}" if left else ""
        items.append((visible(name, 600), visible(f"{len(numbers)} of {len(numbers) + len(left)} blocks{never}", 2000)))
    yield Section("Functions whose MIR was run, and their blocks", tuple(items))


def _blocks(listed: Node) -> Iterator[tuple[str, list[int]]]:
    for one in listed.items():
        function, numbers = one.exactly(2)
        yield function.text(), [number.number() for number in numbers.items()]


def _text_of(reference: Node, what: str, directory: Path) -> str | None:
    """A text that certificates share: only if it is the one that the certificate names."""
    sha256 = reference.child("sha256").text()
    path = directory / f"{sha256}.{what}.smt2"
    if path.parent != directory or not path.is_file():
        return None
    data = path.read_bytes()
    return data.decode("utf-8", "replace") if hashlib.sha256(data).hexdigest() == sha256 else None
