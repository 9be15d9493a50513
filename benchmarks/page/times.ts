/** Times of what is run, in milliseconds; the clock of a page is coarse, so short runs are timed together. */

export async function timed(run: () => Promise<unknown>): Promise<number> {
  const began = performance.now();
  await run();
  return performance.now() - began;
}

export async function best(times: number, run: () => Promise<number>): Promise<number> {
  const all: number[] = [];
  for (let i = 0; i < times; i += 1) all.push(await run());
  return Math.min(...all);
}

export async function median(times: number, run: () => Promise<unknown>): Promise<number> {
  const all: number[] = [];
  for (let i = 0; i < times; i += 1) all.push(await timed(run));
  return all.sort((a, b) => a - b)[Math.floor(times / 2)] as number;
}

/** The mean time of one of many runs, one after the other. */
export async function mean(times: number, run: () => Promise<unknown>): Promise<number> {
  const all = await timed(async () => {
    for (let i = 0; i < times; i += 1) await run();
  });
  return all / times;
}

/** The time that each of many runs takes while so many are under way. */
export async function inFlight(width: number, times: number, run: () => Promise<unknown>): Promise<number> {
  let left = times;
  const lane = async (): Promise<void> => {
    while (left > 0) {
      left -= 1;
      await run();
    }
  };
  return (await timed(() => Promise.all(Array.from({ length: width }, lane)))) / times;
}

export type Figures = Record<string, number>;

/** The least of several rounds, of each figure. */
export function least(rounds: Figures[]): Figures {
  const names = Object.keys(rounds[0] as Figures);
  return Object.fromEntries(names.map((name) => [name, Math.min(...rounds.map((round) => round[name] as number))]));
}

export async function until(holds: () => boolean): Promise<void> {
  const deadline = performance.now() + 30_000;
  while (!holds()) {
    if (performance.now() > deadline) throw new Error("The page did not get ready.");
    await new Promise((resolve) => setTimeout(resolve, 5));
  }
}
