/** Marks that plugins put on values, as earlier versions of ImJoy knew them. */

/** Whether the object itself has this property, and it is true. */
export function hasOwnFlag(value: unknown, flag: string): value is Record<string, unknown> {
  if (typeof value !== "object" || value === null) return false;
  return Object.getOwnPropertyDescriptor(value, flag)?.value === true;
}
