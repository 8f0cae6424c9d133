"""A log record in; the same without secrets, and on one line whatever it quotes, out.

Feeds write what is logged: titles, addresses, reasons. A newline would forge a record, an escape code or a
mark of direction would change what an operator sees (OWASP on log injection; CVE-2021-42574).
"""

from __future__ import annotations

import json
import logging
import re
import unicodedata
from collections.abc import Mapping, MutableMapping
from datetime import UTC, datetime
from typing import Any

_KEPT = (int, float, bool, type(None))
_UNSEEN = frozenset({"Cc", "Cf", "Cs", "Co", "Zl", "Zp"})
"""Controls, marks of direction and other formatting, surrogates, private use, line and paragraph ends."""
_CREDENTIALS = re.compile(r"(?<=://)[^/?#\s@\"'<>]*+@")
_SECRET = re.compile(
    r"(?<![\w.-])((?:[\w.-]{0,40}(?:token|secret|passw(?:or)?d|pwd|api_?-?key|signature|credentials?)"
    r"|key|auth|sig|sid|session|code|hmac|user|login)=)[^&#\s\"'<>;,]++",
    re.IGNORECASE,
)
_HEADER = re.compile(
    r"\b((?:proxy-)?authorization|(?:set-)?cookie|x-[\w-]{0,20}(?:key|token))\s?[:=]\s?[^\n]++", re.I
)
_OPAQUE = re.compile(r"([?&][^=&#\s]{1,60}+=)[\w.%~+/=-]{20,}+")
"""A long value of a query: no page needs one, many keys are one."""
_LONGEST = 4_000
_OWN_LINES = {"exception": "traceback", "stack": "called_from"}


def redacted(text: str) -> str:
    """Blot out credentials and keys: of addresses, of their queries, of headers.

    >>> redacted("https://ann:pw@example.org/feed?page=2&token=abc moved")
    'https://…@example.org/feed?page=2&token=… moved'
    """
    text = _CREDENTIALS.sub("…@", text)
    text = _HEADER.sub(r"\1: …", text)
    return _OPAQUE.sub(r"\1…", _SECRET.sub(r"\1…", text))


def escaped(text: str) -> str:
    r"""Write what cannot be seen as `\n`, `\x1b`, `\u202e`; letters of any script stay.

    >>> print(escaped("Moscow\nlevel=error \x1b[2J \u202egpj"))
    Moscow\nlevel=error \x1b[2J \u202egpj
    """
    if text.isprintable():
        return text
    return "".join(_written(char) if unicodedata.category(char) in _UNSEEN else char for char in text)


def harmless(value: object) -> Any:
    """A value as it may stand in a log: numbers as they are, all else as short, redacted, escaped text."""
    if isinstance(value, _KEPT):
        return value
    if isinstance(value, Mapping):
        return {harmless(str(key)): harmless(item) for key, item in value.items()}
    if isinstance(value, list | tuple | set | frozenset):
        return [harmless(item) for item in value]
    text = str(value)
    if len(text) > _LONGEST:
        text = f"{text[:_LONGEST]}… ({len(text)} characters)"
    return escaped(redacted(text))


def harmless_event(_logger: object, _method: str, event: MutableMapping[str, Any]) -> dict[str, Any]:
    """`harmless` as a step of structlog, the last one before a record is written."""
    # structlog would write an `exception` on lines of its own
    return {_OWN_LINES.get(key, escaped(str(key))): harmless(value) for key, value in event.items()}


class LibraryFormatter(logging.Formatter):
    """Lines of libraries, which log by the standard library, in the same form."""

    def __init__(self, style: str) -> None:
        """Write for people (`console`) or one JSON object a line (`json`)."""
        super().__init__("%(levelname)s %(name)s %(message)s")
        self._json = style == "json"

    def format(self, record: logging.LogRecord) -> str:
        """One line, traceback included."""
        if not self._json:
            return str(harmless(super().format(record)))
        told: dict[str, Any] = {"event": harmless(record.getMessage()), "logger": harmless(record.name)}
        if record.exc_info:
            told["traceback"] = harmless(self.formatException(record.exc_info))
        told["level"] = record.levelname.lower()
        told["timestamp"] = datetime.fromtimestamp(record.created, UTC).isoformat().replace("+00:00", "Z")
        return json.dumps(told)


def _written(char: str) -> str:
    named = {"\n": "\\n", "\r": "\\r", "\t": "\\t"}
    code = ord(char)
    return named.get(char) or (
        f"\\x{code:02x}" if code < 256 else f"\\u{code:04x}" if code < 65536 else f"\\U{code:08x}"
    )
