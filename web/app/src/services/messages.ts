/** Services that tell the user something: messages, questions, status, progress and log. */
import { codedError } from "../plugins/failure";
import { nameOf, type ServiceContext, type Services } from "./desk";
import { fraction, messageOf, show } from "./text";

const LONGEST = 120;

function log(context: ServiceContext, level: "info" | "error", values: unknown[]): void {
  const { desk, caller } = context;
  desk.host.log(caller.plugin.id, level, values.map(show).join(" "));
}

function snack(context: ServiceContext, value: unknown, seconds: unknown): void {
  const { desk, caller } = context;
  const { text } = messageOf(value);
  const time = Number(seconds ?? 10);
  const shown = Number.isFinite(time) && time > 0 ? Math.min(time, LONGEST) : 10;
  desk.notices.notify("info", saidBy(nameOf(context), text), undefined, shown, caller.plugin.id);
}

/** Says who says it, once: many plugins begin with their own name. */
function saidBy(name: string, text: string): string {
  return text.toLowerCase().startsWith(name.toLowerCase()) ? text : `${name}: ${text}`;
}

function setStatus({ desk }: ServiceContext, text: string): void {
  desk.status.update((status) => ({ ...status, text }));
}

export const messages: Services = {
  // Answered at once, as plugins expect: they go on while the user reads.
  alert: (context, message) => {
    const { text, title } = messageOf(message);
    const { dialogs } = context.desk;
    dialogs.alert(title ?? nameOf(context), text, context.caller.plugin.id).catch(() => undefined);
  },
  confirm: (context, question) => {
    const { text, title } = messageOf(question);
    const asked = { title: title ?? nameOf(context), text, ...buttons(question) };
    return context.desk.dialogs.confirm(asked, context.caller.plugin.id);
  },
  prompt: async (context, question, placeholder) => {
    const { text, title } = messageOf(question);
    const given = placeholderOf(question) ?? placeholderOf(placeholder) ?? placeholder;
    const asked = { title: title ?? nameOf(context), text, placeholder: show(given) };
    const answer = await context.desk.dialogs.prompt(asked, context.caller.plugin.id);
    if (answer === null) throw codedError("rpc.cancelled", "The user gave no answer.");
    return answer;
  },
  log: (context, ...values) => log(context, "info", values),
  error: (context, ...values) => log(context, "error", values),
  progress: ({ desk, caller }, value) => desk.setProgress(caller.plugin.id, fraction(value)),
  showProgress: ({ desk }, value) => {
    desk.status.update((status) => ({ ...status, progress: fraction(value) }));
  },
  showStatus: (context, value) => setStatus(context, messageOf(value).text),
  showMessage: (context, value, seconds) => {
    setStatus(context, messageOf(value).text);
    snack(context, value, seconds);
  },
  showSnackbar: (context, value, seconds) => snack(context, value, seconds),
  showPluginProgress: ({ desk, caller }, value) => {
    desk.setProgress(caller.plugin.id, fraction(value));
  },
  showPluginStatus: (context, ...values) => log(context, "info", values),
};

/** In Python the placeholder is often given by name, which comes as an object. */
function placeholderOf(value: unknown): unknown {
  return typeof value === "object" && value !== null
    ? ((value as { placeholder?: unknown }).placeholder ?? "")
    : undefined;
}

function buttons(question: unknown): { confirm?: string; cancel?: string } {
  if (typeof question !== "object" || question === null) return {};
  const { confirm_text, cancel_text } = question as Record<string, unknown>;
  const found: { confirm?: string; cancel?: string } = {};
  if (typeof confirm_text === "string") found.confirm = confirm_text;
  if (typeof cancel_text === "string") found.cancel = cancel_text;
  return found;
}
