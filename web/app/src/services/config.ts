/** Services for what a plugin keeps: its settings and attachments. */
import type { Services } from "./desk";

export const config: Services = {
  getConfig: ({ desk, caller }, name) => {
    const key = String(name);
    const { manifest } = caller.plugin.source;
    if (key.startsWith("_")) {
      const field = key.slice(1);
      return Object.hasOwn(manifest, field) ? manifest[field] : null;
    }
    return desk.settings.get(caller.plugin.id, "own", key);
  },
  setConfig: ({ desk, caller }, name, value) =>
    desk.settings.set(caller.plugin.id, "own", String(name), value),
  getAttachment: ({ caller }, name) => {
    const { attachments } = caller.plugin.source;
    return Object.hasOwn(attachments, String(name)) ? attachments[String(name)] : null;
  },
};
