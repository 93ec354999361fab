"""A Sigstore instance on this machine: a certificate authority, its log of certificates, and a log of signatures.

Sigstore's own library speaks to it, and verifies all that it says: certificates with their embedded timestamps (RFC
6962), log entries with inclusion proofs and signed checkpoints. It vouches for whatever a token says, which the public
instance asks the issuer of.
"""

from __future__ import annotations

import base64
import hashlib
import json
import struct
import threading
import time
from collections.abc import Iterator
from contextlib import contextmanager
from datetime import UTC, datetime, timedelta
from http.server import BaseHTTPRequestHandler, ThreadingHTTPServer
from pathlib import Path
from typing import Any

from cryptography import x509
from cryptography.hazmat.primitives import hashes
from cryptography.hazmat.primitives.asymmetric import ec
from cryptography.hazmat.primitives.serialization import Encoding, PublicFormat
from cryptography.x509.oid import ExtendedKeyUsageOID, NameOID, ObjectIdentifier

ISSUER = "https://issuer.example"
_ISSUER_V2 = ObjectIdentifier("1.3.6.1.4.1.57264.1.8")  # Fulcio's extensions: the issuer, as UTF8String, and as bytes
_ISSUER_V1 = ObjectIdentifier("1.3.6.1.4.1.57264.1.1")
_TIMESTAMPS = ObjectIdentifier("1.3.6.1.4.1.11129.2.4.2")
_HOUR = timedelta(hours=1)


def token(subject: str, issuer: str = ISSUER) -> str:
    """Of whoever says so: its signature is for the certificate authority to look at, and ours does not."""
    now = int(time.time())
    claims = {"iss": issuer, "sub": subject, "aud": "sigstore", "iat": now, "exp": now + 600}
    parts = [_url64(json.dumps(part).encode()) for part in ({"alg": "ES256", "typ": "JWT"}, claims)]
    return ".".join([*parts, _url64(b"signature")])


class Instance:
    """Keys and certificates are made anew, and nothing is kept. `entries`: the bodies in its log."""

    def __init__(self) -> None:
        self._root, self._certificates_log, self._log = (ec.generate_private_key(ec.SECP256R1()) for _ in range(3))
        self._root_certificate = self._authority()
        self.entries: list[bytes] = []
        self.url = ""

    def trust(self) -> bytes:
        """The client trust configuration: services and roots."""
        valid = {"start": _moment(datetime.now(UTC) - _HOUR)}
        service = {"url": self.url, "majorApiVersion": 1, "validFor": valid, "operator": "test"}

        def log(key: ec.EllipticCurvePrivateKey) -> dict[str, Any]:
            public = {"rawBytes": _64(_public(key)), "keyDetails": "PKIX_ECDSA_P256_SHA_256", "validFor": valid}
            return {
                "baseUrl": self.url,
                "hashAlgorithm": "SHA2_256",
                "publicKey": public,
                "logId": {"keyId": _64(_key_id(key))},
            }

        authority = {
            "subject": {"organization": "test", "commonName": "root"},
            "uri": self.url,
            "certChain": {"certificates": [{"rawBytes": _64(self._root_certificate.public_bytes(Encoding.DER))}]},
            "validFor": valid,
        }
        document = {
            "mediaType": "application/vnd.dev.sigstore.clienttrustconfig.v0.1+json",
            "trustedRoot": {
                "mediaType": "application/vnd.dev.sigstore.trustedroot+json;version=0.1",
                "tlogs": [log(self._log)],
                "certificateAuthorities": [authority],
                "ctlogs": [log(self._certificates_log)],
                "timestampAuthorities": [],
            },
            "signingConfig": {
                "mediaType": "application/vnd.dev.sigstore.signingconfig.v0.2+json",
                "caUrls": [service],
                "oidcUrls": [],
                "rekorTlogUrls": [service],
                "rekorTlogConfig": {"selector": "ANY"},
                "tsaUrls": [],
                "tsaConfig": {"selector": "ANY"},
            },
        }
        return json.dumps(document).encode()

    def certificate(self, asked: dict[str, str], bearer: str) -> dict[str, Any]:
        """Fulcio's answer: the certificate of the token's subject, for ten minutes, and its issuer."""
        claims = json.loads(base64.urlsafe_b64decode(bearer.split(".")[1] + "=="))
        request = x509.load_pem_x509_csr(base64.b64decode(asked["certificateSigningRequest"]))
        key = request.public_key()
        assert isinstance(key, ec.EllipticCurvePublicKey)
        issuer = claims["iss"].encode()
        names = x509.SubjectAlternativeName([x509.UniformResourceIdentifier(claims["sub"])])
        builder = (
            x509.CertificateBuilder()
            .subject_name(x509.Name([]))
            .issuer_name(self._root_certificate.subject)
            .public_key(key)
            .serial_number(x509.random_serial_number())
            .not_valid_before(datetime.now(UTC) - timedelta(seconds=5))
            .not_valid_after(datetime.now(UTC) + timedelta(minutes=10))
            .add_extension(_usage(digital_signature=True), critical=True)
            .add_extension(x509.ExtendedKeyUsage([ExtendedKeyUsageOID.CODE_SIGNING]), critical=False)
            .add_extension(x509.AuthorityKeyIdentifier.from_issuer_public_key(self._root.public_key()), critical=False)
            .add_extension(x509.SubjectKeyIdentifier.from_public_key(key), critical=False)
            .add_extension(names, critical=True)
            .add_extension(x509.UnrecognizedExtension(_ISSUER_V1, issuer), critical=False)
            .add_extension(
                x509.UnrecognizedExtension(_ISSUER_V2, b"\x0c" + bytes((len(issuer),)) + issuer), critical=False
            )
        )
        before = builder.sign(self._root, hashes.SHA256()).tbs_certificate_bytes
        timestamps = x509.UnrecognizedExtension(_TIMESTAMPS, self._timestamps(before))
        made = builder.add_extension(timestamps, critical=False).sign(self._root, hashes.SHA256())
        chain = [one.public_bytes(Encoding.PEM).decode() for one in (made, self._root_certificate)]
        return {"signedCertificateEmbeddedSct": {"chain": {"certificates": chain}}}

    def entry(self, asked: dict[str, Any]) -> dict[str, Any]:
        """Rekor's answer (API version 1): the entry of an envelope, in a log that holds nothing else."""
        proposed = asked["spec"]["proposedContent"]
        envelope = json.loads(proposed["envelope"])
        payload = base64.b64decode(envelope["payload"])
        signatures = [
            {"signature": one["sig"], "verifier": verifier}
            for one, verifier in zip(envelope["signatures"], proposed["verifiers"], strict=True)
        ]
        spec = {
            "envelopeHash": _hash(proposed["envelope"].encode()),
            "payloadHash": _hash(payload),
            "signatures": signatures,
        }
        body = _canonical({"apiVersion": "0.0.1", "kind": "dsse", "spec": spec})
        self.entries.append(body)
        root = hashlib.sha256(b"\x00" + body).digest()  # RFC 6962, of one leaf
        note = f"log.example - 1\n1\n{_64(root)}\n"
        signed_note = _64(_key_id(self._log)[:4] + self._sign(self._log, note.encode()))
        entry = {
            "body": _64(body),
            "integratedTime": int(time.time()),
            "logID": _key_id(self._log).hex(),
            "logIndex": 0,
        }
        proof = {
            "checkpoint": f"{note}\n\N{EM DASH} log.example {signed_note}\n",
            "hashes": [],
            "logIndex": 0,
            "rootHash": root.hex(),
            "treeSize": 1,
        }
        promise = _64(self._sign(self._log, _canonical(entry)))
        return {root.hex(): {**entry, "verification": {"inclusionProof": proof, "signedEntryTimestamp": promise}}}

    def _authority(self) -> x509.Certificate:
        name = x509.Name([x509.NameAttribute(NameOID.COMMON_NAME, "root")])
        key = self._root.public_key()
        return (
            x509.CertificateBuilder()
            .subject_name(name)
            .issuer_name(name)
            .public_key(key)
            .serial_number(x509.random_serial_number())
            .not_valid_before(datetime.now(UTC) - _HOUR)
            .not_valid_after(datetime.now(UTC) + _HOUR)
            .add_extension(x509.BasicConstraints(ca=True, path_length=None), critical=True)
            .add_extension(_usage(key_cert_sign=True, crl_sign=True), critical=True)
            .add_extension(x509.SubjectKeyIdentifier.from_public_key(key), critical=False)
            .sign(self._root, hashes.SHA256())
        )

    def _timestamps(self, to_be_signed: bytes) -> bytes:
        """A list of one signed certificate timestamp, in an octet string."""
        moment = int(time.time() * 1000)
        issuer = hashlib.sha256(_public(self._root)).digest()
        entry = issuer + len(to_be_signed).to_bytes(3, "big") + to_be_signed
        data = struct.pack("!BBQH", 0, 0, moment, 1) + entry + struct.pack("!H", 0)
        signature = self._sign(self._certificates_log, data)
        one = struct.pack("!B32sQH", 0, _key_id(self._certificates_log), moment, 0)
        one += b"\x04\x03" + struct.pack("!H", len(signature)) + signature  # SHA-256, ECDSA
        listed = struct.pack("!HH", len(one) + 2, len(one)) + one
        assert len(listed) < 128
        return b"\x04" + bytes((len(listed),)) + listed

    @staticmethod
    def _sign(key: ec.EllipticCurvePrivateKey, data: bytes) -> bytes:
        return key.sign(data, ec.ECDSA(hashes.SHA256()))


@contextmanager
def running(trust: Path) -> Iterator[Instance]:
    """Answers on a port of this machine; writes the configuration of its clients."""
    instance = Instance()

    class Handler(BaseHTTPRequestHandler):
        def do_POST(self) -> None:
            asked = json.loads(self.rfile.read(int(self.headers["Content-Length"])))
            if self.path == "/api/v2/signingCert":
                bearer = self.headers["Authorization"].removeprefix("Bearer ")
                said = json.dumps(instance.certificate(asked, bearer)).encode()
            else:
                assert self.path == "/api/v1/log/entries", self.path
                said = json.dumps(instance.entry(asked)).encode()
            self.send_response(201)
            self.send_header("Content-Type", "application/json")
            self.send_header("Content-Length", str(len(said)))
            self.end_headers()
            self.wfile.write(said)

        def log_message(self, *_: object) -> None:
            """Says nothing."""

    with ThreadingHTTPServer(("127.0.0.1", 0), Handler) as server:
        instance.url = f"http://127.0.0.1:{server.server_port}"
        trust.write_bytes(instance.trust())
        thread = threading.Thread(target=server.serve_forever, args=(0.02,), daemon=True)
        thread.start()
        try:
            yield instance
        finally:
            server.shutdown()
            thread.join()


def _usage(**held: bool) -> x509.KeyUsage:
    names = (
        "digital_signature", "content_commitment", "key_encipherment", "data_encipherment", "key_agreement",
        "key_cert_sign", "crl_sign", "encipher_only", "decipher_only",
    )  # fmt: skip
    return x509.KeyUsage(**{name: held.get(name, False) for name in names})


def _public(key: ec.EllipticCurvePrivateKey) -> bytes:
    return key.public_key().public_bytes(Encoding.DER, PublicFormat.SubjectPublicKeyInfo)


def _key_id(key: ec.EllipticCurvePrivateKey) -> bytes:
    return hashlib.sha256(_public(key)).digest()


def _hash(data: bytes) -> dict[str, str]:
    return {"algorithm": "sha256", "value": hashlib.sha256(data).hexdigest()}


def _canonical(value: object) -> bytes:
    return json.dumps(value, sort_keys=True, separators=(",", ":")).encode()


def _64(data: bytes) -> str:
    return base64.b64encode(data).decode()


def _url64(data: bytes) -> str:
    return base64.urlsafe_b64encode(data).rstrip(b"=").decode()


def _moment(when: datetime) -> str:
    return when.strftime("%Y-%m-%dT%H:%M:%SZ")
