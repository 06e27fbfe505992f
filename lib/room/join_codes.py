"""Join codes, tokens and the signed cookie: who somebody in a room is.

A code has 8 characters of a 31-letter alphabet without look-alikes (39.6 bits) and dies with the workshop.
Tokens carry 128 bits and are stored as SHA-256. The cookie is signed: a forged one is refused before any look-up.
"""

from __future__ import annotations

import hashlib
import hmac
import os
import secrets
import unicodedata
from pathlib import Path

ALPHABET = "23456789ABCDEFGHJKMNPQRSTUVWXYZ"  # no 0 O 1 I L
CODE_LENGTH = 8
_KEY_FILE = "room.key"
_UNSEEN = ("Cc", "Cf", "Cs")  # control, formatting, halves of a character


def new_code() -> str:
    """A fresh join code, without the hyphen that people see in the middle."""
    return "".join(secrets.choice(ALPHABET) for _ in range(CODE_LENGTH))


def shown(code: str) -> str:
    """A code as it is shown and read out.

    >>> shown("ABCD2345")
    'ABCD-2345'
    """
    return f"{code[:4]}-{code[4:]}"


def clean(typed: str) -> str:
    """A code as somebody typed it, or "" when it cannot be one.

    >>> clean(" abcd-2345 "), clean("abc")
    ('ABCD2345', '')
    """
    code = "".join(c for c in typed.upper() if c.isalnum())
    return code if len(code) == CODE_LENGTH and set(code) <= set(ALPHABET) else ""


def printable(text: str) -> str:
    r"""What somebody typed, in one line, without control characters or marks that turn other people's text around.

    >>> printable("  Ann \x00\u202e Lee ")
    'Ann Lee'
    """
    kept = (c for c in text if c.isspace() or c in "\u200c\u200d" or unicodedata.category(c) not in _UNSEEN)
    line = " ".join("".join(kept).split())
    return line if any(unicodedata.category(c) not in _UNSEEN for c in line) else ""


def new_token() -> str:
    """A secret of 128 bits, safe in a URL."""
    return secrets.token_urlsafe(16)


def digest(token: str) -> str:
    """What is stored of a token."""
    return hashlib.sha256(token.encode()).hexdigest()


def matches(token: str, stored: str) -> bool:
    """Whether a token is the one whose digest is stored, in constant time."""
    return bool(stored) and hmac.compare_digest(digest(token), stored)


class Signer:
    """Signs the participant's cookie with a key of this installation.

    Args:
        home: WORKBOOK_HOME; the key is made there once, readable by the owner alone.
    """

    def __init__(self, home: Path) -> None:
        path = home / _KEY_FILE
        if not path.exists():
            handle = os.open(path, os.O_WRONLY | os.O_CREAT | os.O_TRUNC, 0o600)
            with os.fdopen(handle, "wb") as file:
                file.write(secrets.token_bytes(32))
        self._key = path.read_bytes()

    def sign(self, room: str, participant: str, token: str) -> str:
        """The cookie's value."""
        body = f"{room}.{participant}.{token}"
        return f"{body}.{self._mac(body)}"

    def read(self, cookie: str) -> tuple[str, str, str] | None:
        """(room, participant, token) of a cookie that we signed, else None."""
        body, _, mac = cookie.rpartition(".")
        parts = body.split(".")
        if len(parts) != 3 or not hmac.compare_digest(mac.encode(errors="replace"), self._mac(body).encode()):
            return None
        return parts[0], parts[1], parts[2]

    def host_key(self, room: str, browser: str) -> str:
        """The facilitator's key of a room for one browser: the same after a reload and a restart, of no use to another.

        Args:
            room: The room's id.
            browser: The browser's own secret.
        """
        return self._mac(f"host/{room}/{browser}")

    def board_key(self, room: str) -> str:
        """The projector's key of a room, the same after a restart and for whoever facilitates."""
        return self._mac(f"board/{room}")

    def _mac(self, body: str) -> str:
        return hmac.new(self._key, body.encode(errors="replace"), hashlib.sha256).hexdigest()[:32]
