/** Commands that open files and samples. */
import { t } from "../messages";
import type { CommandSource } from "./command";

export const fileCommands: CommandSource = ({ workbench, shell }) => [
  {
    id: "files.open",
    title: t("Open files"),
    group: "Files",
    keys: ["Mod+O"],
    run: () => shell.chooseFiles(),
  },
  ...workbench.samples.get().map(({ id, name }) => ({
    id: `files.sample.${id}`,
    title: t("Open sample: {name}", { name }),
    group: "Files" as const,
    run: () => void workbench.openSample(id),
  })),
];
