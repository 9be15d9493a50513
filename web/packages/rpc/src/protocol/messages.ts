/**
 * The frames, limits and error codes of the protocol.
 * Generated from protocol/model.json by protocol/generate.py; do not edit.
 */
import { RpcError } from "../errors";

/** Run an exported function. */
export type CallHeader = {
  readonly type: "call";
  readonly id: string;
  readonly to: string;
  from: string;
  readonly target: string;
  readonly kwargs?: boolean | undefined;
  readonly lossy?: string | undefined;
};

/** The value a call returned. */
export type ResultHeader = {
  readonly type: "result";
  readonly id: string;
  readonly to: string;
  from: string;
};

/** Why a call failed. */
export type ErrorHeader = {
  readonly type: "error";
  readonly id: string;
  readonly to: string;
  from: string;
};

/** The caller of a call is no longer interested. */
export type CancelHeader = {
  readonly type: "cancel";
  readonly id: string;
  readonly to: string;
  from: string;
};

/** References that the sender has dropped. */
export type ReleaseHeader = {
  readonly type: "release";
  readonly to: string;
  from: string;
  readonly targets: Readonly<Record<string, number>>;
};

/** A peer, and everything below it, is gone. */
export type GoneHeader = {
  readonly type: "gone";
  readonly to: string;
  from: string;
  readonly peer: string;
  readonly reason: string;
  readonly code?: string | undefined;
  readonly reloaded?: boolean | undefined;
};

export type Header =
  | CallHeader
  | ResultHeader
  | ErrorHeader
  | CancelHeader
  | ReleaseHeader
  | GoneHeader;

export const PROTOCOL = 1;

export const LIMITS = {
  depth: 64,
  nodes: 1_000_000,
  body: 67_108_864,
  buffers: 4_096,
  frame: 2_147_483_648,
  large_frames: 256,
  large_bytes: 4_294_967_296,
  waiting_frames: 65_536,
  waiting_bytes: 1_073_741_824,
} as const;

/** Times, in seconds, and sizes of a session. */
export const SESSION = {
  ack_seconds: 1,
  ack_frames: 64,
  ack_bytes: 524_288,
  heartbeat_seconds: 10,
  dead_seconds: 20,
  probe_seconds: 3,
  jump_seconds: 5,
  ring_frames: 4_096,
  ring_bytes: 8_388_608,
  piece_bytes: 524_288,
  bulk_bytes: 4_194_304,
  near_ms: 10,
  near_bulk_bytes: 8_388_608,
  first_delay_ms: 250,
  last_delay_ms: 10_000,
  grace_seconds: 10_800,
  absent_seconds: 900,
  absent_bytes: 1_073_741_824,
  slow_bytes: 4_194_304,
  quick_bytes: 8_388_608,
  slow_seconds: 60,
  pack_from: 32_768,
  pack_sample: 16_384,
  pack_most: 4_194_304,
} as const;

/** What each error code means. */
export const ERRORS = {
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
} as const;

export type FieldType = "id" | "address" | "string" | "boolean" | "counts";

export interface Field {
  readonly type: FieldType;
  readonly optional: boolean;
}

/** The fields of each frame besides `type`. */
export const FIELDS: Readonly<Record<string, Readonly<Record<string, Field>>>> = {
  call: {
    id: { type: "id", optional: false },
    to: { type: "address", optional: false },
    from: { type: "address", optional: false },
    target: { type: "string", optional: false },
    kwargs: { type: "boolean", optional: true },
    lossy: { type: "string", optional: true },
  },
  result: {
    id: { type: "id", optional: false },
    to: { type: "address", optional: false },
    from: { type: "address", optional: false },
  },
  error: {
    id: { type: "id", optional: false },
    to: { type: "address", optional: false },
    from: { type: "address", optional: false },
  },
  cancel: {
    id: { type: "id", optional: false },
    to: { type: "address", optional: false },
    from: { type: "address", optional: false },
  },
  release: {
    to: { type: "address", optional: false },
    from: { type: "address", optional: false },
    targets: { type: "counts", optional: false },
  },
  gone: {
    to: { type: "address", optional: false },
    from: { type: "address", optional: false },
    peer: { type: "address", optional: false },
    reason: { type: "string", optional: false },
    code: { type: "string", optional: true },
    reloaded: { type: "boolean", optional: true },
  },
};

const ID = /^[0-9a-z]{32}$/;
const ADDRESS = /^[0-9a-z]{32}(\/[0-9a-z]{32})*$/;

const CHECKS: Readonly<Record<FieldType, (value: unknown) => boolean>> = {
  id: (value) => typeof value === "string" && ID.test(value),
  address: (value) => typeof value === "string" && ADDRESS.test(value),
  string: (value) => typeof value === "string",
  boolean: (value) => typeof value === "boolean",
  counts: (value) =>
    isObject(value) &&
    Object.values(value).every((count) => Number.isSafeInteger(count) && (count as number) > 0),
};

/** The header itself when it is one of the frames above. Raises protocol.malformed. */
export function checkHeader(value: unknown): Header {
  const type = isObject(value) && Object.hasOwn(value, "type") ? value.type : undefined;
  if (!isObject(value) || typeof type !== "string" || !Object.hasOwn(FIELDS, type)) {
    throw malformed("its header has no known type");
  }
  for (const [name, field] of Object.entries(FIELDS[type] ?? {})) {
    const present = Object.hasOwn(value, name) && value[name] !== undefined;
    if (!present && field.optional) continue;
    if (!present) throw malformed(`its header lacks "${name}"`);
    if (!CHECKS[field.type](value[name])) throw malformed(`its header has a wrong "${name}"`);
  }
  return value as unknown as Header;
}

function isObject(value: unknown): value is Record<string, unknown> {
  return typeof value === "object" && value !== null && !Array.isArray(value);
}

function malformed(why: string): RpcError {
  return new RpcError("protocol.malformed", `A message is not well formed: ${why}.`);
}
