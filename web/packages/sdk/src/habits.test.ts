import { expect, it } from "vitest";
import { makeCookies, urlsBeside } from "./habits";

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

it("finds what would lie beside a page that has no address", () => {
  const Url = urlsBeside("about:srcdoc", "https://app.example/frames/");
  expect(new Url("worker.js", "about:srcdoc").href).toBe("https://app.example/frames/worker.js");
  expect(new Url("a.js", new Url("https://host.example/lib/")).href).toBe(
    "https://host.example/lib/a.js",
  );
  expect(new Url("https://host.example")).toBeInstanceOf(URL);
  expect(() => new Url("a.js")).toThrow();
});
