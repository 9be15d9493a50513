/** The address bar: what it asks for, and what must not stay in it. */
import { cleaned, readWish, type Wish, withWorkspace } from "./wish";

/** What the address asks for. Its secret is taken out at once, so that it is kept nowhere. */
export function takeWish(): Wish {
  const address = new URL(location.href);
  const clean = cleaned(address, false);
  if (clean !== address.href.slice(address.origin.length)) replace(clean);
  return readWish(address);
}

/** What was asked for has been done, and a reload shall not do it again. */
export function leaveBehind(): void {
  replace(cleaned(new URL(location.href), true));
}

/** An address that names the workspace that was open names the one that is open now. */
export function followName(before: string, now: string): void {
  const renamed = withWorkspace(new URL(location.href), before, now);
  if (renamed !== null) replace(renamed);
}

function replace(address: string): void {
  history.replaceState(history.state, "", address);
}
