/** Where the frames of plugins without a window are. They must be rendered, or browsers slow them down. */
export function hiddenContainer(): HTMLElement {
  const known = document.getElementById("imjoy-hidden-frames");
  if (known) return known;
  const container = document.createElement("div");
  container.id = "imjoy-hidden-frames";
  container.inert = true;
  container.setAttribute("aria-hidden", "true");
  container.style.cssText =
    "position:fixed;left:0;top:0;width:1px;height:1px;overflow:hidden;opacity:0;pointer-events:none;z-index:-1";
  document.body.append(container);
  return container;
}
