/** Answers what plugins ask, as a person would who always agrees and takes what is offered. */
import type { DialogRequest, Workbench } from "../model";

/** Answers every dialog as it comes; `asked` is told of each in words. */
export function answerDialogs(workbench: Workbench, asked: (what: string) => void): () => void {
  const seen = new Set<string>();
  return workbench.dialogs.subscribe((dialogs) => {
    for (const dialog of dialogs) {
      if (seen.has(dialog.id) || dialog.kind === "frame") continue;
      seen.add(dialog.id);
      if ("title" in dialog) asked(`${dialog.kind}: ${dialog.title}`);
      // Not while the list of dialogs is being told: answering changes it.
      setTimeout(() => answer(dialog));
    }
  });
}

function answer(dialog: DialogRequest): void {
  if (dialog.kind === "alert") dialog.done();
  else if (dialog.kind === "confirm") dialog.done(true);
  else if (dialog.kind === "prompt") dialog.done(dialog.placeholder || "1");
  else if (dialog.kind === "form") {
    dialog.done(Object.fromEntries(dialog.fields.map(({ id, value }) => [id, value])));
  } else if (dialog.kind === "files") dialog.done(null);
  else if (dialog.kind === "install") dialog.done(dialog.card.source.tag);
}
