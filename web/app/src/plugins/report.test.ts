import { describe, expect, it } from "vitest";
import { reportOf, withoutSecrets } from "./report";

describe("what is taken out of a report", () => {
  it.each([
    ["http://127.0.0.1:9527/#token=abc-DEF_123 was refused", "abc-DEF_123"],
    ["https://lab.org/?t=s3cr3t&w=mine", "s3cr3t"],
    ["https://me:pa55word@lab.org/x", "pa55word"],
    ["Authorization: Bearer eyJhbGciOi.JIUzI1NiIs", "eyJhbGciOi"],
    ["KeyError: 'x' in {'password': 'open sesame', 'n': 1}", "open sesame"],
    ['{"api_key": "a b c"}', "a b c"],
    ["AWS_SECRET_ACCESS_KEY=wJalrXUtnFEMI/K7MDENG", "wJalrXUtnFEMI"],
    ["--token=letmein --port 80", "letmein"],
    ["Cookie: imjoy_session=abcdef", "abcdef"],
    ["found ghp_16C7e42F292c6912E7710c838347Ae178B4a", "292c6912"],
    ["-----BEGIN PRIVATE KEY-----\nMIIEvQ\nIBADAN\n-----END PRIVATE KEY-----", "IBADAN"],
    ['File "/home/ada/plugins/a.imjoy.html", line 4', "ada"],
    ["C:\\Users\\Ada\\plugin.html", "Ada"],
  ])("%s", (text, secret) => {
    expect(withoutSecrets(text)).not.toContain(secret);
  });

  it.each([
    'File "My plugin.imjoy.html", line 22, in run\n    return self.tokens[3]',
    "TypeError: this.cuont is not a function\n    at ImJoyPlugin.run (a.imjoy.html:14:9)",
    "The conda environment imjoy-numpy-scipy-environment could not be made.",
    "https://cdn.jsdelivr.net/npm/@tensorflow/tfjs@4.22.0/dist/tf.min.js could not be loaded.",
    "Sign in with the address that the engine printed.",
  ])("is not what one needs to understand it: %s", (text) => {
    expect(withoutSecrets(text)).toBe(text);
  });
});

describe("a report", () => {
  it("says what was done, why it failed and where, without secrets", () => {
    const failure = {
      step: "Running Blur",
      cause: "ValueError: token=abcdef is wrong",
      remedy: "Read its log.",
      detail: 'File "Blur.imjoy.html", line 3',
      code: "plugin.error",
    };
    expect(reportOf(failure, { Engine: "1.0.0" })).toBe(
      [
        "Running Blur failed (plugin.error).",
        "ValueError: token=[hidden] is wrong",
        "Read its log.",
        'File "Blur.imjoy.html", line 3',
        "Engine: 1.0.0",
      ].join("\n\n"),
    );
  });
});
