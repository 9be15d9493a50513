"""The security headers that go with every answer."""

from __future__ import annotations

Header = tuple[bytes, bytes]

# script-src stays open: a plugin's frame inherits this policy and adds its own, narrower one.
CONTENT_SECURITY_POLICY = (
    "frame-src 'self' blob: data:; base-uri 'none'; object-src 'none'; "
    "form-action 'self'; frame-ancestors 'self'"
)
_ALWAYS: tuple[Header, ...] = (
    (b"content-security-policy", CONTENT_SECURITY_POLICY.encode()),
    (b"x-content-type-options", b"nosniff"),
    (b"referrer-policy", b"no-referrer"),
    (b"permissions-policy", b"geolocation=(), payment=(), usb=(), serial=(), hid=(), midi=()"),
)
_OPENER: Header = (b"cross-origin-opener-policy", b"same-origin")
_TRUSTED = (b"127.0.0.1", b"localhost", b"[::1]")


def security_headers(scheme: str, host: bytes, any_origin: bool = False) -> list[Header]:
    """The headers for an answer to a request with this Host.

    `any_origin`: frames without an origin may use the answer, as scripts and styles do.

    The opener policy is left out where browsers ignore it with an error in their console: plain
    http to another machine.
    """
    trusted = scheme in ("https", "wss") or host.rsplit(b":", 1)[0] in _TRUSTED
    trusted = trusted or host in _TRUSTED
    resource = b"cross-origin" if any_origin else b"same-origin"
    headers = [*_ALWAYS, (b"cross-origin-resource-policy", resource)]
    return [*headers, _OPENER] if trusted else headers
