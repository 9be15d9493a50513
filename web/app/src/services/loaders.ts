/** Opens files with the plugins, and the operations of plugins, that take them, as their `inputs` say. */
import type { Installed } from "../plugins/catalog";
import { fitsInputs } from "../plugins/inputs";
import type { Desk } from "./desk";
import { OPERATOR } from "./registry";

/** A plugin, or one of its operations, that takes a file. */
export interface Loader {
  label: string;
  plugin: Installed;
  op?: string;
}

/** What opens a file: the viewer of images, or a plugin. */
export type Opener = "viewer" | Loader;

type Parts = Pick<Desk, "catalog" | "registry">;

const IMAGE = /\.(tiff?|png|jpe?g|gif|bmp|webp|npy|svg|avif)$/i;
const VIEWER = "The image viewer of ImJoy";

/** The plugins and operations that take this file. */
export function loadersOf({ catalog, registry }: Parts, file: File): Loader[] {
  const plugins = catalog
    .list()
    .filter(({ source: { manifest } }) => manifest.runnable && fitsInputs(manifest.inputs, file))
    .map((plugin) => ({ label: plugin.source.manifest.name, plugin }));
  const operators = registry
    .list()
    .filter(({ type, value }) => type === OPERATOR && fitsInputs(value.inputs, file))
    .flatMap(({ owner, name }) => {
      const plugin = catalog.get(owner);
      return plugin ? [{ label: `${plugin.source.manifest.name}: ${name}`, plugin, op: name }] : [];
    });
  return [...plugins, ...operators];
}

/** What a file is opened with; asks when there are several. Null when the user does not want to. */
export async function chooseOpener(
  desk: Parts & Pick<Desk, "dialogs">,
  file: File,
): Promise<Opener | null> {
  const loaders = loadersOf(desk, file);
  const [only] = loaders;
  const isImage = IMAGE.test(file.name) || file.type.startsWith("image/");
  if (!only) return "viewer";
  if (loaders.length === 1 && !isImage) return only;
  const labels = loaders.map(({ label }) => label);
  const options = [...(isImage ? [VIEWER] : []), ...labels].map((name) => ({
    label: name,
    value: name,
  }));
  const answer = await desk.dialogs.form({
    title: `Open ${file.name}`,
    fields: [{ id: "with", label: "Open with", type: "choose", value: options[0]?.value, options }],
    html: "",
  });
  if (answer === null) return null;
  return loaders.find(({ label }) => label === answer.with) ?? "viewer";
}
