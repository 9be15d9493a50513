"""The errors of ImJoy, each with a stable code, and their record on the wire.

ImJoyError
├── ProtocolError      a frame or value is not of the agreed form, or over a limit
├── RpcError           a call did not give a value
│   ├── RemoteError        the function raised an error where it ran
│   ├── MethodNotFound     the peer has no such function
│   ├── Unserializable     a value cannot be sent to another process
│   ├── PeerUnknown        there is no such peer
│   ├── PeerGone           the peer went away before it answered
│   │   ├── EngineRestarted    as the engine was started anew
│   │   └── OutcomeUnknown     after so long that nobody knows how the call ended
│   ├── CallCancelled      the call was cancelled
│   └── CallTimeout        the call took longer than its limit
├── PluginError        a plugin did something wrong
│   ├── ManifestError      its file is not valid
│   ├── LoadFailed         it could not be loaded
│   └── PluginCrashed      its process or frame ended; a PeerGone as well
├── EnvError           an environment could not be made
└── AuthError          the caller has no right to this
"""

from __future__ import annotations

import traceback as tracebacks
from typing import Any, Dict, List, Optional, Type

__all__ = [
    "AuthError",
    "CallCancelled",
    "CallTimeout",
    "EngineRestarted",
    "EnvError",
    "ImJoyError",
    "LoadFailed",
    "ManifestError",
    "MethodNotFound",
    "OutcomeUnknown",
    "PeerGone",
    "PeerUnknown",
    "PluginCrashed",
    "PluginError",
    "ProtocolError",
    "RemoteError",
    "RpcError",
    "Unserializable",
    "bare_record",
    "error_from_record",
    "error_record",
]


class ImJoyError(Exception):
    """An error with a stable `code`; `data` are facts about it that can be sent."""

    code = "engine.internal"
    # Class name and traceback where the error was raised, when that was in another process.
    name: Optional[str] = None
    traceback: Optional[str] = None

    def __init__(
        self, message: str, data: Optional[Dict[str, Any]] = None, code: Optional[str] = None
    ) -> None:
        super().__init__(message)
        self.message = message
        self.data = data
        if code is not None:
            self.code = code


class ProtocolError(ImJoyError):
    code = "protocol.malformed"


class RpcError(ImJoyError):
    pass


class RemoteError(RpcError):
    """What a function raised in another process; `name` is that of the class it had there."""

    code = "plugin.error"


class MethodNotFound(RpcError):
    code = "rpc.method_not_found"


class Unserializable(RpcError):
    code = "rpc.unserializable"


class PeerUnknown(RpcError):
    code = "rpc.peer_unknown"


class PeerGone(RpcError):
    code = "rpc.peer_gone"


class EngineRestarted(PeerGone):
    code = "rpc.engine_restarted"


class OutcomeUnknown(PeerGone):
    code = "rpc.outcome_unknown"


class CallCancelled(RpcError):
    code = "rpc.cancelled"


class CallTimeout(RpcError):
    code = "rpc.timeout"


class PluginError(ImJoyError):
    code = "plugin.error"


class ManifestError(PluginError):
    code = "plugin.manifest"


class LoadFailed(PluginError):
    code = "plugin.load_failed"


class PluginCrashed(PluginError, PeerGone):
    code = "plugin.crashed"


class EnvError(ImJoyError):
    """An environment could not be made: which `step` failed, its `cause` and the `remedy`."""

    code = "env.build_failed"

    def __init__(
        self,
        step: str,
        cause: str,
        remedy: str,
        data: Optional[Dict[str, Any]] = None,
        code: Optional[str] = None,
    ) -> None:
        facts = {"step": step, "cause": cause, "remedy": remedy}
        facts.update(data or {})
        super().__init__(f"{step}: {cause} {remedy}", facts, code)
        self.step, self.cause, self.remedy = step, cause, remedy


class AuthError(ImJoyError):
    code = "auth.required"


_RECEIVED: Dict[str, Type[RpcError]] = {
    kind.code: kind
    for kind in (
        MethodNotFound,
        Unserializable,
        PeerUnknown,
        PeerGone,
        EngineRestarted,
        OutcomeUnknown,
        CallCancelled,
        CallTimeout,
        PluginCrashed,
    )
}
# Errors that led to an error are told this many steps back.
MAX_CAUSES = 8
# Errors of these codes are surprises, so the lines that raised them are worth sending.
_WITH_TRACEBACK = ("plugin.error", "plugin.load_failed", "engine.internal")


def error_record(exc: BaseException, chained: int = 0) -> Dict[str, Any]:
    """`{code, name, message, traceback, data}`, and `cause`, a record, when another error led to it.

    An exception that is not ours is `plugin.error`; `chained`: how many errors it has led to.
    """
    code, data = "plugin.error", None
    name, trace = type(exc).__name__, None
    if isinstance(exc, ImJoyError):
        code, data = exc.code, exc.data
        name, trace = exc.name or name, exc.traceback
    if trace is None and code in _WITH_TRACEBACK:
        trace = _format(exc, chained == 0)
    record: Dict[str, Any] = {"code": code, "name": name, "message": _message(exc)}
    record.update(traceback=trace, data=data)
    cause = exc.__cause__
    if cause is None and not exc.__suppress_context__:
        cause = exc.__context__
    if cause is not None and chained < MAX_CAUSES:
        record["cause"] = error_record(cause, chained + 1)
    return record


def bare_record(exc: BaseException) -> Dict[str, Any]:
    """As `error_record`, without anything that might not be plain text."""
    code = exc.code if isinstance(exc, ImJoyError) else "plugin.error"
    record: Dict[str, Any] = {"code": code, "name": type(exc).__name__, "message": _message(exc)}
    record.update(traceback=None, data=None)
    return record


def error_from_record(record: Any) -> ImJoyError:
    """The exception for a record that arrived; raises ProtocolError when it is not a record."""
    if not _is_record(record):
        raise ProtocolError("A message is not well formed: an error lacks its fields.")
    kind = _RECEIVED.get(record["code"], RemoteError)
    error = kind(record["message"], record.get("data"), record["code"])
    error.name, error.traceback = record["name"], record.get("traceback")
    if record.get("cause") is not None:
        error.__cause__ = error_from_record(record["cause"])
    return error


def _is_record(record: Any) -> bool:
    if not isinstance(record, dict):
        return False
    texts = [record.get(key) for key in ("code", "name", "message")]
    trace, data = record.get("traceback"), record.get("data")
    return (
        all(isinstance(text, str) for text in texts)
        and (trace is None or isinstance(trace, str))
        and (data is None or isinstance(data, dict))
    )


def _message(exc: BaseException) -> str:
    if isinstance(exc, ImJoyError):
        return exc.message
    try:
        return str(exc)
    except Exception:  # noqa: BLE001  # the text comes from code of a plugin
        return "The error could not be described."


def _format(exc: BaseException, chain: bool) -> Optional[str]:
    if exc.__traceback__ is None:
        return None
    try:
        lines: List[str] = tracebacks.format_exception(
            type(exc), exc, exc.__traceback__, chain=chain
        )
    except Exception:  # noqa: BLE001  # it calls methods of a plugin's classes
        lines = tracebacks.format_tb(exc.__traceback__)
    return "".join(lines)
