/** The view `imjoy/terminal`: text as it comes, and lines that the user answers with. */
import { asRecord } from "./record";
import { show } from "./text";
import type { View } from "./view";

/** Characters that are kept. */
const LIMIT = 200_000;
// biome-ignore lint/suspicious/noControlCharactersInRegex: the codes of terminals begin with one
const CODES = /\u001b(?:\[[0-?]*[ -/]*[@-~]|\][^\u0007]*(?:\u0007|\u001b\\)|[@-Z\\-_])/g;

export const openTerminal: View = async ({ windows }, request, tell) => {
  const { name, beside, data } = request;
  const onInput = (line: string): void => tell("key", `${line}\r`);
  let text = plain(show(asRecord(data).text ?? (typeof data === "string" ? data : "")));
  const content = () => ({ kind: "terminal", text, onInput }) as const;
  const { id } = windows.open({ title: name, content: content(), beside });
  const write = (more: unknown): void => {
    text = (text + plain(show(more))).slice(-LIMIT);
    windows.change(id, { content: content() });
  };
  const clear = (): void => {
    text = "";
    write("");
  };
  return {
    id,
    methods: { write, clear },
    hear: (event, value) => {
      if (event === "write") write(value);
      else if (event === "clear") clear();
      else if (event === "paste") tell("key", show(value));
    },
    change: (given) => write(asRecord(given).text ?? given ?? ""),
  };
};

/** Without colours and movements of the cursor. */
function plain(text: string): string {
  return text.replace(CODES, "").replace(/\r\n?/g, "\n");
}
