/** Workspaces that an engine keeps in a folder of its machine, so that any browser that signs in has them. */
import type { WorkspaceRecord, WorkspaceRevision, WorkspaceSummary } from "../model";
import type { Blobs } from "./blobs";
import { WorkspaceConflict, type WorkspaceStore } from "./workspace-store";

interface Engine {
  call(target: string, args: readonly unknown[]): Promise<unknown>;
}

export class EngineWorkspaces implements WorkspaceStore {
  readonly blobs: Blobs;
  readonly lasting = true;

  constructor(private readonly engine: Engine) {
    this.blobs = {
      has: async (name) => (await this.ask("has_blob", name)) === true,
      get: async (name) => {
        const bytes = (await this.ask("read_blob", name)) as Uint8Array | null;
        return bytes && new Uint8Array(bytes);
      },
      put: async (name, bytes) => {
        await this.ask("write_blob", name, bytes);
      },
      delete: async (name) => {
        await this.ask("remove_blob", name);
      },
      names: async () => (await this.ask("blobs")) as string[],
    };
  }

  async list(): Promise<WorkspaceSummary[]> {
    return (await this.ask("list")) as WorkspaceSummary[];
  }

  async read(id: string): Promise<WorkspaceRecord | null> {
    return parse(await this.ask("read", id));
  }

  async write(record: WorkspaceRecord, keepsBefore = false): Promise<void> {
    if (await this.ask("write", JSON.stringify(record), keepsBefore)) return;
    throw new WorkspaceConflict(`The workspace "${record.name}" was changed elsewhere.`);
  }

  async erase(id: string): Promise<void> {
    await this.ask("erase", id);
  }

  async history(id: string): Promise<WorkspaceRevision[]> {
    return (await this.ask("history", id)) as WorkspaceRevision[];
  }

  async readRevision(id: string, revision: number): Promise<WorkspaceRecord | null> {
    return parse(await this.ask("read_revision", id, revision));
  }

  private ask(name: string, ...args: unknown[]): Promise<unknown> {
    return this.engine.call(`workspaces.${name}`, args);
  }
}

function parse(text: unknown): WorkspaceRecord | null {
  return typeof text === "string" ? (JSON.parse(text) as WorkspaceRecord) : null;
}
