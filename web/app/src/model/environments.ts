/** What the engine tells about the environments of Python plugins. */

/** One environment in a list; sizes in bytes. */
export interface EnvironmentShort {
  key: string;
  python: string;
  /** Number of packages. */
  count: number;
  /** Seconds since 1970. */
  created: number;
  size: number;
  /** Bytes that no other environment has. */
  own: number;
  /** Of `size`, with what it has together with others in equal parts: the shares add up to all. */
  share: number;
  /** A program runs in it now. */
  running: boolean;
  /** Names of the plugins that use it, and of those that used it before an update. */
  users: string[];
  before: string[];
  /** Those of `users` that can go back to an earlier one. */
  can_go_back: string[];
}

export interface EnvironmentPackage {
  name: string;
  version: string;
  source: "pip" | "conda";
}

export interface EnvironmentFacts extends EnvironmentShort {
  packages: EnvironmentPackage[];
  path: string;
  variables: Record<string, string>;
  commands: string[];
}

/** What the first start of a plugin will fetch. */
export interface EnvironmentPreview {
  key: string;
  /** It is there already. */
  ready: boolean;
  python: string;
  packages: (EnvironmentPackage & {
    size: number;
    stored: boolean;
    /** How the plugin wrote it; null when it is needed by another package. */
    asked: string | null;
    pinned: boolean;
  })[];
  download: number;
  disk: number;
  free: number;
  gpu: string;
  notes: string[];
  channels: string[];
  repositories: string[];
  /** Commands that run only after the user has agreed. */
  consent: string[];
}

/** An environment that a person asks for; `python` is a version, or empty for any. */
export interface EnvironmentWish {
  name: string;
  python: string;
  requirements: string[];
  /** Commands among them that the person has agreed to. */
  agreed?: string[];
}

export interface EnvironmentReport {
  whole: boolean;
  files: number;
  missing: Record<string, string[]>;
  changed: Record<string, string[]>;
  /** Files that came later and belong to no package. */
  added: string[];
}

export interface Collected {
  environments: string[];
  packages: string[];
  in_use: string[];
  freed: number;
}

/** What can be done with environments; each rejects with a failure that has cause and remedy. */
export interface Environments {
  list(): Promise<EnvironmentShort[]>;
  show(key: string): Promise<EnvironmentFacts>;
  /** What making an environment of these will fetch. */
  plan(wish: EnvironmentWish): Promise<EnvironmentPreview>;
  /** Makes one by hand, or finds it; gives its key. */
  create(wish: EnvironmentWish): Promise<string>;
  /** Lets an installed plugin use one from its next start on, if its packages are there. */
  use(key: string, plugin: string): Promise<void>;
  verify(key: string): Promise<EnvironmentReport>;
  /** Makes a damaged one anew; gives what was damaged. */
  repair(key: string): Promise<EnvironmentReport>;
  /** Chooses the newest packages for an installed plugin, tries them, then uses them. */
  update(plugin: string): Promise<void>;
  /** Lets a plugin use the one before, from its next start on. */
  rollback(plugin: string): Promise<void>;
  /** Bytes that came free. */
  remove(key: string): Promise<number>;
  /** Removes what nothing uses, or only says what that would free. */
  collect(dryRun: boolean): Promise<Collected>;
  /** Offers the locks as a file to save. */
  save(key: string): Promise<void>;
}
