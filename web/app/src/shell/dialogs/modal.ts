/**
 * Opens a dialog over the page for as long as it is there, and gives the focus back in the end.
 * The focus goes first to what is marked with `data-first`, or else to what the browser chooses. It is
 * not the attribute `autofocus`: browsers refuse that, with an error, in a frame of another site.
 */
export function modal(dialog: HTMLDialogElement): () => void {
  const before = document.activeElement;
  dialog.showModal();
  dialog.querySelector<HTMLElement>("[data-first]")?.focus();
  return () => {
    if (before instanceof HTMLElement) before.focus();
  };
}
