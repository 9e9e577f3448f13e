// Frames of the library against frames of its users, in the sources and in a build.

import { expect, test } from "vitest";
import { callSite, ownFolders, userFrames } from "../../src/graph/origin.js";

const here = import.meta.url.replace(/test\/graph\/[^/]*$/, "");

const framesOf = (...places: string[]) =>
  userFrames({ call: "", stack: ["Error", ...places.map((place) => `    at f (${place}:3:7)`)].join("\n") });

test("a call's first frame is the test that made it", () => {
  const [first] = userFrames(callSite("dense"));
  expect(first?.file).toMatch(/test\/graph\/origin\.test\.ts$/);
});

test("among the sources, src/ and compiler/ are the library's; tests, examples and other folders are users", () => {
  const own = [
    "src/ops/pointwise/arithmetic.ts",
    "src/graph/origin.ts",
    "compiler/pipeline.ts",
    "compiler/tools/load.ts",
  ];
  expect(framesOf(...own.map((path) => here + path))).toEqual([]);
  const users = ["examples/digits/digits.net.ts", "test/a.test.ts", "srcs/a.ts", "other/src/a.ts"];
  expect(framesOf(...users.map((path) => here + path)).map((frame) => frame.file)).toEqual(
    users.map((path) => here.replace("file://", "") + path),
  );
});

test("a build owns the folder of its chunks alone", () => {
  expect(ownFolders("file:///p/dist/messages-B4izMRDf.js")).toEqual(["/p/dist/"]);
  expect(ownFolders("https://host/lib/index.js")).toEqual(["https://host/lib/"]);
  expect(ownFolders("file:///p%20q/src/graph/origin.ts")).toEqual(["/p q/src/", "/p q/compiler/"]);
});

test("a path may hold any sign, escaped in an address and plain elsewhere", () => {
  expect(framesOf("file:///p%20%23q/100%25/a.ts")[0]?.file).toBe("/p #q/100%/a.ts");
  expect(framesOf("/p #q/100%/a.ts")[0]?.file).toBe("/p #q/100%/a.ts");
});

test("the runtime and installed packages are nobody's; the folder for temporary modules is the user's", () => {
  expect(framesOf("node:internal/modules/run_main", "/p/node_modules/other/index.js")).toEqual([]);
  expect(framesOf("file:///p/node_modules/.cache/tapeless/digits.mjs")).toEqual([
    { file: "/p/node_modules/.cache/tapeless/digits.mjs", line: 3, column: 7 },
  ]);
});
