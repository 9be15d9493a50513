import { describe, expect, it } from "vitest";
import { memoryDatabase } from "./database";
import { Jobs } from "./jobs";
import { Notices } from "./notices";
import { Settings } from "./settings";
import { WorkHistory } from "./work-history";

const FAILURE = { step: "Running A", cause: "No.", remedy: "", code: "plugin.error" };
const LINE = { time: 1, level: "info", text: "half way" } as const;

/** A page on that database; other pages in `gone` are no more. */
async function open(settings: Settings, page: string, gone: string[] = []) {
  const [jobs, notices] = [new Jobs(), new Notices()];
  const said = () => [LINE];
  const hasGone = async (other: string) => gone.includes(other);
  const history = new WorkHistory({ jobs, notices, settings, page, said, hasGone });
  await history.load();
  return { jobs, notices, history };
}

const shown = (jobs: Jobs) =>
  jobs.store.get().map(({ title, state, failure }) => [title, state, failure?.code ?? ""]);

describe("what has run is kept over a reload", () => {
  it("with its log and failures, and what could not be taken up again has failed", async () => {
    const settings = new Settings(memoryDatabase());
    const before = await open(settings, "page");
    before.jobs.start("a", "Running A", "Running").fail(FAILURE);
    before.jobs.start("b", "Running B", "Running");
    before.jobs.start("c", "Running C", "Running");
    before.notices.fail({ ...FAILURE, step: "Opening D" });
    await before.history.flush();

    const { jobs, notices } = await open(settings, "page");
    expect(shown(jobs)).toEqual([["Running A", "failed", "plugin.error"]]);
    expect(jobs.store.get()[0]).toMatchObject({ before: true, log: [LINE] });
    expect(notices.store.get()).toMatchObject([{ past: true, failure: { step: "Opening D" } }]);
    const { id } = jobs.resume("b", "Running B", "Running");
    expect(jobs.loseWaiting()).toMatchObject([{ step: "Running C", code: "app.reloaded" }]);
    expect(shown(jobs)).toEqual([
      ["Running C", "failed", "app.reloaded"],
      ["Running A", "failed", "plugin.error"],
      ["Running B", "running", ""],
    ]);
    const resumed = jobs.store.get().find((job) => job.id === id);
    expect(resumed?.steps.map(({ text }) => text)).toEqual(["Running", "Running"]);
  });

  it("is taken over from a page that has gone, and left to one that is still open", async () => {
    const settings = new Settings(memoryDatabase());
    for (const page of ["gone", "open"]) {
      const { jobs, history } = await open(settings, page);
      jobs.start("a", `Running on ${page}`, "Running");
      await history.flush();
    }
    const { jobs } = await open(settings, "new", ["gone"]);
    await expect.poll(() => shown(jobs)).toEqual([["Running on gone", "failed", "app.reloaded"]]);
    expect(jobs.store.get()[0]?.endedAt).toEqual(expect.any(Number)); // its time does not go on
    await expect
      .poll(async () => Object.keys(await settings.all("", "work")).sort())
      .toEqual(["new", "open"]);
  });

  it("forgets what was cleared", async () => {
    const settings = new Settings(memoryDatabase());
    const before = await open(settings, "page");
    before.jobs.start("a", "Running A").finish("done");
    await before.history.flush();
    before.jobs.clear();
    await before.history.flush();
    expect(shown((await open(settings, "page")).jobs)).toEqual([]);
  });
});
