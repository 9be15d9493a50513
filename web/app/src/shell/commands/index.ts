/**
 * Every action of the page, by topic. To add one, add it to the file of its topic, or a file and a line here;
 * the palette, the list of shortcuts and the keyboard then know it.
 */
import { type Command, type CommandContext, type CommandSource, toldApart } from "./command";
import { editorCommands } from "./editor";
import { fileCommands } from "./files";
import { helpCommands } from "./help";
import { pluginCommands } from "./plugins";
import { viewCommands } from "./view";
import { windowCommands } from "./windows";
import { workspaceCommands } from "./workspaces";

export { type Command, type CommandContext, findCommands } from "./command";
export { ariaKeys, commandForKeys, keysFor, keysOf, showKeys } from "./keys";

const SOURCES: CommandSource[] = [
  fileCommands,
  workspaceCommands,
  windowCommands,
  viewCommands,
  helpCommands,
  pluginCommands,
  editorCommands,
];

/** All commands that can be used now. */
export function allCommands(context: CommandContext): Command[] {
  return toldApart(SOURCES.flatMap((source) => source(context))).filter(
    (command) => command.when?.() !== false,
  );
}
