"""Ed25519 keys in PEM files, as `openssl genpkey -algorithm ed25519` writes them. Needs the extra `sign`."""

from __future__ import annotations

import hashlib
from dataclasses import dataclass
from pathlib import Path
from typing import TYPE_CHECKING

from artifacts.attestation import ENVELOPE, Envelope, NoAttestation, envelope, read_envelope, signed_bytes
from proofmark.errors import UsageError

if TYPE_CHECKING:
    from cryptography.hazmat.primitives.asymmetric.ed25519 import Ed25519PrivateKey, Ed25519PublicKey

MAX_BYTES = 1 << 16


@dataclass(frozen=True, slots=True)
class KeySigner:
    key: Ed25519PrivateKey
    file_name: str = f"attestation{ENVELOPE}"

    def signed(self, statement: bytes) -> bytes:
        """The envelope."""
        return envelope(Envelope(statement, _key_id(self.key.public_key()), self.key.sign(signed_bytes(statement))))


@dataclass(frozen=True, slots=True)
class KeyVerifier:
    key: Ed25519PublicKey

    @property
    def who(self) -> str:
        return _key_id(self.key)

    def opened(self, raw: bytes) -> bytes:
        """The signed statement. Raises NoAttestation."""
        from cryptography.exceptions import InvalidSignature

        found = read_envelope(raw)
        try:
            self.key.verify(found.signature, signed_bytes(found.payload))
        except InvalidSignature:
            raise NoAttestation("the signature is not that of the key given") from None
        return found.payload


def read_signer(path: Path) -> KeySigner:
    """Raises UsageError."""
    _need_library()
    from cryptography.exceptions import UnsupportedAlgorithm
    from cryptography.hazmat.primitives.asymmetric.ed25519 import Ed25519PrivateKey
    from cryptography.hazmat.primitives.serialization import load_pem_private_key

    try:
        key = load_pem_private_key(_content(path), password=None)
    except (ValueError, TypeError, UnsupportedAlgorithm) as fault:
        raise UsageError(f"{path}: no private key in PEM without a password: {str(fault)[:100]}") from fault
    if not isinstance(key, Ed25519PrivateKey):
        raise UsageError(f"{path}: a private key of another kind; expected Ed25519")
    return KeySigner(key)


def read_verifier(path: Path) -> KeyVerifier:
    """Raises UsageError."""
    _need_library()
    from cryptography.exceptions import UnsupportedAlgorithm
    from cryptography.hazmat.primitives.asymmetric.ed25519 import Ed25519PublicKey
    from cryptography.hazmat.primitives.serialization import load_pem_public_key

    try:
        key = load_pem_public_key(_content(path))
    except (ValueError, TypeError, UnsupportedAlgorithm) as fault:
        raise UsageError(f"{path}: no public key in PEM: {str(fault)[:100]}") from fault
    if not isinstance(key, Ed25519PublicKey):
        raise UsageError(f"{path}: a public key of another kind; expected Ed25519")
    return KeyVerifier(key)


def _content(path: Path) -> bytes:
    try:
        with open(path, "rb") as file:
            return file.read(MAX_BYTES)
    except OSError as error:
        raise UsageError(f"{path}: {error.strerror}; expected a key file") from error


def _key_id(key: Ed25519PublicKey) -> str:
    return hashlib.sha256(key.public_bytes_raw()).hexdigest()


def _need_library() -> None:
    try:
        import cryptography  # noqa: F401
    except ImportError as error:
        raise UsageError("signatures need the package cryptography: pip install 'proofmark[sign]'") from error
