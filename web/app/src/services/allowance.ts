/** How often one plugin may ask for things that a person has to look at, or that the page has to keep. */

interface Limit {
  most: number;
  seconds: number;
}

/** By the name of the service. Whoever needs more shows one window with more in it. */
export const LIMITS: Readonly<Record<string, Limit>> = {
  alert: { most: 20, seconds: 30 },
  confirm: { most: 20, seconds: 30 },
  prompt: { most: 20, seconds: 30 },
  createWindow: { most: 60, seconds: 10 },
  showDialog: { most: 60, seconds: 10 },
  exportFile: { most: 20, seconds: 10 },
  register: { most: 500, seconds: 10 },
  registerService: { most: 500, seconds: 10 },
  "camera.open": { most: 10, seconds: 10 },
  // What is written to the database, which goes on after the call.
  setConfig: { most: 1000, seconds: 10 },
  "storage.set": { most: 5000, seconds: 10 },
  "fs.writeFile": { most: 5000, seconds: 10 },
};

export class Allowance {
  private readonly used = new Map<string, { since: number; count: number }>();

  constructor(private readonly now: () => number = () => performance.now()) {}

  /** "first" the first time in a while that it is too much. */
  take(plugin: string, service: string): "granted" | "first" | "refused" {
    const limit = Object.hasOwn(LIMITS, service) ? LIMITS[service] : undefined;
    if (!limit) return "granted";
    const key = `${plugin} ${service}`;
    const now = this.now();
    const known = this.used.get(key);
    const used =
      known && now - known.since < limit.seconds * 1000 ? known : { since: now, count: 0 };
    used.count += 1;
    this.used.set(key, used);
    if (used.count <= limit.most) return "granted";
    return used.count === limit.most + 1 ? "first" : "refused";
  }
}
