// Every op, layer, loss and metric of the language is in a network that the tests here compare with the interpreter.

import { expect, test } from "vitest";
import type { Network } from "../../src/graph/network.js";
import { entriesOf } from "../../src/entries.js";
import { everyNode } from "../../src/graph/walk.js";
import * as tapeless from "../../src/index.js";
import { sampled } from "./calls.js";
import { files, load } from "./example.js";
import { CAPACITY, networks } from "./networks.js";
import { unsampled } from "./unsampled.js";

/** What makes no tensor of its own; and what makes assignments and initial values, which test/emitted/optimizers and test/nn run. */
const APART =
  /^(TapelessErrors?|network|metric|layer|formula|filled|zeros|uniform|normal|(glorot|he)(Normal|Uniform)|orthogonal|sgd|momentum|nesterov|ada\w+|amsgrad|lion|rmsprop|accumulate|movingAverage|clipBy\w+|maxNorm|\w+Decay|\w+Rate|oneCycle|warmUp)$/;

/** The public calls and ops that networks are made of. */
function callsIn(nets: readonly Network[]): Set<string> {
  const nodes = nets.flatMap((net) =>
    entriesOf(net).flatMap(({ results, updates }) => [...results, ...updates].map(({ value }) => value)),
  );
  return new Set(everyNode(nodes).flatMap(({ origin, def }) => [origin.site.call, def.name]));
}

const missing = (seen: ReadonlySet<string>): string[] =>
  Object.entries(tapeless).flatMap(([name, value]) =>
    typeof value === "function" && !APART.test(name) && !seen.has(name) ? [name] : [],
  );

const own = [...Object.values(networks), ...Object.values(unsampled)].map((build) => build(CAPACITY as never));

test("nothing public is left out", async () => {
  const seen = callsIn([...own, ...(await Promise.all(files.map(load)))]);
  for (const { name } of sampled) seen.add(name);
  expect(missing(seen)).toEqual([]);
});

test("control: what only one network has is missed without it", () => {
  const few = callsIn(own.filter(({ name }) => name !== "margins"));
  expect(missing(few)).toEqual(expect.arrayContaining(["tripletLoss", "hinge", "l1"]));
});
