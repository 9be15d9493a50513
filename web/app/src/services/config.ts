/** Services for what a plugin keeps: its settings and attachments. */
import { apiUpTo, type Services } from "./desk";

const LAST_OF_TEXTS = "0.1.7";

export const config: Services = {
  getConfig: async (context, name) => {
    const { desk, caller } = context;
    const key = String(name);
    const { manifest } = caller.plugin.source;
    if (key.startsWith("_")) {
      const field = key.slice(1);
      return Object.hasOwn(manifest, field) ? manifest[field] : null;
    }
    const value = await desk.settings.get(caller.plugin.id, "own", key);
    // Plugins of these versions are used to texts, and compare with texts.
    const asText = apiUpTo(context, LAST_OF_TEXTS) && ["number", "boolean"].includes(typeof value);
    return asText ? String(value) : (value ?? null);
  },
  setConfig: (context, name, value) => {
    const { desk, caller } = context;
    const forgets = apiUpTo(context, LAST_OF_TEXTS) && (value === "" || value === false);
    return desk.settings.set(caller.plugin.id, "own", String(name), forgets ? null : value);
  },
  getAttachment: ({ caller }, name) => {
    const { attachments } = caller.plugin.source;
    return Object.hasOwn(attachments, String(name)) ? attachments[String(name)] : null;
  },
};
