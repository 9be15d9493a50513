import { describe, expect, it } from "vitest";
import { type Command, findCommands, toldApart } from "./command";
import { commandForKeys, keysFor, keysOf, showKeys } from "./keys";

function command(title: string, keys: string[] = [], when = true): Command {
  return { id: title, title, group: "View", keys, when: () => when, run: () => undefined };
}

function pressed(key: string, code: string, ...down: ("ctrl" | "alt" | "shift" | "meta")[]) {
  return {
    key,
    code,
    ctrlKey: down.includes("ctrl"),
    altKey: down.includes("alt"),
    shiftKey: down.includes("shift"),
    metaKey: down.includes("meta"),
  };
}

describe("finding commands", () => {
  it("needs every word and puts titles that begin with the search first", () => {
    const commands = [command("Stop Blur"), command("Blur more"), command("Open files")];
    expect(findCommands(commands, " blur ").map(({ title }) => title)).toEqual([
      "Blur more",
      "Stop Blur",
    ]);
    expect(findCommands(commands, "blur stop").map(({ title }) => title)).toEqual(["Stop Blur"]);
    expect(findCommands(commands, "nothing")).toEqual([]);
    expect(findCommands(commands, "")).toHaveLength(3);
  });

  it("finds them by other names too", () => {
    const move = { ...command("Move window left"), words: "split dock" };
    expect(findCommands([move, command("Left")], "SPLIT left")).toEqual([move]);
  });

  it("puts titles that say little else before others, and words before parts of words", () => {
    const titles = ["Export with its data", "Update all", "Show Data", "Delete database"];
    expect(
      findCommands(
        titles.map((title) => command(title)),
        "data",
      ).map(({ title }) => title),
    ).toEqual(["Show Data", "Delete database", "Export with its data"]);
  });
});

describe("commands of one id", () => {
  it("are told apart, and the first keeps the id that keys are kept by", () => {
    const commands = toldApart([command("Go to A"), command("Go to B"), command("Go to A")]);
    expect(commands.map(({ id }) => id)).toEqual(["Go to A", "Go to B", "Go to A#2"]);
  });
});

describe("keys", () => {
  it("are the same on every keyboard", () => {
    expect(keysOf(pressed("k", "KeyK", "ctrl"))).toBe("Mod+K");
    expect(keysOf(pressed("k", "KeyK", "meta"))).toBe("Mod+K");
    expect(keysOf(pressed("P", "KeyP", "ctrl", "shift"))).toBe("Mod+Shift+P");
    // With Alt a Mac gives another character.
    expect(keysOf(pressed("µ", "KeyM", "alt"))).toBe("Alt+M");
    expect(keysOf(pressed("!", "Digit1", "alt", "shift"))).toBe("Alt+Shift+1");
    expect(keysOf(pressed("ArrowLeft", "ArrowLeft", "alt", "shift"))).toBe("Alt+Shift+ArrowLeft");
    expect(keysOf(pressed("Shift", "ShiftLeft", "shift"))).toBe("");
    expect(keysOf(pressed("F1", "F1"))).toBe("F1");
    expect(keysOf(pressed(",", "Comma", "ctrl"))).toBe("Mod+,");
  });

  it("are shown as they are written on the keyboard", () => {
    expect(showKeys("Mod+Shift+ArrowUp", false)).toBe("Ctrl+Shift+↑");
    expect(showKeys("Mod+Shift+K", true)).toBe("⌘⇧K");
  });

  it("can be given to another command or taken away", () => {
    const commands = [
      command("a", ["Mod+A"]),
      command("b", ["Mod+B"]),
      command("c", ["F1"], false),
    ];
    expect(commandForKeys(commands, "Mod+A", {})?.id).toBe("a");
    expect(commandForKeys(commands, "Mod+A", { a: [], b: ["Mod+A"] })?.id).toBe("b");
    expect(commandForKeys(commands, "F1", {})).toBeUndefined();
    expect(commandForKeys(commands, "", {})).toBeUndefined();
    expect(keysFor(commands[1] as Command, { b: [] })).toEqual([]);
  });
});
