// Takes the places in errors from the bundle that ran to the user's own files.

import { userFrames, type CallSite, type Frame } from "../../src/graph/origin.js";
import { placeText, TapelessError, TapelessErrors } from "../../src/messages.js";

/** Recognises errors by their form: a definition may have been run by another copy of the library. */
export const isTapelessError = (error: unknown): error is TapelessError =>
  error instanceof Error && error.name === "TapelessError" && "code" in error && "sentence" in error;

export const errorsIn = (error: TapelessError): readonly TapelessError[] =>
  "errors" in error ? (error as TapelessErrors).errors : [error];

/** The same error at its place in the user's file; a place that is none of the user's is dropped. */
export function relocated(error: TapelessError, mapFrame: (frame: Frame) => Frame | undefined): TapelessError {
  const errors = errorsIn(error);
  if (errors.length > 1) return new TapelessErrors(errors.map((one) => relocated(one, mapFrame)));
  const { code, hint, site, places } = errors[0]!;
  // Another copy of the library may know no places.
  const sentence = ((places as readonly Frame[] | undefined) ?? []).reduce((text, place) => {
    const mapped = mapFrame(place);
    return mapped ? text.replaceAll(placeText(place), placeText(mapped)) : text;
  }, errors[0]!.sentence);
  const found = errors[0]!.at;
  const at = site ? placeOf(site, mapFrame) : ((found && mapFrame(found)) ?? found);
  return new TapelessError(code, sentence, { hint, at, cause: errors[0] });
}

/** The call's place in the user's file, if it is in one of the user's. */
export function placeOf(site: CallSite, mapFrame: (frame: Frame) => Frame | undefined): Frame | undefined {
  for (const frame of userFrames(site)) {
    const mapped = mapFrame(frame);
    if (mapped) return mapped;
  }
  return undefined;
}
