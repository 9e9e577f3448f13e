// The rules that no op owns: what holds of every sweep, what is read off any formula, and why nodes are made beside derivatives.
// An op's own rule stands in its record.

import { invariant } from "../messages.js";
import type { Reason, ReasonClass } from "../scalar/reason.js";
import type { OpDef } from "./op.js";

/** A rule of differentiation, or another reason why a node is derived. */
export const rule = (id: string, of: ReasonClass, title: string, tex: string): Reason =>
  Object.freeze({ id, title, tex, class: of });

// Every sweep

export const seedRule = rule("seed", "algebra", "seed", String.raw`\frac{\partial J}{\partial J} = 1`);
export const usesRule = rule(
  "uses",
  "algebra",
  "sum over uses",
  String.raw`\delta_{x} = \textstyle\sum_{u} \delta_{x}^{(u)}`,
);
export const guardRule = rule(
  "guard",
  "stability",
  "where a branch is not taken the adjoint is exactly 0",
  String.raw`\delta_{x} = \begin{cases} \delta & g \\ 0 & \text{elsewhere} \end{cases}`,
);
export const notReachedRule = rule(
  "not-reached",
  "algebra",
  "no use reaches it",
  String.raw`\frac{\partial J}{\partial x} = 0`,
);

// Formulas, by their slope

export const sumRule = rule("sum", "algebra", "sum", String.raw`c = a \pm b \;\Rightarrow\; \delta_{a} = \delta_{c}`);
export const scaleRule = rule(
  "scale",
  "algebra",
  "scale",
  String.raw`c = s\,a \;\Rightarrow\; \delta_{a} = s\,\delta_{c}`,
);
export const elementwiseRule = rule(
  "elementwise",
  "algebra",
  "elementwise",
  String.raw`c = f(a) \;\Rightarrow\; \delta_{a} = \delta_{c} \odot f'(a)`,
);

// Several ops

export const viewRule = rule(
  "view",
  "housekeeping",
  "the inverse move",
  String.raw`c = \pi(a) \;\Rightarrow\; \delta_{a} = \pi^{\top}(\delta_{c})`,
);
export const lookupRule = rule(
  "lookup",
  "algebra",
  "rows taken, rows added",
  String.raw`c_{i} = a_{k_{i}} \;\Rightarrow\; (\delta_{a})_{j} = \textstyle\sum_{i : k_{i} = j} (\delta_{c})_{i}`,
);
export const scatterRule = rule(
  "scatter",
  "algebra",
  "rows added, rows taken",
  String.raw`c_{j} = \textstyle\sum_{i : k_{i} = j} u_{i} \;\Rightarrow\; (\delta_{u})_{i} = (\delta_{c})_{k_{i}}`,
);
export const crossEntropyRule = rule(
  "cross-entropy",
  "algebra",
  "cross-entropy",
  String.raw`\delta_{z} = (\hat{y} - y)\,\delta_{c}`,
);
export const extremeRule = rule(
  "reduce.max",
  "algebra",
  "to the largest, equal ones share",
  String.raw`c = \max_{i} a_{i} \;\Rightarrow\; (\delta_{a})_{i} = \frac{[a_{i} = c]}{\sum_{j} [a_{j} = c]}\,\delta_{c}`,
);
export const markerRule = rule(
  "identity",
  "housekeeping",
  "the value itself",
  String.raw`c = a \;\Rightarrow\; \delta_{a} = \delta_{c}`,
);

// Beside derivatives

export const gradientRule = rule(
  "gradient",
  "algebra",
  "gradient",
  String.raw`\delta_{x} = \frac{\partial J}{\partial x}`,
);
export const updateRule = rule("update", "algebra", "update", String.raw`\theta \leftarrow u(\theta, \delta_{\theta})`);
export const averageRule = rule(
  "moving-average",
  "algebra",
  "moving average",
  String.raw`\bar{\theta} \leftarrow \beta\,\bar{\theta} + (1 - \beta)\,\theta`,
);
export const accumulateRule = rule(
  "accumulate",
  "algebra",
  "gradients of several calls",
  String.raw`g = \frac{\sum_{k} n_{k}\,g_{k}}{\sum_{k} n_{k}}`,
);
export const clipValueRule = rule(
  "clip.value",
  "stability",
  "gradients cut off",
  String.raw`g \leftarrow \min(\max(g, l), h)`,
);
export const clipNormRule = rule(
  "clip.norm",
  "stability",
  "gradients of a limited norm",
  String.raw`g \leftarrow \frac{l}{\max(\lVert g \rVert, l)}\,g`,
);
export const stateRule = rule("state", "housekeeping", "state of the optimizer", String.raw`s_{\theta}`);
export const captureRule = rule("capture", "housekeeping", "handed in", String.raw`x = x`);
export const expandRule = rule(
  "expand",
  "housekeeping",
  "what it stands for",
  String.raw`f(x) = \operatorname{expand} f(x)`,
);
export const copyRule = rule("copy", "memory", "copy", String.raw`c = a`);

/** All rules that stand here. */
export const SHARED_RULES: readonly Reason[] = [
  seedRule,
  usesRule,
  guardRule,
  notReachedRule,
  sumRule,
  scaleRule,
  elementwiseRule,
  viewRule,
  lookupRule,
  scatterRule,
  crossEntropyRule,
  extremeRule,
  markerRule,
  gradientRule,
  updateRule,
  averageRule,
  accumulateRule,
  clipValueRule,
  clipNormRule,
  stateRule,
  captureRule,
  expandRule,
  copyRule,
];

/** By which rule the adjoint of a node of this record goes to the operand. */
export function ruleOf({ name, rule: stated }: OpDef, operand: number): Reason {
  invariant(stated !== undefined, `${name} says by which rule its derivative goes`);
  if (!Array.isArray(stated)) return stated as Reason;
  return (stated as readonly Reason[])[Math.min(operand, stated.length - 1)]!;
}
