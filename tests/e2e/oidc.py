"""An OpenID Connect provider on this machine: authorization code flow with PKCE, one person who always says yes."""

from __future__ import annotations

import base64
import hashlib
import secrets
import threading
import time
from collections.abc import Iterator
from contextlib import contextmanager
from typing import Any
from urllib.parse import urlencode

import uvicorn
from authlib.jose import JsonWebKey, jwt
from starlette.applications import Starlette
from starlette.requests import Request
from starlette.responses import JSONResponse, RedirectResponse, Response
from starlette.routing import Route

from tests.e2e.support import free_port

CLIENT, SECRET = "workbook", "a-secret-of-the-test"


class Provider:
    """The provider; `who` signs in next."""

    def __init__(self) -> None:
        self.port = free_port()
        self.issuer = f"http://127.0.0.1:{self.port}"
        self.who = "ann@example.com"
        self.refused: list[str] = []
        self._key = JsonWebKey.generate_key("RSA", 2048, {"kid": "test"}, is_private=True)
        self._codes: dict[str, dict[str, str]] = {}

    def routes(self) -> list[Route]:
        """What a provider answers."""
        return [
            Route("/.well-known/openid-configuration", self._metadata),
            Route("/authorize", self._authorize),
            Route("/token", self._token, methods=["POST"]),
            Route("/keys", self._keys),
        ]

    async def _metadata(self, _: Request) -> Response:
        at = self.issuer
        return JSONResponse({
            "issuer": at, "authorization_endpoint": f"{at}/authorize", "token_endpoint": f"{at}/token",
            "jwks_uri": f"{at}/keys", "response_types_supported": ["code"], "subject_types_supported": ["public"],
            "id_token_signing_alg_values_supported": ["RS256"], "code_challenge_methods_supported": ["S256"],
            "scopes_supported": ["openid", "email", "profile"],
        })  # fmt: skip

    async def _keys(self, _: Request) -> Response:
        return JSONResponse({"keys": [self._key.as_dict(is_private=False)]})

    async def _authorize(self, request: Request) -> Response:
        asked = dict(request.query_params)
        if asked.get("client_id") != CLIENT or asked.get("response_type") != "code":
            self.refused.append("authorize")
            return Response("unknown client", 400)
        code = secrets.token_urlsafe(16)
        self._codes[code] = asked
        return RedirectResponse(
            asked["redirect_uri"] + "?" + urlencode({"code": code, "state": asked["state"]})
        )

    async def _token(self, request: Request) -> Response:
        form = {name: str(value) for name, value in (await request.form()).items()}
        asked = self._codes.pop(form.get("code", ""), None)
        if asked is None or not self._is_client(request, form) or not _proves(asked, form):
            self.refused.append("token")
            return JSONResponse({"error": "invalid_grant"}, 400)
        now = int(time.time())
        claims: dict[str, Any] = {"iss": self.issuer, "aud": CLIENT, "sub": self.who, "email": self.who, "name": self.who,
                                  "iat": now, "exp": now + 300, "nonce": asked.get("nonce", "")}  # fmt: skip
        token = jwt.encode({"alg": "RS256", "kid": "test"}, claims, self._key).decode()
        return JSONResponse({"access_token": secrets.token_urlsafe(16), "token_type": "Bearer", "expires_in": 300,
                             "id_token": token})  # fmt: skip

    def _is_client(self, request: Request, form: dict[str, str]) -> bool:
        given = base64.b64encode(f"{CLIENT}:{SECRET}".encode()).decode()
        return request.headers.get("authorization") == f"Basic {given}" or form.get("client_secret") == SECRET


def _proves(asked: dict[str, str], form: dict[str, str]) -> bool:
    """Whether the caller of the token address is the one that asked (PKCE)."""
    if "code_challenge" not in asked:
        return True
    digest = hashlib.sha256(form.get("code_verifier", "").encode()).digest()
    return base64.urlsafe_b64encode(digest).rstrip(b"=").decode() == asked["code_challenge"]


@contextmanager
def provided() -> Iterator[Provider]:
    """A running provider."""
    provider = Provider()
    config = uvicorn.Config(
        Starlette(routes=provider.routes()), host="127.0.0.1", port=provider.port, log_level="warning"
    )
    server = uvicorn.Server(config)
    thread = threading.Thread(target=server.run, daemon=True)
    thread.start()
    while not server.started:
        time.sleep(0.05)
    try:
        yield provider
    finally:
        server.should_exit = True
        thread.join(120)
