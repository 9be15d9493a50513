/**
 * Keeps a frame whose network is limited from going to another address. The policy of the page refuses the request, but
 * a browser looks the host up and connects to it before it asks the policy; the name of a host can carry data. So the page is
 * told when the frame is about to leave, and takes it away while it is held here: what is gone goes nowhere.
 */
import { addressOf, isLink } from "./links";

/** Milliseconds for the page to take the frame away; it takes some tens, and longer only when it is flooded. */
const LONGEST = 5_000;

/** `way`: where the page hears of it, known to nobody else in this frame. */
export function holdDepartures(way: MessagePort): void {
  stayAtClicks();
  if (!hasOwnProcess()) return;
  // Taken now: the plugin may replace them later.
  const { apply } = Reflect;
  const { postMessage } = MessagePort.prototype;
  const { now } = Performance.prototype;
  const clock = performance;
  addEventListener(
    "beforeunload",
    () => {
      apply(postMessage, way, ["leaving"]);
      const until = apply(now, clock, []) + LONGEST;
      while (apply(now, clock, []) < until);
    },
    true,
  );
}

/** In other browsers, and on phones, the page would be held too and could not take the frame away. */
function hasOwnProcess(): boolean {
  return /Chrome\//.test(navigator.userAgent) && !/ Mobile\b|Android/.test(navigator.userAgent);
}

/** A link that a person clicks, or a form that nobody handles, is no reason to end the plugin. */
function stayAtClicks(): void {
  addEventListener("click", (event) => {
    const link = event.composedPath().find(isLink);
    if (!link || event.defaultPrevented || !leads(link)) return;
    event.preventDefault();
    const text = `The link to ${addressOf(link)} was not followed: the network of this plugin is limited.`;
    parent.postMessage({ imjoy: "output", level: "info", text }, "*");
  });
  addEventListener("submit", (event) => event.preventDefault());
  HTMLFormElement.prototype.submit = () => undefined;
}

function leads(link: Element): boolean {
  const address = addressOf(link);
  if (address === null || /^\s*javascript:/i.test(address)) return false;
  return !(link.hasAttribute("download") && /^\s*(?:blob|data):/i.test(address));
}
