"""The frames, limits and error codes of the protocol.

Generated from protocol/model.json by protocol/generate.py; do not edit.
"""

from __future__ import annotations

import re
from typing import Any, Callable, Dict, Set

from imjoy.errors import ProtocolError

PROTOCOL = 1

LIMITS = {
    "depth": 64,
    "nodes": 1_000_000,
    "body": 67_108_864,
    "buffers": 4_096,
    "frame": 2_147_483_648,
    "large_frames": 256,
    "large_bytes": 4_294_967_296,
    "waiting_frames": 65_536,
    "waiting_bytes": 1_073_741_824,
}

SESSION = {
    "ack_seconds": 1,
    "ack_frames": 64,
    "ack_bytes": 524_288,
    "heartbeat_seconds": 10,
    "dead_seconds": 20,
    "probe_seconds": 3,
    "jump_seconds": 5,
    "ring_frames": 4_096,
    "ring_bytes": 8_388_608,
    "piece_bytes": 524_288,
    "bulk_bytes": 4_194_304,
    "near_ms": 10,
    "near_bulk_bytes": 8_388_608,
    "first_delay_ms": 250,
    "last_delay_ms": 10_000,
    "grace_seconds": 10_800,
    "absent_seconds": 900,
    "absent_bytes": 1_073_741_824,
    "slow_bytes": 4_194_304,
    "quick_bytes": 8_388_608,
    "slow_seconds": 60,
    "pack_from": 32_768,
    "pack_sample": 16_384,
    "pack_most": 4_194_304,
}

ERRORS = {
    "protocol.malformed": "A frame or value is not of the form the protocol asks for.",
    "protocol.unknown_tag": "A value has a tag that is not known here.",
    "protocol.too_deep": "A value is nested too deeply.",
    "protocol.too_many_nodes": "A value has too many parts.",
    "protocol.too_large": "A frame is larger than the receiver takes.",
    "protocol.version": "The two sides speak different versions of the protocol.",
    "rpc.method_not_found": "The peer has no function of that name.",
    "rpc.peer_unknown": "There is no such peer, or it has gone.",
    "rpc.peer_gone": "The peer went away before it answered.",
    "rpc.cancelled": "The call was cancelled.",
    "rpc.engine_restarted": "The engine was started anew before it answered.",
    "rpc.outcome_unknown": "The connection was lost; nobody knows how the call ended.",
    "rpc.overloaded": "More calls wait to be sent than can be kept.",
    "rpc.fenced": "A newer connection of the same page has taken over.",
    "rpc.timeout": "The call took longer than its limit.",
    "rpc.unserializable": "A value cannot be sent to another process.",
    "plugin.error": "The plugin's own code raised an error.",
    "plugin.manifest": "The plugin file is not valid.",
    "plugin.crashed": "The plugin's process or frame ended unexpectedly.",
    "plugin.load_failed": "The plugin could not be loaded.",
    "plugin.not_found": "There is no plugin of that name.",
    "plugin.permission": "The plugin may not do this.",
    "env.requirement": "A requirement is not of a known form.",
    "env.not_found": "A package or version does not exist.",
    "env.conflict": "The requirements contradict each other.",
    "env.no_wheel": "A package has no build for this Python.",
    "env.python": "The Python version asked for is not available.",
    "env.network": "The package index cannot be reached.",
    "env.disk": "There is not enough disk space.",
    "env.conda": "Conda packages are asked for and cannot be installed by this engine.",
    "env.consent": "A plugin wants to run commands that nobody has agreed to.",
    "env.checksum": "A package is not the file that was chosen.",
    "env.machine": "A package needs something that the computer does not have.",
    "env.folder": "The folder of the environments cannot be used.",
    "env.in_use": "An environment is in use and cannot be removed.",
    "env.unhealthy": "New packages were installed and do not work.",
    "env.build_failed": "A package could not be built or installed.",
    "auth.required": "A token is needed.",
    "auth.bad_token": "The token is not valid.",
    "auth.rate_limited": "Too many wrong tokens; wait a moment.",
    "auth.forbidden": "This is not allowed from here.",
    "data.unreadable": "The file cannot be read as the data it claims to be.",
    "file.not_found": "There is no such file or folder.",
    "file.forbidden": "The file is not open to pages.",
    "file.exists": "A file of that name is there already.",
    "file.failed": "The file cannot be read or written.",
    "engine.internal": "The engine met an error of its own.",
}

# A type that ends in `?` is that of a field which may be absent.
FIELDS: Dict[str, Dict[str, str]] = {
    "call": {
        "id": "id",
        "to": "address",
        "from": "address",
        "target": "string",
        "kwargs": "boolean?",
        "lossy": "string?",
    },
    "result": {
        "id": "id",
        "to": "address",
        "from": "address",
    },
    "error": {
        "id": "id",
        "to": "address",
        "from": "address",
    },
    "cancel": {
        "id": "id",
        "to": "address",
        "from": "address",
    },
    "release": {
        "to": "address",
        "from": "address",
        "targets": "counts",
    },
    "gone": {
        "to": "address",
        "from": "address",
        "peer": "address",
        "reason": "string",
        "code": "string?",
        "reloaded": "boolean?",
    },
}

_is_id = re.compile(r"[0-9a-z]{32}").fullmatch
_is_address = re.compile(r"[0-9a-z]{32}(?:/[0-9a-z]{32})*").fullmatch
# The same few addresses come with every frame: those that were good once are not read again.
_good: Set[str] = set()
MOST_GOOD, LONGEST_GOOD = 1024, 98


def is_address(value: Any) -> bool:
    if type(value) is not str:
        return False
    if value in _good:
        return True
    if _is_address(value) is None:
        return False
    if len(value) <= LONGEST_GOOD:
        if len(_good) >= MOST_GOOD:
            _good.clear()
        _good.add(value)
    return True


def _is_counts(value: Any) -> bool:
    return type(value) is dict and all(
        type(key) is str and type(count) is int and count > 0 for key, count in value.items()
    )


_CHECKS = {
    "id": lambda value: type(value) is str and _is_id(value) is not None,
    "address": is_address,
    "string": lambda value: type(value) is str,
    "boolean": lambda value: type(value) is bool,
    "counts": _is_counts,
}
# Each frame in one expression, true only when there is nothing wrong with it.
_GOOD: Dict[str, Callable[[Dict[str, Any]], Any]] = {
    "call": lambda header: (
        _is_id(header["id"])
        and is_address(header["to"])
        and is_address(header["from"])
        and type(header["target"]) is str
        and ("kwargs" not in header or type(header["kwargs"]) is bool)
        and ("lossy" not in header or type(header["lossy"]) is str)
    ),
    "result": lambda header: (
        _is_id(header["id"]) and is_address(header["to"]) and is_address(header["from"])
    ),
    "error": lambda header: (
        _is_id(header["id"]) and is_address(header["to"]) and is_address(header["from"])
    ),
    "cancel": lambda header: (
        _is_id(header["id"]) and is_address(header["to"]) and is_address(header["from"])
    ),
    "release": lambda header: (
        is_address(header["to"]) and is_address(header["from"]) and _is_counts(header["targets"])
    ),
    "gone": lambda header: (
        is_address(header["to"])
        and is_address(header["from"])
        and is_address(header["peer"])
        and type(header["reason"]) is str
        and ("code" not in header or type(header["code"]) is str)
        and ("reloaded" not in header or type(header["reloaded"]) is bool)
    ),
}


def check_header(header: Any) -> Dict[str, Any]:
    """The header itself when it is one of the frames above; raises ProtocolError otherwise."""
    try:
        if type(header) is dict and _GOOD[header["type"]](header):
            checked: Dict[str, Any] = header
            return checked
    except (KeyError, TypeError):
        pass
    raise ProtocolError(f"A message is not well formed: its header {_problem(header)}.")


def _problem(header: Any) -> str:
    kind = header.get("type") if type(header) is dict else None
    if type(kind) is not str or kind not in FIELDS:
        return "has no known type"
    for name, rule in FIELDS[kind].items():
        if name not in header:
            if rule.endswith("?"):
                continue
            return f'lacks "{name}"'
        if not _CHECKS[rule.rstrip("?")](header[name]):
            return f'has a wrong "{name}"'
    return "is not well formed"


def call(
    id_: str, to: str, from_: str, target: str, kwargs: bool = False, lossy: str = ""
) -> Dict[str, Any]:
    """Run an exported function."""
    header: Dict[str, Any] = {"type": "call", "id": id_, "to": to, "from": from_, "target": target}
    if kwargs:
        header["kwargs"] = kwargs
    if lossy:
        header["lossy"] = lossy
    return header


def result(id_: str, to: str, from_: str) -> Dict[str, Any]:
    """The value a call returned."""
    return {"type": "result", "id": id_, "to": to, "from": from_}


def error(id_: str, to: str, from_: str) -> Dict[str, Any]:
    """Why a call failed."""
    return {"type": "error", "id": id_, "to": to, "from": from_}


def cancel(id_: str, to: str, from_: str) -> Dict[str, Any]:
    """The caller of a call is no longer interested."""
    return {"type": "cancel", "id": id_, "to": to, "from": from_}


def release(to: str, from_: str, targets: Dict[str, int]) -> Dict[str, Any]:
    """References that the sender has dropped."""
    return {"type": "release", "to": to, "from": from_, "targets": targets}


def gone(
    to: str, from_: str, peer: str, reason: str, code: str = "", reloaded: bool = False
) -> Dict[str, Any]:
    """A peer, and everything below it, is gone."""
    header: Dict[str, Any] = {
        "type": "gone",
        "to": to,
        "from": from_,
        "peer": peer,
        "reason": reason,
    }
    if code:
        header["code"] = code
    if reloaded:
        header["reloaded"] = reloaded
    return header
