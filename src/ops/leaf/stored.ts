// Parameters and states as layers ask for them: a new leaf, or, in a further application of a shared layer, the one that
// its first application made in its place.

import { applications, type Application } from "../../graph/application.js";
import type { Node } from "../../graph/node.js";
import { userFrames, type Origin } from "../../graph/origin.js";
import { sameGraph } from "../../graph/same-graph.js";
import { printShape, sameShape } from "../../graph/shape.js";
import { layerMismatch } from "../../messages.js";

/** What is asked for. An equal leaf of the first application takes its place. */
interface StoredAttrs {
  readonly initial: Node;
  readonly trainable?: boolean;
}

/** The leaf itself, or the one that takes its place in a further application of a layer. */
export function storedLeaf(asked: Node): Node {
  const open = applications();
  const innermost = open.at(-1);
  if (innermost === undefined || asked.origin.derived) return asked;
  const leaf = leafIn(innermost, asked, open);
  for (const application of open) application.uses.add(leaf);
  return leaf;
}

function leafIn(application: Application, asked: Node, open: readonly Application[]): Node {
  const { layer, leaves } = application;
  const firstLeaf = layer.first?.leaves[leaves.length];
  if (layer.first !== undefined) requireSame(application, asked, firstLeaf);
  // A layer that is declared in an application of another is a new one each time; its leaves are those of the other.
  const outer = layer.within !== undefined && open.includes(layer.within) ? layer.within : undefined;
  const leaf = firstLeaf ?? (outer ? leafIn(outer, asked, open) : asked);
  leaves.push(leaf);
  return leaf;
}

function requireSame(application: Application, asked: Node, firstLeaf: Node | undefined): void {
  const why = firstLeaf === undefined ? "it made none in its place" : differenceOf(asked, firstLeaf);
  if (why === undefined) return;
  const { layer, site } = application;
  const { origin } = asked;
  throw layerMismatch({
    what: described(asked),
    why,
    first: userFrames(layer.first!.site)[0],
    site,
    inner: origin.site,
  });
}

/** `dense's weight [8, 4]` */
const described = (leaf: Node): string => `${partOf(leaf.origin, leaf)} ${printShape(leaf.shape)}`;

function partOf({ site, role, name }: Origin, { def }: Node): string {
  return role === undefined ? `the ${def.name}${name === undefined ? "" : ` ${name}`}` : `${site.call}'s ${role}`;
}

function differenceOf(asked: Node, firstLeaf: Node): string | undefined {
  if (asked.def !== firstLeaf.def || partOf(asked.origin, asked) !== partOf(firstLeaf.origin, firstLeaf)) {
    return `it made ${described(firstLeaf)} in its place`;
  }
  if (!sameShape(asked.shape, firstLeaf.shape)) return `it made it ${printShape(firstLeaf.shape)}`;
  if (asked.dtype !== firstLeaf.dtype) return `it made it ${firstLeaf.dtype}, not ${asked.dtype}`;
  const [now, then] = [asked.attrs as StoredAttrs, firstLeaf.attrs as StoredAttrs];
  if (now.trainable !== then.trainable) return `it made it ${then.trainable ? "" : "not "}trainable`;
  return sameGraph(now.initial, then.initial) ? undefined : "it gave it another initial value";
}

/** After an application: refuses one that asked for less than the first. */
export function requireComplete({ layer, leaves, site }: Application): void {
  const missing = layer.first?.leaves[leaves.length];
  if (missing === undefined) return;
  const first = userFrames(layer.first!.site)[0];
  throw layerMismatch({
    what: `nothing after ${leaves.length} parameters and states`,
    why: `it made ${described(missing)} too`,
    first,
    site,
    inner: missing.origin.site,
  });
}
