// Names to read tell nodes apart: in every body of an entry a name is one node's, and between the bodies of an entry one
// declared value's.

import { describe, expect, test, vi } from "vitest";
import { entryNames, rootsOf } from "../../compiler/0-declare/entry-names.js";
import { compile } from "../../compiler/compile.js";
import { planned } from "../../compiler/pipeline.js";
import type { Node } from "../../src/graph/node.js";
import { topological } from "../../src/graph/walk.js";
import { loaded, NETWORKS } from "./networks.js";

vi.mock("../../compiler/tools/own-modules.js", () => ({
  ownModules: { tapeless: () => import("../../src/index.js") },
}));

type NameOf = (node: Node) => string;

/** The declared node that has the node's value. */
function declaredAs(node: Node): Node {
  let at = node;
  while (at.origin.derived && ["law", "capture"].includes(at.origin.derived.kind)) at = at.origin.derived.of;
  return at;
}

/** The names that an entry has for more than one thing. */
function doubled(roots: readonly Node[], nameOf: NameOf): string[] {
  const found: string[] = [];
  const meaning = new Map<string, Node>();
  const look = (body: readonly Node[]): void => {
    const here = new Set<string>();
    for (const node of body) {
      const name = nameOf(node);
      const value = declaredAs(node);
      const known = meaning.get(name) ?? value;
      meaning.set(name, known);
      const isOther = known.origin !== value.origin || known.def !== value.def;
      // What is handed in has the name of what it is, which may have been rewritten.
      const isHandedIn = node.origin.derived?.kind === "capture";
      if (here.has(name) || (isOther && !isHandedIn)) found.push(name);
      here.add(name);
    }
    for (const node of body) {
      for (const { parameters, results } of node.regions) look([...new Set([...parameters, ...topological(results)])]);
    }
  };
  look(topological(roots));
  return found;
}

const kinds = (nodes: readonly Node[]): Map<Node, string | undefined> =>
  new Map(nodes.map((node) => [node, node.origin.derived?.kind]));

describe.each(Object.entries(NETWORKS))("%s", (_, body) => {
  test("a name is one thing's, in every entry, as declared and as simplified", async () => {
    const { network, constNames } = await loaded(body);
    const { named, simple, names } = planned(network, { constNames });
    for (const entries of [named, simple]) {
      const namesOf = entryNames(entries, names);
      for (const entry of entries) expect(doubled(rootsOf(entry), namesOf(entry)), entry.name).toEqual([]);
    }
  });

  test("a name for everything would be found", async () => {
    const { network, constNames } = await loaded(body);
    const { simple } = planned(network, { constNames });
    expect(doubled(rootsOf(simple[0]!), () => "x")).not.toEqual([]);
    const op: NameOf = (node) => node.def.name;
    expect(simple.some((entry) => doubled(rootsOf(entry), op).length > 0)).toBe(true);
  });

  test("adjoints are called δ, slopes and guards are not", async () => {
    const { network, constNames } = await loaded(body);
    const { simple, names } = planned(network, { constNames });
    const namesOf = entryNames(simple, names);
    const seen = { adjoint: 0, other: 0 };
    for (const entry of simple.filter(({ kind }) => kind === "gradients")) {
      const look = (roots: readonly Node[]): void => {
        for (const [node, kind] of kinds(topological(roots))) {
          const isDelta = namesOf(entry)(node).startsWith("δ");
          if (kind === "adjoint") {
            seen.adjoint++;
            expect(isDelta, namesOf(entry)(node)).toBe(true);
          } else if (kind !== "law") {
            seen.other++;
            expect(isDelta, namesOf(entry)(node)).toBe(false);
          }
          for (const region of node.regions) look(region.results);
        }
      };
      look(rootsOf(entry));
    }
    expect(seen.adjoint).toBeGreaterThan(0);
    expect(seen.other).toBeGreaterThan(0);
  });

  test("parameters and states have the same names everywhere", async () => {
    const { network, constNames } = await loaded(body);
    const { simple, names } = planned(network, { constNames });
    const namesOf = entryNames(simple, names);
    for (const entry of simple) {
      const leaves = topological(rootsOf(entry)).filter(({ def }) => ["parameter", "state"].includes(def.name));
      expect(leaves.map(namesOf(entry))).toEqual(leaves.map(names.of));
    }
  });

  test("no two kernels of an entry have one name", async () => {
    const { network, constNames } = await loaded(body);
    const kernels = compile(network, { constNames }).print("kernels").split("\n\n");
    for (const entry of kernels) {
      const called = [...entry.matchAll(/^ *kernel (\S+)/gm)].map((match) => match[1]!);
      expect(new Set(called).size).toBe(called.length);
    }
  });
});
