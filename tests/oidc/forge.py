"""An issuer of the tests' own, on loopback: it signs whatever it is told to, and can lie, rotate and go away."""

from __future__ import annotations

import base64
import hmac
import json
import threading
import time
from http.server import BaseHTTPRequestHandler, ThreadingHTTPServer
from typing import Any

from joserfc import jws
from joserfc.jwk import ECKey, RSAKey

Key = RSAKey | ECKey | bytes


def encoded(value: object) -> str:
    """A part of a token."""
    text = value if isinstance(value, bytes) else json.dumps(value).encode()
    return base64.urlsafe_b64encode(text).rstrip(b"=").decode()


def sign(claims: object, key: Key, alg: str = "RS256", **header: Any) -> str:
    """A token with these claims, signed with this key, whatever sense it makes. A header of None is left out.

    Made by hand, for a library refuses to make most of what a forger would. A key of bytes is a secret.
    """
    head = {"typ": "at+jwt", "alg": alg, "kid": "one" if isinstance(key, bytes) else key.kid, **header}
    body = f"{encoded({name: value for name, value in head.items() if value is not None})}.{encoded(claims)}"
    signature = hmac.digest(key, body.encode(), "sha256") if isinstance(key, bytes) \
        else jws.JWSRegistry.algorithms[alg].sign(body.encode(), key)
    return f"{body}.{encoded(signature)}"


def rsa(kid: str, bits: int = 2048, use: str = "sig", alg: str | None = None) -> RSAKey:
    """A fresh RSA key."""
    return RSAKey.generate_key(bits, {"kid": kid, "use": use} | ({"alg": alg} if alg else {}))


class Forge:
    """Discovery and keys over HTTP. `asked` counts what was fetched; `document` overrides what discovery says."""

    def __init__(self) -> None:
        self.key, self.curve = rsa("one"), ECKey.generate_key("P-256", {"kid": "curve", "use": "sig"})
        self.keys: list[RSAKey | ECKey] = [self.key, self.curve]
        self.jwks: object = None
        self.document: dict[str, Any] = {}
        self.asked: list[str] = []
        self.status, self.body = 200, b""
        forge = self

        class Answers(BaseHTTPRequestHandler):
            def do_GET(self) -> None:
                forge.asked.append(self.path)
                body = forge.body or json.dumps(forge.answer(self.path)).encode()
                self.send_response(forge.status)
                self.send_header("Location", f"{forge.issuer}/elsewhere")
                self.end_headers()
                self.wfile.write(body)

            def log_message(self, *_: object) -> None:
                pass

        self.server = ThreadingHTTPServer(("127.0.0.1", 0), Answers)
        self.issuer = f"http://127.0.0.1:{self.server.server_port}"
        threading.Thread(target=self.server.serve_forever, args=(0.02,), daemon=True).start()

    def answer(self, path: str) -> object:
        """What is at a path."""
        if path.startswith("/.well-known/"):
            ends = {name: f"{self.issuer}/{name}" for name in ("authorization_endpoint", "token_endpoint", "jwks_uri")}
            return {"issuer": self.issuer, **ends, **self.document}
        return self.jwks if self.jwks is not None else {"keys": [key.as_dict(private=False) for key in self.keys]}

    def claims(self, **changes: Any) -> dict[str, Any]:
        """Claims of a good bearer token, with changes; a claim of None is left out."""
        now = int(time.time())
        claims = {"iss": self.issuer, "aud": "https://maps.example", "sub": "officer-1", "client_id": "maps",
                  "iat": now, "nbf": now, "exp": now + 300, "scope": "openid hantsmap", "roles": ["GIS-Officers"],
                  "org": "Highways", **changes}
        return {name: value for name, value in claims.items() if value is not None}

    def close(self) -> None:
        """Go away."""
        self.server.shutdown()
        self.server.server_close()
