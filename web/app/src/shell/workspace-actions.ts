/** What the menu, the list and the palette do with workspaces. */
import type { CurrentWorkspace, Workbench, WorkspacePlace } from "../model";
import { toFailure } from "../plugins/failure";
import { FIRST_NAME } from "../workspaces/workspace-list";
import type { CommandContext } from "./commands/command";
import { t } from "./messages";

const SAVED = { saved: "saved", saving: "saving", changed: "not saved yet", failed: "not saved" };

/** The name of a workspace as it is shown; the one that nobody has given is in the language of the page. */
export function shownName(name: string): string {
  return name === FIRST_NAME ? t(FIRST_NAME) : name;
}

/** Whether the open workspace is kept, in words. */
export function savedWords({ lasting, saved }: CurrentWorkspace): string {
  return t(lasting ? SAVED[saved] : "not kept");
}

/** A promise whose failure becomes a notice. */
export function whenItFails(
  { workbench }: Pick<CommandContext, "workbench">,
  step: string,
  work: Promise<unknown>,
): void {
  work.catch((error: unknown) => {
    const failure = toFailure(error, step);
    workbench.notify("error", `${failure.step}: ${failure.cause}`, failure);
  });
}

export function newWorkspace(context: CommandContext, place: WorkspacePlace): void {
  const name = place === "temporary" ? t("Temporary") : t("Workspace");
  const { workspaces } = context.workbench;
  whenItFails(context, t("New workspace"), workspaces.create(name, place));
}

/** Offers the open workspace as a file to save; rejects when it cannot be packed. */
export async function exportWorkspace(workbench: Workbench, data: boolean): Promise<void> {
  const file = await workbench.workspaces.exportFile(data);
  const link = document.createElement("a");
  link.href = URL.createObjectURL(file);
  link.download = file.name;
  link.click();
  setTimeout(() => URL.revokeObjectURL(link.href), 60_000);
}
