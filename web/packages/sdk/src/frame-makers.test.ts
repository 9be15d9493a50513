import { expect, it } from "vitest";
import { withoutFrames } from "./frame-makers";

it("leaves markup without frames as it is", () => {
  for (const text of ["", "<p>a frame in words</p>", "<b>x</b>".repeat(100), "1 < 2 iframe"]) {
    expect(withoutFrames(text)).toBe(text);
  }
});

it("changes the names of frames, however they are written", () => {
  expect(withoutFrames('<p><iframe src="x"></iframe>')).toBe('<p><x-iframe src="x"></iframe>');
  for (const text of ["<IFRAME/src=x>", "<iFrame\nx>", "<frame>", "<h:iframe/>", "<<iframe>"]) {
    expect(withoutFrames(text)).toMatch(/<x-/);
  }
  expect(withoutFrames("<fencedframe><portal>")).toBe("<x-fencedframe><x-portal>");
});

it("reads no entities, which could hold frames", () => {
  expect(withoutFrames('<!DOCTYPE x [<!ENTITY f "&#60;iframe/>">]>')).toContain("<x-!ENTITY");
});

it("leaves longer names alone", () => {
  expect(withoutFrames("<iframes><my-frame>")).toBe("<iframes><my-frame>");
});

it("is not slow with many beginnings of tags", () => {
  const text = `${"<".repeat(200_000)}iframe${"<a".repeat(200_000)}`;
  expect(withoutFrames(text).length).toBe(text.length + 2);
});
