/** Finds the field of a form that holds what cannot be taken. */

/** Puts the focus there. @returns false when there is none */
export function focusInvalid(form: HTMLElement | undefined): boolean {
  const field = form?.querySelector<HTMLElement>('[aria-invalid="true"]');
  field?.focus();
  return field !== null && field !== undefined;
}
