/** Questions to the user; each is a promise that the answer settles. */
import { newId } from "@imjoy/rpc";
import {
  type DialogOwner,
  type DialogRequest,
  type FileAnswer,
  type FileQuestion,
  type FormField,
  type PluginCard,
  Store,
  type WindowModel,
} from "../model";

/** Dialogs that one caller may have open at a time. */
const LIMIT = 5;

export class Dialogs {
  readonly store = new Store<DialogRequest[]>([]);
  private readonly owners = new Map<string, string>();

  /** `find` tells of the plugin of an id, which a dialog of that plugin then names. */
  constructor(
    private readonly find: (plugin: string) => DialogOwner | undefined = () => undefined,
  ) {}

  alert(title: string, text: string, owner = ""): Promise<void> {
    return this.ask<void>(owner, (id, answer) => ({
      id,
      kind: "alert",
      title,
      text,
      done: () => answer(),
    }));
  }

  confirm(
    question: { title: string; text: string; confirm?: string; cancel?: string },
    owner = "",
  ): Promise<boolean> {
    const { title, text, confirm = "OK", cancel = "Cancel" } = question;
    return this.ask<boolean>(owner, (id, done) => ({
      id,
      kind: "confirm",
      title,
      text,
      confirm,
      cancel,
      done,
    }));
  }

  prompt(
    question: { title: string; text: string; placeholder: string },
    owner = "",
  ): Promise<string | null> {
    return this.ask<string | null>(owner, (id, done) => ({
      id,
      kind: "prompt",
      ...question,
      done,
    }));
  }

  form(
    form: { title: string; fields: FormField[]; html: string },
    owner = "",
  ): Promise<Record<string, unknown> | null> {
    return this.ask<Record<string, unknown> | null>(owner, (id, done) => ({
      id,
      kind: "form",
      ...form,
      done,
    }));
  }

  /** Lets the user choose files of the engine, or of their own computer; null: they chose none. */
  files(
    dialog: { title: string; text: string; question: FileQuestion },
    owner = "",
  ): Promise<FileAnswer | null> {
    return this.ask<FileAnswer | null>(owner, (id, done) => ({
      id,
      kind: "files",
      ...dialog,
      done,
    }));
  }

  install(card: PluginCard): Promise<string | null | false> {
    return this.ask<string | null | false>("", (id, done) => ({ id, kind: "install", card, done }));
  }

  /** Shows what a plugin may do; once, however often it is asked for. */
  permissions(plugin: string): void {
    const shown = this.store
      .get()
      .some((one) => one.kind === "permissions" && one.plugin === plugin);
    if (shown) return;
    void this.ask<void>("", (id, answer) => ({
      id,
      kind: "permissions",
      plugin,
      done: () => answer(),
    }));
  }

  /** A dialog that shows a window; `onClosed` is called when the user closes it. */
  window(window: WindowModel, onClosed: () => void): void {
    const plugin = window.content.kind === "frame" ? window.content.plugin : "";
    const from = this.find(plugin);
    void this.ask<void>("", (_, answer) => ({
      ...(from && { from }),
      id: window.id,
      kind: "frame",
      title: window.title,
      window,
      done: () => answer(),
    })).then(onClosed);
  }

  /** Takes the questions of a plugin away that does not run any more. */
  closeAll(owner: string): void {
    for (const [id, name] of [...this.owners]) if (name === owner) this.close(id);
  }

  /** Takes a dialog away without an answer. */
  close(id: string): void {
    this.owners.delete(id);
    this.store.update((dialogs) => dialogs.filter((dialog) => dialog.id !== id));
  }

  private ask<T>(
    owner: string,
    make: (id: string, answer: (value: T) => void) => DialogRequest,
  ): Promise<T> {
    const open = [...this.owners.values()].filter((name) => owner !== "" && name === owner);
    if (open.length >= LIMIT) {
      return Promise.reject(new Error(`More than ${LIMIT} dialogs are open already.`));
    }
    return new Promise((resolve) => {
      const from = this.find(owner);
      const request = {
        ...(from && { from }),
        ...make(newId(), (value) => {
          this.close(request.id);
          resolve(value);
        }),
      };
      this.owners.set(request.id, owner);
      this.store.update((dialogs) => [...dialogs, request]);
    });
  }
}
