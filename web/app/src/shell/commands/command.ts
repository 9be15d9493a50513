/** What a command is: an action of the page under its name. Palette, menus and keys all read the same table. */
import type { Workbench } from "../../model";
import type { ShellState } from "../state";

export type CommandGroup =
  | "Files"
  | "Workspace"
  | "Windows"
  | "Plugins"
  | "Editor"
  | "View"
  | "Help";

export interface Command {
  /** Stable: `group.action`. Keys that users chose are kept by it. */
  id: string;
  /** As the user reads it, in the user's language. */
  title: string;
  group: CommandGroup;
  /** What else somebody may call it who looks for it. */
  words?: string;
  /** Default keys, such as "Mod+Shift+P"; Mod is Ctrl, or Cmd on a Mac. */
  keys?: string[];
  /** False while it makes no sense; it is not offered then. */
  when?(): boolean;
  run(): void;
}

/** What commands act on. */
export interface CommandContext {
  workbench: Workbench;
  shell: ShellState;
}

/** Gives the commands of one topic as they are now. */
export type CommandSource = (context: CommandContext) => Command[];

/** Plugins of two repositories, say, may have one name: further commands of an id get a number. */
export function toldApart(commands: Command[]): Command[] {
  const seen = new Map<string, number>();
  return commands.map((command) => {
    const times = (seen.get(command.id) ?? 0) + 1;
    seen.set(command.id, times);
    return times === 1 ? command : { ...command, id: `${command.id}#${times}` };
  });
}

/**
 * Commands whose title, or other name, holds every word of the search. Those that begin with it come first, then those with
 * words that do, and of these the ones that say little else.
 */
export function findCommands(commands: Command[], search: string): Command[] {
  const words = search.toLowerCase().split(/\s+/).filter(Boolean);
  if (words.length === 0) return commands;
  return commands
    .map((command) => ({ command, title: command.title.toLowerCase() }))
    .filter(({ command, title }) => {
      const said = `${title} ${command.words?.toLowerCase() ?? ""}`;
      return words.every((word) => said.includes(word));
    })
    .map(({ command, title }) => ({ command, rank: rankOf(title, words), length: title.length }))
    .sort((a, b) => a.rank - b.rank || a.length - b.length)
    .map(({ command }) => command);
}

function rankOf(title: string, words: string[]): number {
  if (title.startsWith(words.join(" "))) return 0;
  return words.every((word) => ` ${title}`.includes(` ${word}`)) ? 1 : 2;
}
