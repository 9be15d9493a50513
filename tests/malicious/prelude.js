// Put before the script of every plugin here. `attempt` notes what worked; `report` tells the test.
const got = [];
async function attempt(what, run) {
  const late = new Promise((resolve) => setTimeout(() => resolve(false), 1500));
  try {
    const value = await Promise.race([(async () => run())(), late]);
    if (value !== undefined && value !== null && value !== false) got.push(what);
  } catch {}
}
function report() {
  console.info(JSON.stringify({ malicious: api.config.name, got }));
}
