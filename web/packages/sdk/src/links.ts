/**
 * Links within the page of a plugin, such as `<a href="#">` of menus and tabs, and forms that go nowhere. A frame
 * whose text was given to it has the address of the workbench as its base: there such a link would lead.
 */

/** Has links to a place of the page lead there, and forms without an address do nothing by themselves. */
export function keepLinksWithin(): void {
  if (typeof document === "undefined") return;
  addEventListener("click", holdWhenStopped, true);
  addEventListener("click", (event) => {
    const link = placeLinkOf(event);
    if (!link || event.defaultPrevented) return;
    event.preventDefault();
    const place = addressOf(link) as string;
    if (place === "#") scrollTo(0, 0);
    else goTo(place);
  });
  addEventListener("submit", (event) => {
    if (!(event.target as Element).getAttribute("action")) event.preventDefault();
  });
}

/** A handler that lets nobody else hear of the click still must not make the frame leave. */
function holdWhenStopped(event: Event): void {
  const link = placeLinkOf(event);
  if (!link) return;
  for (const name of ["stopPropagation", "stopImmediatePropagation"] as const) {
    const stop = event[name].bind(event);
    event[name] = () => {
      stop();
      if (event.defaultPrevented) return;
      event.preventDefault();
      setTimeout(() => goTo(addressOf(link) as string));
    };
  }
}

/** Tells of the new place, as a browser does, and shows it, which this one does not in such a frame. */
function goTo(place: string): void {
  if (place.length < 2) return;
  location.hash = place;
  const name = place.slice(1);
  const target = document.getElementById(name) ?? document.getElementsByName(name)[0];
  target?.scrollIntoView();
}

/** The link to a place of this page that an event is of. */
function placeLinkOf(event: Event): Element | undefined {
  const link = event.composedPath().find(isLink);
  return link && /^\s*(?:#|$)/.test(addressOf(link) ?? "-") ? link : undefined;
}

export function isLink(node: EventTarget): node is Element {
  return node instanceof Element && ["a", "area"].includes(node.localName);
}

export function addressOf(link: Element): string | null {
  return link.getAttribute("href") ?? link.getAttributeNS("http://www.w3.org/1999/xlink", "href");
}
