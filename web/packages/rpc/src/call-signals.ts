/** Signals among the arguments of a call: they cancel it, and are not sent. */

export interface Signalled {
  readonly args: readonly unknown[];
  readonly signal: AbortSignal | undefined;
}

/**
 * Takes every AbortSignal out of the arguments, and the field `signal` out of the options that come last, as
 * `fetch` has it. `keeps`: these options are sent even when nothing else is in them.
 */
export function takeSignals(args: readonly unknown[], keeps: boolean): Signalled {
  const { options, own } = optionsOf(args.at(-1));
  if (!own && !args.some(isSignal)) return { args, signal: undefined };
  const signals = own ? [own, ...args.filter(isSignal)] : args.filter(isSignal);
  const rest = own ? args.slice(0, -1) : args;
  const left = rest.filter((value) => !isSignal(value));
  if (own && (keeps || Object.keys(options).length > 0)) left.push(options);
  return { args: left, signal: signals.length > 1 ? AbortSignal.any(signals) : signals[0] };
}

function optionsOf(last: unknown): { options: object; own: AbortSignal | undefined } {
  const isPlain = typeof last === "object" && last !== null && isPlainObject(last);
  if (!isPlain || !("signal" in last)) return { options: {}, own: undefined };
  const { signal, ...options } = last;
  return isSignal(signal) ? { options, own: signal } : { options: last, own: undefined };
}

function isPlainObject(value: object): boolean {
  const parent = Object.getPrototypeOf(value);
  return parent === Object.prototype || parent === null;
}

function isSignal(value: unknown): value is AbortSignal {
  return value instanceof AbortSignal;
}
