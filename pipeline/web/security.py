"""What every answer says to a browser, and which Host names are answered at all. Pure ASGI."""

from __future__ import annotations

from collections.abc import Iterable

from starlette.datastructures import Headers, MutableHeaders
from starlette.responses import PlainTextResponse
from starlette.types import ASGIApp, Message, Receive, Scope, Send

POLICY = (
    "default-src 'none'; script-src 'self'; style-src 'self'; img-src 'self' blob: data:; "
    "connect-src 'self'; base-uri 'none'; form-action 'self'; frame-ancestors 'none'"
)
"""No inline script or style, nothing from elsewhere; pictures made in the page may be saved (blob, data)."""
_HEADERS = {
    "Content-Security-Policy": POLICY,
    "X-Content-Type-Options": "nosniff",
    "Referrer-Policy": "no-referrer",
    "Cross-Origin-Opener-Policy": "same-origin",
    "Cross-Origin-Resource-Policy": "same-origin",
    "Permissions-Policy": "camera=(), geolocation=(), microphone=()",
    "X-Frame-Options": "DENY",
}
LOCAL = ("127.0.0.1", "localhost", "[::1]")


class Guard:
    """Refuses foreign Host names (DNS rebinding: a page elsewhere that resolves to this server)."""

    def __init__(self, app: ASGIApp, hosts: Iterable[str] = LOCAL) -> None:
        self._app = app
        self._hosts = frozenset(host.lower() for host in hosts)

    async def __call__(self, scope: Scope, receive: Receive, send: Send) -> None:
        """Answer, or refuse with 421 Misdirected Request (RFC 9110, 15.5.20)."""
        if scope["type"] != "http":
            await self._app(scope, receive, send)
            return

        async def sealed(message: Message) -> None:
            if message["type"] == "http.response.start":
                headers = MutableHeaders(scope=message)
                for name, value in _HEADERS.items():
                    headers[name] = value
            await send(message)

        host = Headers(scope=scope).get("host", "").lower()
        if _name(host) not in self._hosts:
            refusal = PlainTextResponse(
                "This server does not answer to that name; start it with --host-name NAME to allow it.\n", 421
            )
            await refusal(scope, receive, sealed)
            return
        await self._app(scope, receive, sealed)


def _name(host: str) -> str:
    """The host without its port; IPv6 addresses keep their brackets."""
    head, colon, port = host.rpartition(":")
    return head if colon and port.isdigit() else host
