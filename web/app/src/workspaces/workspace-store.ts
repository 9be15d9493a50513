/** Where workspaces are kept: records with revisions, their history, and the bytes of their data. */
import type {
  WorkspaceContent,
  WorkspaceRecord,
  WorkspaceRevision,
  WorkspaceSummary,
} from "../model";
import type { Blobs } from "./blobs";
import type { Database, Table } from "./database";
import { pluginBlob } from "./snapshot";

/** Thrown when somebody else has saved since the record was read. */
export class WorkspaceConflict extends Error {}

export interface WorkspaceStore {
  readonly blobs: Blobs;
  /** False when nothing of it is there once the page is gone. */
  readonly lasting: boolean;
  list(): Promise<WorkspaceSummary[]>;
  read(id: string): Promise<WorkspaceRecord | null>;
  /**
   * Keeps a record whose `revision` is one above that of the record it was made from, which goes into the
   * history when its last state there is old enough, or with `keepsBefore`.
   * @throws WorkspaceConflict when another revision is there by now
   */
  write(record: WorkspaceRecord, keepsBefore?: boolean): Promise<void>;
  /** Deletes for good. */
  erase(id: string): Promise<void>;
  history(id: string): Promise<WorkspaceRevision[]>;
  readRevision(id: string, revision: number): Promise<WorkspaceRecord | null>;
}

/** Earlier states that are kept of one workspace. */
export const HISTORY = 30;
/** Milliseconds between two states that are both kept. */
const APART = 60_000;

/** Names of the bytes that belong to a workspace. */
export function blobsOf({ items, plugins }: WorkspaceContent): string[] {
  const data = items.flatMap(({ blob }) => (blob === null ? [] : [blob]));
  return [...data, ...plugins.map(({ hash }) => pluginBlob(hash))];
}

export class BrowserWorkspaces implements WorkspaceStore {
  readonly lasting: boolean;
  private readonly records: Table<WorkspaceRecord>;
  private readonly earlier: Table<WorkspaceRecord>;

  constructor(
    database: Database,
    readonly blobs: Blobs,
  ) {
    this.lasting = database.lasting;
    this.records = database.table("workspaces");
    this.earlier = database.table("history");
  }

  async list(): Promise<WorkspaceSummary[]> {
    return (await this.records.all()).map(({ content: _, ...summary }) => summary);
  }

  async read(id: string): Promise<WorkspaceRecord | null> {
    return (await this.records.get(id)) ?? null;
  }

  async write(record: WorkspaceRecord, keepsBefore = false): Promise<void> {
    let before: WorkspaceRecord | undefined;
    await this.records.change(record.id, (known) => {
      if ((known?.revision ?? 0) !== record.revision - 1) {
        throw new WorkspaceConflict(`The workspace "${record.name}" was changed elsewhere.`);
      }
      before = known;
      return record;
    });
    if (before) await this.keepEarlier(before, record, keepsBefore);
  }

  async erase(id: string): Promise<void> {
    await this.records.delete(id);
    for (const { revision } of await this.history(id)) {
      await this.earlier.delete([id, String(revision)]);
    }
    await this.sweep();
  }

  async history(id: string): Promise<WorkspaceRevision[]> {
    return (await this.earlier.all())
      .filter((record) => record.id === id)
      .sort((a, b) => b.revision - a.revision)
      .map(({ revision, changedAt, content }) => ({
        revision,
        changedAt,
        windows: content.windows.map(({ title }) => title),
      }));
  }

  async readRevision(id: string, revision: number): Promise<WorkspaceRecord | null> {
    return (await this.earlier.get([id, String(revision)])) ?? null;
  }

  private async keepEarlier(
    before: WorkspaceRecord,
    now: WorkspaceRecord,
    always: boolean,
  ): Promise<void> {
    const kept = await this.history(before.id);
    const newest = kept[0];
    if (!always && newest && now.changedAt - newest.changedAt < APART) return;
    if (before.content.windows.length === 0) return;
    await this.earlier.put([before.id, String(before.revision)], before);
    for (const { revision } of kept.slice(HISTORY - 1)) {
      await this.earlier.delete([before.id, String(revision)]);
    }
  }

  /** Deletes the bytes that no record and no earlier state names any more. */
  async sweep(): Promise<void> {
    const records = [...(await this.records.all()), ...(await this.earlier.all())];
    const used = new Set(records.flatMap(({ content }) => blobsOf(content)));
    for (const name of await this.blobs.names()) {
      if (!used.has(name)) await this.blobs.delete(name);
    }
  }
}
