/** Joins the workspaces to what they keep and bring back: windows, data, forms and plugins. */
import type { WorkspaceContent } from "./model";
import type { Forms } from "./services/forms";
import { installMissing, type MissingParts } from "./services/missing-plugins";
import type { Undoable } from "./undoable";
import type { Parts } from "./workbench-parts";
import type { Room } from "./workbench-room";
import { makeWorkspaces, type WorkspaceHome } from "./workbench-workspaces";
import type { Blobs } from "./workspaces/blobs";
import type { Dialogs } from "./workspaces/dialogs";
import { declinedQuestions } from "./workspaces/settings";
import { Snapshots } from "./workspaces/snapshot";
import type { Workspaces } from "./workspaces/workspaces";

export interface HomeParts {
  parts: Parts;
  forms: Forms;
  undoable: Undoable;
  /** Once the database is open. */
  room(): Room | null;
  workspaces(): Workspaces;
  install: MissingParts["install"];
}

export function makeHome(needs: HomeParts): WorkspaceHome {
  const { windows, items, jobs, notices, connection: engine, undo } = needs.parts;
  const needPlugins = async (content: WorkspaceContent, blobs: Blobs): Promise<void> => {
    const { catalog, dialogs, settings } = needs.room() as Room;
    const { install } = needs;
    const { id } = needs.workspaces().current.get();
    const answers = declinedQuestions(settings);
    const declined = {
      get: () => answers.get(id),
      add: (question: string) => answers.add(id, [question]),
    };
    if (!(await installMissing({ catalog, dialogs, declined, install }, content, blobs))) return;
    await needs.workspaces().reopen();
  };
  const snapshots = makeSnapshots(needs);
  const confirm: Dialogs["confirm"] = (question) =>
    (needs.room() as Room).dialogs.confirm(question);
  const shown = { windows, items, jobs, notices, undo };
  return makeWorkspaces({ ...shown, snapshots, engine, confirm, needPlugins });
}

function makeSnapshots({ parts, forms, undoable, room }: HomeParts): Snapshots {
  const { windows, items, entries, opener } = parts;
  return new Snapshots({
    windows,
    items,
    plugins: () => room()?.catalog.list() ?? [],
    formOf: (id) => entries.get(id)?.config ?? {},
    operatorForms: (id) => forms.ofOperators(id),
    setForm: (id, values, op) => forms.restore(id, values, op),
    showItem: (window, item) => void opener.showItem(window, item),
    openPlugin: (plugin, window, data) => undoable.openPlugin(plugin, window, data),
    dataOf: (window) => room()?.pluginWindows.dataOf(window),
  });
}
