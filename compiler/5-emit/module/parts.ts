// Views of equal blocks of a network: `block[0].query.weight`, `block[1].query.weight` and so on, which the module declares
// and makes together.

import type CodeBlockWriter from "code-block-writer";
import { printShape } from "../../../src/graph/shape.js";
import type { ModuleSpec, View } from "../../ir/module.js";
import { literal } from "../identifier.js";
import { runsOf } from "../runs.js";

/** What plays the same role in each block. */
export interface Role {
  readonly before: string;
  /** The number of the first block. */
  readonly first: number;
  readonly after: string;
  /** One for each block. */
  readonly views: readonly View[];
}

export type Part =
  | { readonly kind: "view"; readonly view: View }
  | { readonly kind: "blocks"; readonly count: number; readonly roles: readonly Role[] };

/** The views with those of equal blocks together, in order. */
export function partsOf(views: readonly View[]): readonly Part[] {
  const keys = views.map(({ name, buffer, below, ignoreIndex }) =>
    [name.replace(/\d+/g, "#"), buffer.dtype, printShape(buffer.shape), below, ignoreIndex].join("|"),
  );
  return runsOf(keys).flatMap((part): Part[] => {
    if (part.kind === "single") return [{ kind: "view", view: views[part.at]! }];
    const { first, period, count } = part;
    const roles = Array.from({ length: period }, (_, at) =>
      roleOf(Array.from({ length: count }, (_, turn) => views[first + turn * period + at]!)),
    );
    if (roles.every((role) => role !== undefined)) return [{ kind: "blocks", count, roles }];
    return views.slice(first, first + period * count).map((view) => ({ kind: "view", view }));
  });
}

/** The one number that counts the blocks in names that are equal otherwise. */
function roleOf(views: readonly View[]): Role | undefined {
  const split = views.map(({ name }) => name.split(/(\d+)/));
  const one = split[0]!;
  const places = one.map((_, place) => place).filter((place) => split.some((other) => other[place] !== one[place]));
  const [place] = places;
  if (place === undefined || places.length > 1) return undefined;
  const first = Number(one[place]);
  if (!split.every((other, turn) => other[place] === String(first + turn))) return undefined;
  return { before: one.slice(0, place).join(""), first, after: one.slice(place + 1).join(""), views };
}

/** The groups of views that may be long: names that a user gives stay properties of their own. */
export const hasBlocks = (spec: ModuleSpec): boolean =>
  [spec.parameters, spec.states, spec.gradients].some((views) => partsOf(views).some(({ kind }) => kind === "blocks"));

/** Spreads into an object what `make` gives for each role, an expression of `part`. */
export function writeBlocks(
  writer: CodeBlockWriter,
  { count, roles }: Part & { readonly kind: "blocks" },
  make: (role: Role) => string,
): void {
  writer.write(`...${BLOCKS}(${count}, [`).newLine();
  writer.indent(() => {
    for (const role of roles) {
      const name = `${literal(role.before)}, ${role.first}, ${literal(role.after)}`;
      writer.writeLine(`[${name}, ${make(role)}],`);
    }
  });
  writer.writeLine(`]),`);
}

/** The names of a role as a TypeScript type. */
export const roleType = ({ before, after }: Role): string => `\`${escaped(before)}\${number}${escaped(after)}\``;

const escaped = (text: string): string =>
  literal(text).slice(1, -1).replaceAll("`", "\\`").replaceAll("${", "\\${").replaceAll('\\"', '"');

/** What the function that makes them is called: no kernel may be. */
export const BLOCKS = "equalParts";

export const equalParts = `/** For each of the equal parts of the network the given entries, with the part's number in their names. */
function ${BLOCKS}<T>(
  count: number,
  entries: readonly (readonly [before: string, first: number, after: string, make: (part: number) => T])[],
): Record<string, T> {
  const all: Record<string, T> = {};
  for (let part = 0; part < count; part++) {
    for (const [before, first, after, make] of entries) all[\`\${before}\${first + part}\${after}\`] = make(part);
  }
  return all;
}`;
