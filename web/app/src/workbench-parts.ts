/** What the workbench is made of before its database is open: what is shown, the connection, the library. */
import { Peer, Router } from "@imjoy/rpc";
import { EngineConnection } from "./engines/connection";
import { keepOverReload, type PageIdentity, takeIdentity } from "./engines/identity";
import { Entries } from "./host/entries";
import { type DialogOwner, paced, type Sample, Store } from "./model";
import { toFailure } from "./plugins/failure";
import { Library } from "./plugins/library";
import type { BrowserActions } from "./services";
import { ImageOpener } from "./services/opener";
import type { Database } from "./workspaces/database";
import { Dialogs } from "./workspaces/dialogs";
import type { ImageReaders } from "./workspaces/image-value";
import { Items } from "./workspaces/items";
import { Jobs } from "./workspaces/jobs";
import { Notices } from "./workspaces/notices";
import { imageReaders } from "./workspaces/readers";
import { UndoStack } from "./workspaces/undo";
import { Windows } from "./workspaces/windows";

export interface WorkbenchOptions {
  /** Address of the app; everything it needs lies below. */
  base?: URL;
  /** What is kept between visits. */
  database?: Database;
  readers?: ImageReaders;
  /** What is done with the browser itself: choosing and saving files, opening tabs. */
  actions?: BrowserActions;
  /** Name of the workspace to open; the one that was open last when there is none. */
  workspace?: string | null;
  /** Who this page is to the engine; who gives none is found again after a reload and not after a crash. */
  identity?: PageIdentity;
}

export type Parts = ReturnType<typeof makeParts>;

/** `ownerOf` tells which plugin asks a question. */
export function makeParts(
  options: WorkbenchOptions,
  ownerOf: (id: string) => DialogOwner | undefined,
) {
  const base = options.base ?? new URL(".", document.baseURI);
  const shown = makeShown(ownerOf);
  const { items, windows, jobs, notices } = shown;
  let open = 0;
  windows.store.subscribe(({ length }) => {
    if (length > open) notices.makeWay();
    open = length;
  });
  const readers =
    options.readers ?? imageReaders(async (file) => (await import("./data")).readImage(file));
  const opener = new ImageOpener({
    items,
    windows,
    jobs,
    readers,
    fail: (failure) => notices.fail(failure),
  });
  const wire = makeWire(base, options.identity ?? takeIdentity());
  const library = new Library(base, (...call) => wire.connection.ifConnected(...call));
  return {
    page: wire.peer.address,
    base,
    actions: options.actions,
    library,
    readers,
    opener,
    ...shown,
    ...wire,
  };
}

function makeShown(ownerOf: (id: string) => DialogOwner | undefined) {
  const notices = new Notices();
  const status = new Store<{ text: string; progress: number | null }>({ text: "", progress: null });
  return {
    samples: new Store<Sample[]>([]),
    status,
    shownStatus: paced(status, 100),
    undo: new UndoStack({
      told: (text) => (text === null ? notices.dismiss("undo") : notices.tell("undo", text)),
      failed: (error, step) => notices.fail(toFailure(error, step)),
    }),
    entries: new Entries(),
    notices,
    dialogs: new Dialogs(ownerOf),
    windows: new Windows(),
    jobs: new Jobs(),
    items: new Items(),
  };
}

function makeWire(base: URL, identity: PageIdentity) {
  keepOverReload(identity);
  const { address } = identity;
  const router = new Router(address);
  const peer = new Peer({ address, send: (frame, transfer) => router.send(frame, transfer) });
  router.local = peer;
  return { router, peer, connection: new EngineConnection({ peer, router, base, identity }) };
}
