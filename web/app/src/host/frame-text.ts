/** The pages that plugin frames begin with, before anything of a plugin is in them. */

export const SANDBOX = "allow-scripts allow-forms allow-downloads";
export const WITHOUT_DOWNLOADS = SANDBOX.replace(" allow-downloads", "");

/** The page of a plugin in a frame: its policy, then our program. */
export function frameText(facts: { policy: string; title: string; sdk: string }): string {
  return [
    '<!doctype html><html><head><meta charset="utf-8">',
    `<meta http-equiv="Content-Security-Policy" content="${escapeHtml(facts.policy)}">`,
    `<title>${escapeHtml(facts.title)}</title>`,
    "<style>:root{color-scheme:light;background:#fff;color:#000;font-family:sans-serif}</style>",
    `<script>${escapeScript(facts.sdk)}</script>`,
    "</head><body></body></html>",
  ].join("\n");
}

/**
 * All that the frame of a worker does: it takes on the policy of its plugin, starts the worker, which has
 * the policy from it, and passes on what is said. So the frame can be there before it is known whose it is.
 */
const WORKER_FRAME = `{
  const text = document.getElementById("program").textContent;
  const program = URL.createObjectURL(new Blob([text], { type: "text/javascript" }));
  addEventListener("message", function connect({ source, data, ports }) {
    if (source !== parent || data?.imjoy !== "connect" || !ports[0]) return;
    removeEventListener("message", connect);
    const meta = document.createElement("meta");
    meta.httpEquiv = "Content-Security-Policy";
    meta.content = data.policy;
    document.head.append(meta);
    const worker = new Worker(program);
    worker.addEventListener("error", ({ message }) => parent.postMessage({ imjoy: "failed", message }, "*"));
    worker.addEventListener("message", ({ data }) => parent.postMessage(data, "*"));
    worker.postMessage(data, ports);
  });
  parent.postMessage({ imjoy: "ready" }, "*");
}`;

/** The page of any plugin in a worker. */
export function workerFrameText(sdk: string): string {
  return [
    '<!doctype html><html><head><meta charset="utf-8"><title>Worker</title></head><body>',
    `<script type="text/plain" id="program">${escapeScript(sdk)}</script>`,
    `<script>${WORKER_FRAME}</script></body></html>`,
  ].join("\n");
}

function escapeHtml(text: string): string {
  return text
    .replaceAll("&", "&amp;")
    .replaceAll("<", "&lt;")
    .replaceAll(">", "&gt;")
    .replaceAll('"', "&quot;");
}

function escapeScript(text: string): string {
  return text.replace(/<\/(?=script)/gi, "<\\/").replaceAll("<!--", "<\\!--");
}
