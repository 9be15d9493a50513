import { afterEach, describe, expect, it, vi } from "vitest";
import { browserSessionStore, login, takeCode } from "./session";

afterEach(() => vi.unstubAllGlobals());

const base = new URL("http://127.0.0.1:8080/sub/");
const answer = (body: unknown, status = 200) => {
  const get = vi.fn(async () => new Response(JSON.stringify(body), { status }));
  vi.stubGlobal("fetch", get);
  return get;
};

describe("login", () => {
  it("exchanges a code below the app's address, in the body and not in the address", async () => {
    const get = answer({ session: "s" });
    expect(await login(base, { code: "secret" })).toBe("s");
    const [url, request] = get.mock.calls[0] as unknown as [URL, RequestInit];
    expect(url.href).toBe("http://127.0.0.1:8080/sub/api/login");
    expect(request).toMatchObject({ method: "POST", body: '{"code":"secret"}' });
  });

  it.each([
    [{ code: "used" }, 401, "auth.bad_token", /newest one/],
    [{ token: "wrong" }, 401, "auth.bad_token", /Copy the one/],
    [{ token: "wrong" }, 429, "auth.rate_limited", /Wait a minute/],
  ])("explains a refusal of %j with %i", async (proof, status, code, message) => {
    answer({ code, message: "" }, status);
    await expect(login(base, proof)).rejects.toMatchObject({
      code,
      message: expect.stringMatching(message),
    });
  });

  it("says that the engine cannot be reached", async () => {
    vi.stubGlobal("fetch", () => Promise.reject(new TypeError("x")));
    await expect(login(base, { token: "t" })).rejects.toThrow(/Check that it is running/);
  });
});

describe("takeCode", () => {
  const visit = (hash: string) => {
    const replaceState = vi.fn();
    vi.stubGlobal("location", { hash, pathname: "/sub/", search: "?a=1" });
    vi.stubGlobal("history", { state: null, replaceState });
    return replaceState;
  };

  it("takes the code out of the address and leaves the rest", () => {
    const replaceState = visit("#code=abc&w=x");
    expect(takeCode()).toBe("abc");
    expect(replaceState).toHaveBeenCalledWith(null, "", "/sub/?a=1#w=x");
  });

  it("leaves an address without a code alone", () => {
    const replaceState = visit("#w=x");
    expect(takeCode()).toBeNull();
    expect(replaceState).not.toHaveBeenCalled();
  });
});

describe("browserSessionStore", () => {
  it("lasts as long as the page when the browser keeps nothing", () => {
    vi.stubGlobal("localStorage", {
      getItem: () => {
        throw new Error("closed");
      },
      setItem: () => {
        throw new Error("closed");
      },
      removeItem: () => {
        throw new Error("closed");
      },
    });
    const store = browserSessionStore();
    store.set("s");
    expect(store.get()).toBe("s");
    store.set(null);
    expect(store.get()).toBeNull();
  });
});
