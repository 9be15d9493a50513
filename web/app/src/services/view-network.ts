/** Keeps the page from fetching for a plugin what the plugin itself may not reach. */
import { codedError } from "../plugins/failure";
import { mayReach } from "../plugins/permissions";
import { asRecord } from "./record";

/** Image data whose address, if it has one, is complete and one that the plugin may reach. */
export function withinNetwork(data: unknown, hosts: string[] | null): unknown {
  const given = typeof data === "string" ? data : asRecord(data).src;
  if (typeof given !== "string" || !/^(https?:)?\/\//.test(given)) return data;
  const address = new URL(given, "https://host.invalid/");
  if (mayReach(hosts, address.host)) {
    return typeof data === "string" ? address.href : { ...asRecord(data), src: address.href };
  }
  const cause = `The plugin may not reach ${address.host}.`;
  const remedy = "Add the host to those that it may reach, under its permissions.";
  throw codedError("plugin.permission", `${cause} ${remedy}`, { cause, remedy });
}
