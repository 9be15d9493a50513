/** Measures in a browser that nobody watches what the address asks for, and reports it. */
import { ports } from "./ports";
import { python } from "./python";
import { sockets } from "./sockets";

const query = new URLSearchParams(location.search);
const parts = { ports, python, sockets };

async function report(value: unknown): Promise<void> {
  const collector = `http://127.0.0.1:${query.get("collector")}/`;
  await fetch(collector, { method: "POST", mode: "no-cors", body: JSON.stringify(value) });
}

try {
  await report(await parts[query.get("part") as keyof typeof parts](query));
} catch (error) {
  await report({ error: String(error instanceof Error ? (error.stack ?? error) : error) });
}
