import { expect, it } from "vitest";
import { makeCookies } from "./habits";

it("keeps cookies until they end", () => {
  const cookies = makeCookies(() => Date.parse("2026-01-01"));
  cookies.set("a=1; path=/; SameSite=Lax");
  cookies.set(" b = x=y ; max-age=60");
  cookies.set("plain");
  expect(cookies.get()).toBe("a=1; b=x=y; plain");
  cookies.set("a=2; expires=Fri, 01 Jan 2027 00:00:00 GMT");
  cookies.set("b=; expires=Thu, 01 Jan 1970 00:00:00 GMT");
  expect(cookies.get()).toBe("a=2; plain");
  cookies.set("a=; Max-Age=0");
  expect(cookies.get()).toBe("plain");
});
