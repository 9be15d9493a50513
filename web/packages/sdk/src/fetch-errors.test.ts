import { describe, expect, it } from "vitest";
import { nameAddresses } from "./fetch-errors";

function realm(error: Error): { fetch: typeof fetch } {
  return { fetch: () => Promise.reject(error) };
}

describe("an address that cannot be fetched", () => {
  it.each([
    ["https://gone.org/a.json", new Set<string>(), "Failed to fetch https://gone.org/a.json"],
    [
      new URL("https://far.org/b"),
      new Set(["https://far.org"]),
      "Failed to fetch https://far.org/b, which the plugin may not reach",
    ],
  ])("is named: %s", async (address, forbidden, message) => {
    const place = realm(new TypeError("Failed to fetch"));
    nameAddresses(place, forbidden);
    await expect(place.fetch(address)).rejects.toThrow(new TypeError(message));
  });

  it("leaves other errors as they are", async () => {
    const place = realm(new DOMException("stopped", "AbortError"));
    nameAddresses(place, new Set());
    await expect(place.fetch("https://a.org/")).rejects.toThrow("stopped");
  });
});
