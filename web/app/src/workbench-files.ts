/** Opens what a person drops, chooses or has an address of: plugins, workspaces, images, and what plugins take. */
import type { ImageData_ } from "./model";
import { codedError, toFailure } from "./plugins/failure";
import { chooseOpener } from "./services/loaders";
import type { Parts } from "./workbench-parts";
import type { PluginActions } from "./workbench-plugins";
import type { Room } from "./workbench-room";

export interface OpenParts {
  parts: Parts;
  plugins: PluginActions;
  /** Once the database is open. */
  room(): Room | null;
  importWorkspace(file: File): Promise<void>;
}

export class FileActions {
  constructor(private readonly needs: OpenParts) {}

  async openFiles(files: File[]): Promise<void> {
    for (const file of files) await this.openFile(file, file.name);
  }

  openAddress(address: string): Promise<void> {
    return this.needs.parts.opener.download(address, (file) => this.openFile(file, address));
  }

  async openSample(id: string): Promise<void> {
    const { samples, opener, base } = this.needs.parts;
    const sample = samples.get().find((entry) => entry.id === id);
    if (!sample) {
      const cause = `There is no sample "${id}".`;
      const remedy = `These can be opened: ${samples
        .get()
        .map((known) => known.id)
        .join(", ")}.`;
      throw codedError("file.not_found", `${cause} ${remedy}`, { cause, remedy });
    }
    await opener.openUrl(new URL(sample.path, base).href, sample.name, "sample");
  }

  openImage(name: string, image: ImageData_, origin: string, beside?: string): string {
    return this.needs.parts.opener.show(name, image, origin, beside);
  }

  async openView(type: string, data: Record<string, unknown>): Promise<void> {
    const desk = this.needs.room();
    if (!desk) return;
    const name = typeof data.name === "string" ? data.name : type;
    const { openView } = await import("./services/views");
    const beside = desk.windows.lastImage()?.id;
    const origin = "the address that was opened";
    await openView(desk, { type, name, data, config: data, beside, origin, hosts: null });
  }

  private async openFile(file: File, origin: string): Promise<void> {
    const { plugins } = this.needs;
    if (/\.(imjoy\.html?|py|m?js)$/i.test(file.name)) await plugins.installFromFile(file);
    else if (/\.imjoy\.zip$/i.test(file.name)) await this.openWorkspace(file);
    else await this.openWith(file, origin);
  }

  private async openWith(file: File, origin: string): Promise<void> {
    const { room, plugins, parts } = this.needs;
    const desk = room();
    const opener = desk ? await chooseOpener(desk, file) : "viewer";
    if (opener === "viewer") await parts.opener.openFile(file, origin);
    else if (opener?.op !== undefined) await plugins.runOperator(opener.plugin.id, opener.op, file);
    else if (opener !== null) await desk?.runner.runWith(opener.plugin, file);
  }

  private async openWorkspace(file: File): Promise<void> {
    try {
      await this.needs.importWorkspace(file);
    } catch (error) {
      this.needs.parts.notices.fail(toFailure(error, `Opening the workspace in ${file.name}`));
    }
  }
}
