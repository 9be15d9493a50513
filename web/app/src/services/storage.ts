/** Services for the `localStorage` of plugin frames, which have none of their own. */
import { codedError } from "../plugins/failure";
import type { Services } from "./desk";

const LIMIT = 5 * 1024 * 1024;

export const storage: Services = {
  "storage.set": async ({ desk, caller }, key, value) => {
    const { id } = caller.plugin;
    if (value === null) return desk.settings.set(id, "storage", String(key), null);
    const kept = await desk.settings.all(id, "storage");
    const { [String(key)]: _, ...others } = kept;
    const size = JSON.stringify(others).length + String(key).length + String(value).length;
    if (size > LIMIT) {
      const cause = "The plugin has kept as much as it may, 5 MB.";
      const remedy = "Let it forget something first, or keep large data in a file.";
      throw codedError("plugin.error", `${cause} ${remedy}`, { cause, remedy });
    }
    return desk.settings.set(id, "storage", String(key), String(value));
  },
  "storage.clear": async ({ desk, caller }) => {
    const { id } = caller.plugin;
    for (const key of Object.keys(await desk.settings.all(id, "storage"))) {
      await desk.settings.set(id, "storage", key, null);
    }
  },
};
