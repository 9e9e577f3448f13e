// What takes a mend back is text that the sources have.

import { expect, test } from "vitest";
import { MENDS, undone } from "./undo.mjs";

test.each(Object.keys(MENDS))("%s", (name) => {
  expect(undone(name).size).toBeGreaterThan(0);
});

test("control: a mend that is none is refused", () => {
  expect(() => undone("none")).toThrow(/--undo takes one of axes-of-one, .*, not "none"/);
});
