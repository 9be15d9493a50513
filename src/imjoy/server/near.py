"""A socket for programs on this machine, which is quicker than its network."""

from __future__ import annotations

import ipaddress
import secrets
import socket
import sys

BACKLOG = 512


def listen_near() -> socket.socket | None:
    """A listening Unix socket under a random name without a file (Linux); None elsewhere.

    It ends with the process, and nothing is left behind. Who connects has to log in as anybody
    else: any user of this machine may, as on its loopback address.
    """
    if not sys.platform.startswith("linux"):
        return None
    try:
        listener = socket.socket(socket.AF_UNIX, socket.SOCK_STREAM)
    except OSError:  # a container may forbid them
        return None
    try:
        listener.bind(f"\0imjoy-{secrets.token_hex(16)}")
        listener.listen(BACKLOG)
    except OSError:
        listener.close()
        return None
    listener.setblocking(False)
    return listener


def name_of(listener: socket.socket | None) -> str:
    """What a client is told; empty when there is nothing to tell."""
    return "" if listener is None else listener.getsockname()[1:].decode()


def is_near(client: tuple[str, int] | None) -> bool:
    """Whether a request came from a program on this machine, or through one."""
    try:
        return client is not None and ipaddress.ip_address(client[0].split("%")[0]).is_loopback
    except ValueError:
        return False
