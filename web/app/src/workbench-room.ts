/** What the workbench has once its database is open. */
import type { Installer } from "./plugins/installer";
import type { Desk } from "./services/desk";
import type { PluginRunner } from "./services/runner";
import type { Database } from "./workspaces/database";

export interface Room extends Desk {
  runner: PluginRunner;
  installer: Installer;
  database: Database;
}
