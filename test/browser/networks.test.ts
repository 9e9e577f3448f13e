// Layers, losses and optimizers in networks of several steps, and every example network, in a page on both targets, against
// the interpreter in Node.

import { afterAll, beforeAll, describe, test } from "vitest";
import { expectExample, files, load, rowsFor } from "../emitted/example.js";
import { networks } from "../emitted/networks.js";
import { expectRounds } from "../emitted/rounds.js";
import { expectSteps, nets, trained } from "../nn/recurrent-networks.js";
import { record } from "./record.js";
import { modulesOf, openStage, replayed, type Stage } from "./stage.js";

let stage: Stage;
beforeAll(async () => void (stage = await openStage()));
afterAll(() => (stage as Stage | undefined)?.close());

describe.each(Object.entries(networks))("%s", (_, build) => {
  test.each(["float32", "float64"] as const)("%s", async (dtype) => {
    const network = build();
    await replayed(stage, record(network, dtype, 9, expectRounds), modulesOf(network, dtype));
  });
});

test.each(Object.entries(nets))("%s", async (_, make) => {
  const network = trained(make);
  const recorded = record(network, "float32", 3, (pair) => expectSteps(pair, [4, 3]));
  await replayed(stage, recorded, modulesOf(network));
});

test.each(files)("%s", async (file) => {
  const network = await load(file);
  const recorded = record(network, "float32", 3, (pair) =>
    expectExample(pair, rowsFor(pair, network.capacity).at(-1)!, 1),
  );
  await replayed(stage, recorded, modulesOf(network));
});
