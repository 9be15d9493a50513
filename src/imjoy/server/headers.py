"""The security headers that go with every answer."""

from __future__ import annotations

Header = tuple[bytes, bytes]

# script-src stays open: a plugin's frame inherits this policy and adds its own, narrower one.
CONTENT_SECURITY_POLICY = (
    "frame-src 'self' blob: data:; base-uri 'none'; object-src 'none'; "
    "form-action 'self'; frame-ancestors 'self'"
)
_ALWAYS: tuple[Header, ...] = (
    (b"x-content-type-options", b"nosniff"),
    (b"referrer-policy", b"no-referrer"),
    (b"permissions-policy", b"geolocation=(), payment=(), usb=(), serial=(), hid=(), midi=()"),
)
# For what others have written: shown in a tab, it must not become part of the workbench.
FOREIGN_POLICY: Header = (
    b"content-security-policy",
    b"sandbox; default-src 'none'; style-src 'unsafe-inline'; img-src data:",
)
_OPENER: Header = (b"cross-origin-opener-policy", b"same-origin")
_TRUSTED = (b"127.0.0.1", b"localhost", b"[::1]")


# The page that shows pages of other sites, and holds nothing of the workbench.
FRAMES_POLICY = CONTENT_SECURITY_POLICY.replace("'self' blob: data:;", "http: https:;", 1)


def security_headers(
    scheme: str,
    host: bytes,
    any_origin: bool = False,
    any_frame: bool = False,
    embed_in: tuple[str, ...] = (),
) -> list[Header]:
    """The headers for an answer to a request with this Host.

    `any_frame`: the answer is a page that may show pages of other sites.
    `any_origin`: frames without an origin may use the answer, as scripts and styles do.

    `embed_in`: origins whose pages may show the answer in a frame.

    The opener policy is left out where browsers ignore it with an error in their console: plain
    http to another machine.
    """
    trusted = scheme in ("https", "wss") or host.rsplit(b":", 1)[0] in _TRUSTED
    trusted = trusted or host in _TRUSTED
    resource = b"cross-origin" if any_origin else b"same-origin"
    policy = FRAMES_POLICY if any_frame else CONTENT_SECURITY_POLICY
    policy = " ".join([policy, *embed_in])  # the list of frame-ancestors comes last
    headers = [
        (b"content-security-policy", policy.encode()),
        *_ALWAYS,
        (b"cross-origin-resource-policy", resource),
    ]
    return [*headers, _OPENER] if trusted else headers
