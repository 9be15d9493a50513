/** Small files for plugins that take some. */
import { fitsInputs } from "../plugins/inputs";

/** A small file that a plugin takes, as a person would open with it; undefined for most. */
export function sampleFor(inputs: unknown): File | undefined {
  if (inputs === null || inputs === undefined) return undefined;
  const table = "frame,x,y,intensity\n1,10.5,20.25,300\n2,11.5,21.75,310\n";
  const samples = [
    new File([table], "sample.csv", { type: "text/csv" }),
    new File([table.replaceAll(",", "\t")], "sample.txt", { type: "text/plain" }),
    new File(['{"name": "sample"}'], "sample.json", { type: "application/json" }),
  ];
  return samples.find((file) => fitsInputs(inputs, file));
}
