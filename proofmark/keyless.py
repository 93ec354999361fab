"""Keyless signatures by Sigstore: an identity in place of a key, a certificate for minutes, an entry in a public log.

The library speaks to the services and verifies what they say; nothing of the protocol is done here. What is written is
its bundle (version 0.3), with the envelope, the certificate and the log's proof. Needs the extra `sigstore`.
"""

from __future__ import annotations

import os
from collections.abc import Iterator
from contextlib import contextmanager
from dataclasses import dataclass
from pathlib import Path
from typing import TYPE_CHECKING

from artifacts.attestation import BUNDLE, MAX_BYTES, PAYLOAD, NoAttestation
from proofmark.errors import UsageError

if TYPE_CHECKING:
    from sigstore.models import ClientTrustConfig
    from sigstore.oidc import IdentityToken

TOKEN = "SIGSTORE_IDENTITY_TOKEN"  # the name by which Sigstore's own clients take a token
MAX_CONFIG_BYTES = 1 << 20


@dataclass(frozen=True, slots=True)
class Identity:
    """Who signed: the subject of a certificate, and the issuer who vouches for it, both as Sigstore writes them."""

    subject: str
    issuer: str


@dataclass(frozen=True, slots=True)
class KeylessSigner:
    """With the identity of this machine (that of a CI job, say) or the token in $SIGSTORE_IDENTITY_TOKEN."""

    trust: ClientTrustConfig
    file_name: str = f"attestation{BUNDLE}"

    def signed(self, statement: bytes) -> bytes:
        """The bundle. Raises UsageError: there is no identity, or a service did not answer as it should."""
        from sigstore.dsse import Statement
        from sigstore.sign import SigningContext

        token = _token()  # not before: tokens hold for minutes, and proving takes longer
        with _said("--sigstore: not signed"):
            context = SigningContext.from_trust_config(self.trust)
            with context.signer(token) as signer:
                bundle = signer.sign_dsse(Statement(statement)).to_json()
        return bundle.encode("utf-8") + b"\n"


@dataclass(frozen=True, slots=True)
class KeylessVerifier:
    trust: ClientTrustConfig
    identity: Identity

    @property
    def who(self) -> str:
        return f"{self.identity.subject} ({self.identity.issuer})"

    def opened(self, raw: bytes) -> bytes:
        """The signed statement. Raises NoAttestation, for whatever the library holds against it."""
        from sigstore.models import Bundle
        from sigstore.verify import Verifier, policy

        if len(raw) > MAX_BYTES:
            raise NoAttestation(f"more than {MAX_BYTES} bytes")
        asked = policy.Identity(identity=self.identity.subject, issuer=self.identity.issuer)
        try:
            verifier = Verifier(trusted_root=self.trust.trusted_root)
            kind, payload = verifier.verify_dsse(Bundle.from_json(raw), asked)
        except Exception as fault:  # of whatever kind: what is not verified is refused
            raise NoAttestation(f"not verified by sigstore: {_words(fault)}") from fault
        if kind != PAYLOAD:
            raise NoAttestation("an envelope of another type")
        return payload


def read_trust(config: Path | None) -> ClientTrustConfig:
    """Roots and services: of a file (a ClientTrustConfig, as `sigstore --trust-config` takes it), or of the public
    instance, whose roots are then brought up to date over the network. Raises UsageError.
    """
    _need_library()
    from sigstore.models import ClientTrustConfig

    if config is None:
        with _said("sigstore's public roots are not at hand; --sigstore-config FILE gives others"):
            return ClientTrustConfig.production()
    try:
        with open(config, "rb") as file:
            raw = file.read(MAX_CONFIG_BYTES)
    except OSError as error:
        raise UsageError(f"{config}: {error.strerror}; expected a trust configuration of sigstore") from error
    with _said(f"{config}: no trust configuration of sigstore"):
        found = ClientTrustConfig.from_json(raw.decode("utf-8"))
        _ = found.trusted_root, found.signing_config  # both are read, and found wanting, here
        return found


def _token() -> IdentityToken:
    from sigstore.oidc import IdentityToken, detect_credential

    with _said("--sigstore: no identity"):
        raw = os.environ.get(TOKEN) or detect_credential()
        if raw is None:
            raise UsageError(f"--sigstore: no identity: found no CI that vouches for this job, no token in ${TOKEN}")
        return IdentityToken(raw)


@contextmanager
def _said(what: str) -> Iterator[None]:
    """A failure of the library, or of a service behind it, in the user's words."""
    try:
        yield
    except UsageError:
        raise
    except Exception as fault:  # it raises what its transport raises, too
        raise UsageError(f"{what}: {_words(fault)}") from fault


def _words(fault: Exception) -> str:
    return " ".join(str(fault).split())[:300] or type(fault).__name__


def _need_library() -> None:
    try:
        import sigstore  # noqa: F401
    except ImportError as error:
        raise UsageError("keyless signatures need the package sigstore: pip install 'proofmark[sigstore]'") from error
