/** The answer to a question that is closed without one. */
import type { DialogRequest } from "../../model";

export function decline(request: DialogRequest): void {
  if (request.kind === "confirm" || request.kind === "install") request.done(false);
  else if (request.kind === "prompt" || request.kind === "form") request.done(null);
  else if (request.kind === "files") request.done(null);
  else request.done();
}
