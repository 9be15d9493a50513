/** Opens files with the plugins that take them, as their `inputs` say. */
import type { Installed } from "../plugins/catalog";
import { fitsInputs } from "../plugins/inputs";
import { hasWindow } from "../plugins/manifest";
import type { Desk } from "./desk";

/** What opens a file: the viewer of images, or a plugin. */
export type Opener = "viewer" | Installed;

const IMAGE = /\.(tiff?|png|jpe?g|gif|bmp|webp|npy|svg|avif)$/i;
const VIEWER = "The image viewer of ImJoy";

/** The plugins that take this file. */
export function loadersOf(desk: Pick<Desk, "catalog">, file: File): Installed[] {
  return desk.catalog
    .list()
    .filter(({ source: { manifest } }) => manifest.runnable && fitsInputs(manifest.inputs, file));
}

/** What a file is opened with; asks when there are several. Null when the user does not want to. */
export async function chooseOpener(
  desk: Pick<Desk, "catalog" | "dialogs">,
  file: File,
): Promise<Opener | null> {
  const loaders = loadersOf(desk, file);
  const [only] = loaders;
  const isImage = IMAGE.test(file.name) || file.type.startsWith("image/");
  if (!only) return "viewer";
  if (loaders.length === 1 && !isImage) return only;
  const names = loaders.map(({ source }) => source.manifest.name);
  const options = [...(isImage ? [VIEWER] : []), ...names].map((name) => ({
    label: name,
    value: name,
  }));
  const answer = await desk.dialogs.form({
    title: `Open ${file.name}`,
    fields: [{ id: "with", label: "Open with", type: "choose", value: options[0]?.value, options }],
    html: "",
  });
  if (answer === null) return null;
  return loaders.find(({ source }) => source.manifest.name === answer.with) ?? "viewer";
}

/** The data that a plugin is run with: the open image, when it takes it. */
export function dataFor({ source: { manifest } }: Installed, data: unknown): unknown {
  if (data === null || manifest.inputs === null || hasWindow(manifest)) return data;
  return fitsInputs(manifest.inputs, data) ? data : null;
}
