/** What is said when a part of the page cannot be fetched, as after its server has gone. */
import type { Failure } from "../model";
import { t } from "./messages";

export function notLoaded(): Failure {
  return {
    step: t("Loading this part of the page"),
    cause: t("Where this page comes from does not answer."),
    remedy: t("Start it again and load the page again; what is open is kept."),
    code: "app.not_loaded",
  };
}
