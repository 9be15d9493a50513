/** Small services: opening addresses, waiting, and sending a value back. */
import { codedError } from "../plugins/failure";
import { nameOf, type Services } from "./desk";

export type OpenTab = (url: string) => void;

const openWithBrowser: OpenTab = (url) => {
  window.open(url, "_blank", "noopener,noreferrer");
};

export function linkServices(openTab: OpenTab = openWithBrowser): Services {
  return {
    "utils.openUrl": async (context, url) => {
      const address = String(url);
      const parsed = URL.canParse(address) ? new URL(address) : null;
      if (!parsed || !["https:", "http:", "mailto:"].includes(parsed.protocol)) {
        throw codedError("plugin.permission", `"${address}" is not an address that can be opened.`);
      }
      // A click of the user is needed anyway: browsers block tabs that open by themselves.
      const question = {
        title: "Open a page?",
        text: `${nameOf(context)} wants to open ${parsed.href}`,
        confirm: "Open",
      };
      if (await context.desk.dialogs.confirm(question, context.caller.plugin.id)) {
        openTab(parsed.href);
      }
    },
    "utils.sleep": (_, seconds) =>
      new Promise<void>((resolve) => setTimeout(resolve, Math.max(0, Number(seconds) || 0) * 1000)),
    echo: (_, value) => value,
    connectToServer: () => {
      const cause = "Pages of plugins are not connected to servers of others.";
      const remedy = "Use an engine: api.getEngine, or a plugin of the type native-python.";
      throw codedError("plugin.permission", `${cause} ${remedy}`, { cause, remedy });
    },
  };
}
