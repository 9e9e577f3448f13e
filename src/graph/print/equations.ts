import type { Node } from "../node.js";
export interface EquationOptions {
  readonly name?: ((node: Node) => string) | undefined;
}
export const printEquations = (roots: Readonly<Record<string, Node>>, options: EquationOptions): string =>
  String([roots, options]);
