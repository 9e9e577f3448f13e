// Published architectures in their natural form: layers that are applied more than once, in loops, under gradients, by entries that
// generate. Gradients against differences, everything emitted against the interpreter, and what each is known for.

import { describe, expect, test } from "vitest";
import { compile, gradcheck, type Model } from "tapeless/compiler";
import type { Network } from "tapeless";
import gan from "../../examples/gan/gan.net.js";
import charTransformer from "../../examples/char-transformer/char-transformer.net.js";
import { expectEverywhere } from "../right/everywhere.js";
import diffusion from "./diffusion.net.js";
import dqn from "./dqn.net.js";
import energy from "./energy.net.js";
import maml from "./maml.net.js";
import pinn from "./pinn.net.js";
import siamese from "./siamese.net.js";
import translator from "./translator.net.js";

const small: Readonly<Record<string, Network>> = { siamese, diffusion, dqn, maml, translator, pinn, energy };

type Run = Model & Record<string, (rows: number) => number>;

const started = (network: Network): Run => compile(network, { dtype: "float64" }).create({ seed: 2 }) as Run;

const uniform = (seed: number) => (): number => {
  seed = (seed * 48_271) % 2_147_483_647;
  return seed / 2_147_483_647;
};

describe.each(Object.entries(small))("%s", (_, network) => {
  test("gradients are those of differences, and every build is the interpreter", { timeout: 60_000 }, () => {
    const { steps, builds, passes } = gradcheck(network);
    const worst = [...steps.flatMap(({ worst }) => worst ?? []), ...builds.flatMap(({ worst }) => worst ?? [])];
    expect(passes, worst.map((one) => ("name" in one ? one.name : "")).join()).toBe(true);
  });

  test("every entry, rows, data, targets and number types", { timeout: 60_000 }, () => expectEverywhere(network));
});

test.each([
  ["gan", gan],
  ["char-transformer", charTransformer],
])("%s: gradients are those of differences", { timeout: 120_000 }, (_, network) => {
  expect(gradcheck(network, { rows: 2, seconds: 8, builds: [] }).passes).toBe(true);
});

describe("what they are known for", () => {
  test("siamese: pairs come near each other, others do not", () => {
    const model = started(siamese);
    const random = uniform(3);
    const fill = (): void => {
      for (let row = 0; row < 6; row++) {
        model.targets["isPair"]![row] = row % 2;
        const sign = random() < 0.5 ? -1 : 1;
        for (let k = 0; k < 5; k++) {
          model.inputs["left"]![5 * row + k] = sign + 0.2 * random();
          model.inputs["right"]![5 * row + k] = (row % 2 ? sign : -sign) + 0.2 * random();
        }
      }
    };
    for (let n = 0; n < 1500; n++) {
      fill();
      model.step(6);
    }
    fill();
    model.predict(6);
    const distances = [...model.outputs["distance"]!];
    expect(Math.max(...distances.filter((_, row) => row % 2 === 1))).toBeLessThan(0.3);
    expect(Math.min(...distances.filter((_, row) => row % 2 === 0))).toBeGreaterThan(0.7);
  });

  test("dqn: the target network is left alone, and takes the values of the other by name", () => {
    const model = started(dqn);
    model.inputs["before"]!.fill(0.5);
    model.inputs["after"]!.fill(0.25);
    const names = Object.keys(model.parameters);
    expect(names.length).toBe(8);
    const half = names.slice(0, 4).map((name, i) => [name, names[i + 4]!] as const);
    const others = half.map(([, name]) => [...model.parameters[name]!]);
    for (let n = 0; n < 3; n++) model.step(8);
    expect(half.map(([, name]) => [...model.parameters[name]!])).toEqual(others);
    for (const [online, slow] of half) model.parameters[slow]!.set(model.parameters[online]!);
    expect(half.map(([, name]) => [...model.parameters[name]!])).toEqual(
      half.map(([name]) => [...model.parameters[name]!]),
    );
  });

  test("maml: after the step on its task the loss is lower", () => {
    const model = started(maml);
    const random = uniform(5);
    const losses: number[] = [];
    for (let n = 0; n < 600; n++) {
      const phase = 3 * random();
      for (let row = 0; row < 5; row++) {
        for (const part of ["shown", "asked"]) {
          const x = 4 * random() - 2;
          model.inputs[part]![row] = x;
          model.targets[`${part}Answer`]![row] = Math.sin(x + phase);
        }
      }
      losses.push(model.step(5));
    }
    const meanOf = (part: readonly number[]): number => part.reduce((a, b) => a + b, 0) / part.length;
    expect(meanOf(losses.slice(-100))).toBeLessThan(0.6 * meanOf(losses.slice(0, 100)));
  });

  test("pinn: the solution of u'' = -u", { timeout: 60_000 }, () => {
    const model = started(pinn);
    for (let n = 0; n < 6000; n++) {
      for (let row = 0; row < 7; row++) {
        model.inputs["inside"]![row] = ((n * 7 + row) % 31) / 20;
        const at = row % 2 ? Math.PI / 2 : 0;
        model.inputs["border"]![row] = at;
        model.targets["atBorder"]![row] = Math.sin(at);
      }
      model.step(7);
    }
    [0.2, 0.5, 0.8, 1, 1.2, 1.4, 1.5].forEach((x, row) => (model.inputs["inside"]![row] = x));
    model.predict(7);
    const worst = [...model.outputs["value"]!].map((u, row) => Math.abs(u - Math.sin(model.inputs["inside"]![row]!)));
    expect(Math.max(...worst)).toBeLessThan(0.03);
  });

  test("diffusion: noise becomes points of the data, step by step", { timeout: 60_000 }, () => {
    const model = started(diffusion);
    const random = uniform(9);
    for (let n = 0; n < 12_000; n++) {
      for (let row = 0; row < 6; row++) {
        const side = random() < 0.5 ? -1.5 : 1.5;
        model.inputs["point"]!.set([side, side / 2], 2 * row);
        model.inputs["t"]![row] = Math.floor(20 * random());
      }
      model.step(6);
    }
    const ends: number[] = [];
    for (let n = 0; n < 20; n++) {
      model.resetCarries();
      model.states["denoise.clock"]![0] = 100 * n;
      for (let step = 0; step < 20; step++) model.denoise(6);
      ends.push(...model.outputs["denoise.points"]!);
    }
    const apart = ends
      .filter((_, i) => i % 2 === 0)
      .map((x, i) => Math.hypot(Math.abs(x) - 1.5, Math.abs(ends[2 * i + 1]!) - 0.75));
    const near = apart.filter((distance) => distance < 0.5).length / apart.length;
    expect(near).toBeGreaterThan(0.8);
    const left = ends.filter((x, i) => i % 2 === 0 && x < 0).length / apart.length;
    expect(left).toBeGreaterThan(0.15);
    expect(left).toBeLessThan(0.85);
  });

  test("translator: word by word it says what the loop says", () => {
    const model = started(translator);
    model.inputs["source"]!.forEach((_, i, ids) => (ids[i] = (i * 5) % 9));
    model.inputs["given"]!.forEach((_, i, ids) => (ids[i] = (i * 7) % 9));
    model.predict(4);
    const whole = [...model.outputs["logits"]!];
    for (let step = 0; step < 3; step++) {
      for (let row = 0; row < 4; row++) model.inputs["word"]![row] = model.inputs["given"]![3 * row + step]!;
      model.next(4);
      for (let row = 0; row < 4; row++) {
        for (let k = 0; k < 9; k++) {
          expect(model.outputs["next.logits"]![9 * row + k]).toBeCloseTo(whole[(3 * row + step) * 9 + k]!, 12);
        }
      }
    }
  });
});
