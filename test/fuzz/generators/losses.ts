// Losses: float scalars that may read targets.

import { BATCH, sameDim, type Shape } from "../../../src/graph/shape.js";
import {
  batched,
  call,
  float,
  isFixed,
  leaf,
  rankOf,
  size,
  step,
  take,
  writtenShape,
  type Canvas,
  type Value,
} from "../canvas.js";
import type { Arg, Ref } from "../sketch.js";
import { isTrainable } from "../../../src/reach.js";
import { find, isFloat } from "../canvas.js";
import { loss, value, type Table } from "./kinds.js";

/** [batch, ...] floats, as predictions are. */
export const prediction = (c: Canvas): Value =>
  float(
    c,
    (v) => rankOf(v) >= 1 && sameDim(v.node.shape[0]!, BATCH) && v.node.shape.slice(1).every(isFixed) && rankOf(v) <= 4,
    () => ["batch", size(c)],
  );

/** [batch, ..., classes] */
const scores = (c: Canvas): Value =>
  float(
    c,
    (v) => rankOf(v) >= 2 && rankOf(v) <= 3 && sameDim(v.node.shape[0]!, BATCH) && v.node.shape.slice(1).every(isFixed),
    () => ["batch", c.draw.between(2, 5)],
  );

const targetOf = (c: Canvas, shape: Shape): Ref => {
  const made = step(c, "target", `t${c.fresh()}`, writtenShape(shape)! as Arg);
  return made;
};

const classesOf = (x: Value): number => x.node.shape.at(-1)!.times;

function labelsOf(c: Canvas, x: Value, ignoreIndex?: number): Ref {
  const shape = writtenShape(x.node.shape.slice(0, -1))!;
  return step(
    c,
    "labels",
    `c${c.fresh()}`,
    shape as Arg,
    classesOf(x),
    ...(ignoreIndex === undefined ? [] : [{ ignoreIndex }]),
  );
}

const rowWeights = (c: Canvas): Record<string, Arg> => ({
  ...(c.draw.chance(0.2) && { weights: call(c, "sigmoid", leaf(c, ["batch"]).ref).ref }),
  ...(c.draw.chance(0.2) && { reduction: "sum" }),
});

const options = (given: Record<string, Arg>): Arg[] => (Object.keys(given).length > 0 ? [given] : []);

const regression = (name: string, more: (c: Canvas) => Record<string, Arg> = () => ({})) =>
  loss((c) => {
    const x = prediction(c);
    return call(c, name, x.ref, targetOf(c, x.node.shape), ...options({ ...rowWeights(c), ...more(c) }));
  });

const share = (c: Canvas, ref: Ref): Ref => call(c, "sigmoid", ref).ref;

/** Rows that sum up to one, as a target. */
const distribution = (c: Canvas, shape: Shape): Ref => step(c, "softmax", targetOf(c, shape));

const classes = (
  name: string,
  from: (c: Canvas, x: Value) => Value,
  more: (c: Canvas) => Record<string, Arg> = () => ({}),
) =>
  loss((c) => {
    const x = from(c, scores(c));
    const ignoreIndex = c.draw.chance(0.25) ? -100 : undefined;
    return call(
      c,
      name,
      x.ref,
      labelsOf(c, x, ignoreIndex),
      ...options({ ...more(c), ...(ignoreIndex !== undefined && { ignoreIndex }) }),
    );
  });

const parametersOf = (c: Canvas): Ref[] => {
  const first = find(c, (v) => isFloat(v) && isTrainable(v.node)) ?? take(c, step(c, "parameter", [size(c)], 0.5));
  return [first.ref];
};

const signs = (c: Canvas, shape: Shape): Ref => {
  const raw = call(c, "greater", targetOf(c, shape), 0);
  return call(c, "where", raw.ref, call(c, "constant", 1).ref, -1).ref;
};

export const losses: Table = {
  target: loss((c) => {
    const x = prediction(c);
    return call(c, "mean", call(c, "square", call(c, "sub", x.ref, targetOf(c, x.node.shape)).ref).ref);
  }),
  labels: loss((c) => {
    const x = scores(c);
    return call(c, "mean", call(c, "pick", call(c, "logSoftmax", x.ref).ref, labelsOf(c, x)).ref);
  }),
  meanSquaredError: regression("meanSquaredError"),
  meanAbsoluteError: regression("meanAbsoluteError"),
  huber: regression("huber", (c) => (c.draw.chance(0.4) ? { delta: 0.5 } : {})),
  binaryCrossEntropy: loss((c) => {
    const x = prediction(c);
    const target = share(c, targetOf(c, x.node.shape));
    if (c.draw.chance(0.5)) return call(c, "binaryCrossEntropy", x.ref, target, { from: "logits" });
    return call(c, "binaryCrossEntropy", share(c, x.ref), target, ...options(rowWeights(c)));
  }),
  sigmoidCrossEntropy: loss((c) => {
    const x = prediction(c);
    return call(c, "mean", call(c, "sigmoidCrossEntropy", x.ref, share(c, targetOf(c, x.node.shape))).ref);
  }),
  softmaxCrossEntropy: loss((c) => {
    const x = scores(c);
    const target = c.draw.chance(0.5) ? labelsOf(c, x) : distribution(c, x.node.shape);
    return call(c, "mean", call(c, "softmaxCrossEntropy", x.ref, target).ref);
  }),
  crossEntropy: classes(
    "crossEntropy",
    (_, x) => x,
    (c) => ({ ...(c.draw.chance(0.3) && { labelSmoothing: 0.125 }), ...(c.draw.chance(0.2) && { reduction: "sum" }) }),
  ),
  sequenceCrossEntropy: classes("sequenceCrossEntropy", (_, x) => x),
  negativeLogLikelihood: classes("negativeLogLikelihood", (c, x) => call(c, "logSoftmax", x.ref)),
  focalLoss: loss((c) => {
    const x = scores(c);
    if (c.draw.chance(0.5))
      return call(c, "focalLoss", x.ref, labelsOf(c, x), ...(c.draw.chance(0.3) ? [{ gamma: 1 }] : []));
    return call(c, "focalLoss", x.ref, share(c, targetOf(c, x.node.shape)));
  }),
  klDivergence: loss((c) => {
    const x = scores(c);
    return call(c, "klDivergence", x.ref, distribution(c, x.node.shape), { from: "logits" });
  }),
  negativeSampling: loss((c) => {
    const positive = prediction(c);
    const shape = [...writtenShape(positive.node.shape)!, c.draw.between(1, 3)];
    return call(c, "negativeSampling", positive.ref, call(c, "mul", leaf(c, shape).ref, 2).ref);
  }),
  hinge: loss((c) => {
    const x = scores(c);
    if (c.draw.chance(0.5))
      return call(c, "hinge", x.ref, labelsOf(c, x), ...(c.draw.chance(0.3) ? [{ squared: true }] : []));
    return call(c, "hinge", x.ref, signs(c, x.node.shape), { margin: 0.75 });
  }),
  tripletLoss: loss((c) => {
    const anchor = batched(c, 2);
    const [a, b] = [0, 1].map(() => targetOf(c, anchor.node.shape)) as [Ref, Ref];
    return call(c, "tripletLoss", anchor.ref, a, b, {
      ...(c.draw.chance(0.4) && { distance: "squared" }),
      ...(c.draw.chance(0.2) && { swap: true }),
    });
  }),
  cosineSimilarityLoss: loss((c) => {
    const x = call(c, "add", batched(c, 2).ref, 1.25);
    return call(c, "cosineSimilarityLoss", x.ref, call(c, "add", targetOf(c, x.node.shape), 1.5).ref);
  }),
  l1: loss((c) => call(c, "l1", 0.125, ...parametersOf(c))),
  l2: loss((c) => call(c, "l2", 0.125, ...parametersOf(c))),
  elasticNet: loss((c) => call(c, "elasticNet", 0.0625, 0.125, ...parametersOf(c))),
};

export const similarity: Table = {
  cosineSimilarity: value(0.7, (c) => {
    const x = call(c, "add", batched(c, 2).ref, 1.25);
    const y = c.draw.chance(0.3) ? x : call(c, "sub", leaf(c, writtenShape(x.node.shape)!).ref, 1.5);
    return call(c, "cosineSimilarity", x.ref, y.ref);
  }),
};

export { labelsOf, scores, share, targetOf };
