"""What the command line says of runtimes."""

from __future__ import annotations

from dataclasses import dataclass

from proofs.kinds import RuntimeKind


@dataclass(frozen=True, slots=True)
class AskedRuntimes:
    """None and empty: it does not say."""

    packages: tuple[str, ...] = ()
    crates: tuple[str, ...] = ()
    mirs: tuple[str, ...] = ()
    sources: tuple[str, ...] = ()
    features: tuple[str, ...] | None = None
    default_features: bool = False
    kinds: tuple[RuntimeKind, ...] = ()
    panics: tuple[str, ...] = ()
    peers: tuple[str, ...] = ()
    operations: tuple[str, ...] = ()
    profile: str | None = None
    task_profile: str | None = None
    target: str | None = None
    toolchain: str | None = None
    seconds: int | None = None
    megabytes: int | None = None
    controls: int | None = None

    @property
    def subjects(self) -> bool:
        return bool(self.packages or self.crates or self.mirs)


NO_RUNTIMES = AskedRuntimes()
