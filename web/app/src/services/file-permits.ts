/** Which files of the engine a plugin may use: those that the user chose for it, or agreed to. */
import { codedError } from "../plugins/failure";
import { nameOf, type ServiceContext } from "./desk";

export class FilePermits {
  /** By the plugin's id: paths that it may read, and those that it may write too; what is below is open as well. */
  private readonly open = {
    read: new Map<string, Set<string>>(),
    write: new Map<string, Set<string>>(),
  };

  add({ caller }: ServiceContext, path: string, what: "read" | "write"): void {
    const { id } = caller.plugin;
    const paths = this.open[what].get(id) ?? new Set();
    this.open[what].set(id, paths.add(path));
  }

  /** Asks the user unless they chose the file before. @throws RpcError plugin.permission */
  async check(context: ServiceContext, path: string, what: "read" | "write"): Promise<void> {
    // A plugin on the engine has the rights of the user there anyway.
    if (context.caller.plugin.source.manifest.type === "native-python") return;
    if (this.has(context, path, "write")) return;
    if (what === "read" && this.has(context, path, "read")) return;
    const name = nameOf(context);
    const question = {
      title: `Let ${name} ${what} a file on the engine?`,
      text: `${name} wants to ${what} ${path} on the computer of the engine.`,
      confirm: "Allow",
    };
    if (!(await context.desk.dialogs.confirm(question, context.caller.plugin.id))) {
      const cause = `You did not let ${name} ${what} ${path}.`;
      const remedy = "Run it again and allow it, or choose the file in its dialog.";
      throw codedError("plugin.permission", `${cause} ${remedy}`, { cause, remedy });
    }
    this.add(context, path, what);
  }

  private has({ caller }: ServiceContext, path: string, what: "read" | "write"): boolean {
    for (const open of this.open[what].get(caller.plugin.id) ?? []) {
      if (path === open || path.startsWith(`${open.replace(/\/$/, "")}/`)) return true;
    }
    return false;
  }
}
