/** The one error class of the protocol and its record on the wire. */

/** What travels when a call fails; receivers match on `code`, never on text. */
export interface ErrorRecord {
  code: string;
  name: string;
  message: string;
  traceback: string | null;
  data: unknown;
  /** The error that led to this one. */
  cause?: ErrorRecord | null | undefined;
}

/** Errors that led to an error are told this many steps back. */
const MAX_CAUSES = 8;

export interface RpcErrorDetails {
  /** Class name of the error where it was raised. */
  remoteName?: string | undefined;
  traceback?: string | null | undefined;
  data?: unknown;
  cause?: unknown;
}

/** An error with a stable code, raised here or received from another peer. */
export class RpcError extends Error {
  readonly code: string;
  readonly remoteName?: string | undefined;
  readonly traceback?: string | null | undefined;
  readonly data?: unknown;

  constructor(code: string, message: string, details: RpcErrorDetails = {}) {
    super(message, details.cause === undefined ? undefined : { cause: details.cause });
    this.name = "RpcError";
    this.code = code;
    this.remoteName = details.remoteName;
    this.traceback = details.traceback;
    this.data = details.data;
  }
}

/** Whatever was thrown, as a record. Errors without a code of ours are those of a plugin. */
export function toErrorRecord(thrown: unknown, chained = 0): ErrorRecord {
  const cause = thrown instanceof Error ? thrown.cause : undefined;
  const record = oneRecord(thrown);
  if (cause === undefined || cause === null || chained >= MAX_CAUSES) return record;
  return { ...record, cause: toErrorRecord(cause, chained + 1) };
}

function oneRecord(thrown: unknown): ErrorRecord {
  if (thrown instanceof RpcError) {
    return {
      code: thrown.code,
      name: thrown.remoteName ?? thrown.name,
      message: thrown.message,
      traceback: thrown.traceback === undefined ? (thrown.stack ?? null) : thrown.traceback,
      data: thrown.data ?? null,
    };
  }
  return { code: "plugin.error", ...describe(thrown), data: null };
}

export function fromErrorRecord(record: ErrorRecord): RpcError {
  return new RpcError(record.code, record.message, {
    remoteName: record.name,
    traceback: record.traceback,
    data: record.data,
    cause: record.cause ? fromErrorRecord(record.cause) : undefined,
  });
}

/** Whether a decoded value has the shape of an error record. */
export function isErrorRecord(value: unknown): value is ErrorRecord {
  if (typeof value !== "object" || value === null || Array.isArray(value)) return false;
  const own = (key: string): unknown => Object.getOwnPropertyDescriptor(value, key)?.value;
  const traceback = own("traceback") ?? null;
  const data = own("data") ?? null;
  const cause = own("cause") ?? null;
  return (
    typeof own("code") === "string" &&
    typeof own("name") === "string" &&
    typeof own("message") === "string" &&
    (traceback === null || typeof traceback === "string") &&
    typeof data === "object" &&
    !Array.isArray(data) &&
    (cause === null || isErrorRecord(cause))
  );
}

function describe(thrown: unknown): { name: string; message: string; traceback: string | null } {
  try {
    if (typeof thrown !== "object" || thrown === null) {
      return { name: "Error", message: String(thrown), traceback: null };
    }
    const { name, message, stack } = thrown as Partial<Error>;
    return {
      name: typeof name === "string" && name !== "" ? name : "Error",
      message: typeof message === "string" ? message : String(thrown),
      traceback: typeof stack === "string" ? stack : null,
    };
  } catch {
    return { name: "Error", message: "The error could not be described.", traceback: null };
  }
}
