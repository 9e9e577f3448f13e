// A scan as a loop of the program: its first carries are copied, its region is fused over the memory of one step.

import type { Node } from "../../../src/graph/node.js";
import { sizeOf } from "../../../src/graph/shape.js";
import { invariant } from "../../../src/messages.js";
import type { BufferUse, LoopIdentity, ProgramItem } from "../../ir/program.js";
import { newFuseCache, type Fused, type FuseInput } from "../input.js";
import { lowered, stripAlias } from "../lowered.js";
import type { Places } from "../places.js";
import { copyOf } from "../roots.js";
import { kernelFor } from "./kernel.js";

/** `fuse`: makes the items of the region. */
export function loopFor(scan: Node, { nameOf }: FuseInput, places: Places, fuse: (region: FuseInput) => Fused): Fused {
  const lowering = lowered(scan);
  invariant(lowering.kind === "scan", "a loop of the program is lowered to one");
  const { region, carries, sequences, length, reverse } = lowering;
  const results = scan.def.results!(scan).map((_, index) => places.result(scan, index));
  const loop: LoopIdentity = { name: nameOf(scan) };
  const along = (use: BufferUse, element: Node): BufferUse => ({
    buffer: use.buffer,
    advance: [...use.advance, { loop, stride: sizeOf(element.shape) }],
  });
  const given = new Map<Node, BufferUse>();
  const before: ProgramItem[] = [];
  for (const [index, parameter] of region.parameters.entries()) {
    const input = scan.inputs[index]!;
    if (index < carries) {
      given.set(parameter, results[index]!);
      before.push(copyInto(input, results[index]!, places, nameOf));
    } else {
      const source = places.of(stripAlias(input));
      given.set(parameter, index < carries + sequences ? along(source, parameter) : source);
    }
  }
  const next = region.results.slice(0, carries);
  const outputs = region.results.slice(carries);
  const body = fuse({
    cache: newFuseCache(),
    results: outputs.map((value, index) => ({ value, use: along(results[carries + index]!, value) })),
    updates: next.map((value, index) => ({ leaf: region.parameters[index]!, value })),
    leaf: (inner) => given.get(inner) ?? places.of(inner),
    nameOf,
    updateName: (parameter) => `${nameOf(scan)}.${nameOf(parameter)}`,
  });
  return { ...body, items: [...before, { kind: "repeat", loop, count: length, reverse, body: body.items }] };
}

/** A call that copies what lies elsewhere. */
function copyInto(value: Node, use: BufferUse, places: Places, nameOf: (node: Node) => string): ProgramItem {
  const copy = copyOf(value);
  const request = {
    roots: [copy],
    known: () => undefined,
    isStored: () => true,
    placeOf: (root: typeof copy | Node): BufferUse => (root === copy ? use : places.of(root)),
    name: nameOf(copy.named),
  };
  return kernelFor(request, new Set()).call;
}
