// Reads names out of a file's syntax tree: which call stands at a stack frame's position, into which const its value goes,
// and which loops and functions are around it.

import type { Frame } from "../../src/graph/origin.js";
import type { Match, Place } from "./place.js";
import type { Call, Import, Parse, SyntaxFile, SyntaxNode } from "./syntax.js";

/** The places of frames in a file, each of them read once. */
export function placeReader(parse: Parse, path: string, text: string): (frame: Frame) => Place {
  const file = parse(path, text);
  const lines = lineStarts(text);
  const anchors = anchorsOf(file, text);
  const places = new Map<string, Place>();
  return (frame) => {
    const spot = `${frame.line}:${frame.column}`;
    let place = places.get(spot);
    if (place === undefined) {
      const line = lines[Math.min(frame.line, lines.length) - 1] ?? 0;
      places.set(spot, (place = readPlace(file, anchors, frame, line + frame.column - 1)));
    }
    return place;
  };
}

/** Where lines begin, as engines and compilers count them. */
function lineStarts(text: string): readonly number[] {
  return [0, ...[...text.matchAll(/\r\n|[\n\r\u2028\u2029]/g)].map(({ 0: end, index }) => index + end.length)];
}

function readPlace(file: SyntaxFile, anchors: Anchors, frame: Frame, position: number): Place {
  const { call, match } = callAt(file, anchors, position);
  if (call === undefined) {
    const key = `${frame.file}@${position}`;
    return {
      key,
      frame,
      match,
      name: undefined,
      direct: false,
      returned: false,
      owner: key,
      callee: undefined,
      imported: undefined,
      start: position,
      end: position,
      body: frame.file,
      topLevel: false,
      callback: false,
      loops: [],
      parameters: [],
    };
  }
  const { body, topLevel, callback, loops } = surroundings(call);
  const { owner, ...named } = nameOf(call, file.imports);
  return {
    key: `${frame.file}@${call.start}-${call.end}`,
    frame,
    match,
    ...named,
    owner: `${frame.file}@${owner.start}`,
    callee: calleeName(call),
    imported: importedCallee(call, file.imports),
    start: call.start,
    end: call.end,
    body: `${frame.file}@${body ?? ""}`,
    topLevel,
    callback,
    loops,
    parameters: call.parameters,
  };
}

/** Calls by the position that engines mean them by. */
type Anchors = ReadonlyMap<number, Call>;

/**
 * V8 means the callee's last name or, where there is none right before the arguments, as in `f(x)(y)`, their parenthesis. So it
 * does in `(0, f)(x)`, which compilers make of `f(x)` and map back to the same parenthesis.
 */
function anchorsOf({ calls }: SyntaxFile, text: string): Anchors {
  const anchors = new Map<number, Call>();
  for (const call of calls) {
    const parenthesis = call.form === "call" ? afterSpace(text, call.callee.end) : -1;
    if (text[parenthesis] === "(") anchors.set(parenthesis, call);
  }
  // Of calls with one name, such as `f(x)` and `f(x)(y)`, the innermost.
  for (const call of calls) anchors.set(anchorOf(call), call);
  return anchors;
}

function afterSpace(text: string, position: number): number {
  let at = position;
  while (/\s/.test(text[at] ?? "")) at++;
  return at;
}

/** The call that the engine means by a position. */
function callAt(
  { calls, starts }: SyntaxFile,
  anchors: Anchors,
  position: number,
): { call: Call | undefined; match: Match } {
  const exact = anchors.get(position);
  if (exact) return { call: exact, match: "call" };
  const within = calls.findLast(({ callee }) => position >= callee.start && position < callee.end);
  if (within) return { call: within, match: "callee" };
  const around = calls.findLast(({ start, end }) => position >= start && position < end);
  return { call: around, match: starts.has(position) ? "node" : "none" };
}

/** The callee's last name. */
function anchorOf(call: Call): number {
  if (call.form === "new") return call.start;
  const callee = innermost(call.callee);
  return callee.kind === "member" ? callee.property.start : callee.start;
}

/** The last name of what is called. */
function calleeName(call: Call): string | undefined {
  const callee = innermost(call.callee);
  const name = callee.kind === "member" ? callee.property : callee;
  return name.kind === "name" ? name.text : undefined;
}

/** What the callee was imported as, and from where; undefined for what is no import, and for a whole namespace. */
function importedCallee(call: Call, imports: readonly Import[]): Place["imported"] {
  const callee = innermost(call.callee);
  const importOf = (node: SyntaxNode): Import | undefined =>
    node.kind === "name" ? imports.find(({ local }) => local === node.text) : undefined;
  if (callee.kind !== "member") return importOf(callee);
  const object = importOf(innermost(callee.object));
  return object?.imported === "*" ? { imported: callee.property.text, from: object.from } : undefined;
}

/** An expression out of its parentheses and type assertions. */
function innermost(node: SyntaxNode): SyntaxNode {
  let inner = node;
  while (inner.kind === "group") inner = inner.expression;
  return inner;
}

interface Named extends Pick<Place, "name" | "direct" | "returned"> {
  /** Where the climb stopped: the declaration that gives the name, or the statement. */
  readonly owner: SyntaxNode;
}

/** Climbs to the const, property or assignment that takes the call's value; stops at the enclosing function. */
function nameOf(call: Call, imports: readonly Import[]): Named {
  let path = "";
  let direct = true;
  let node: SyntaxNode = call;
  const prepend = (segment: string): void => {
    path = path === "" || path.startsWith("[") ? segment + path : `${segment}.${path}`;
  };
  const unnamed = (owner: SyntaxNode): Named => ({ name: undefined, direct: false, returned: false, owner });
  const named = (segment: string | undefined, owner: SyntaxNode): Named => {
    if (segment !== undefined) prepend(segment);
    return path === "" ? unnamed(owner) : { name: path, direct, returned: false, owner };
  };
  for (;;) {
    const parent: SyntaxNode = node.parent!;
    switch (parent.kind) {
      case "binding":
        if (!parent.whole && path === "") direct = false;
        return named(parent.name, parent);
      case "assignment":
        return parent.value === node ? named(parent.name, parent) : unnamed(parent);
      case "property":
        if (parent.key === "outputs" || parent.key === "steps") return unnamed(parent);
        if (parent.key !== undefined) prepend(parent.key);
        // The object around it.
        node = parent.parent!;
        continue;
      case "list":
        // A list handed to a call has no name of its own, and its order is the call's business.
        if (outOfGroups(parent).parent?.kind !== "call") prepend(`[${parent.elements.indexOf(node)}]`);
        break;
      case "call":
        if (isNetworkCall(parent, imports)) return unnamed(parent);
        if (path === "") direct = false;
        break;
      case "return":
      case "arrow":
        if (path !== "") return { name: path, direct, returned: false, owner: parent };
        return { ...unnamed(parent), returned: direct };
      case "group":
      case "await":
        break;
      case "conditional":
        if (parent.test === node && path === "") direct = false;
        break;
      case "inner":
      case "member":
        if (path === "") direct = false;
        break;
      default:
        return named(undefined, parent);
    }
    node = parent;
  }
}

function isNetworkCall({ callee }: Call, imports: readonly Import[]): boolean {
  if (callee.kind === "name") return imports.some((one) => one.imported === "network" && one.local === callee.text);
  return callee.kind === "member" && callee.property.text === "network";
}

function outOfGroups(node: SyntaxNode): SyntaxNode {
  let outer = node;
  while (outer.parent?.kind === "group") outer = outer.parent;
  return outer;
}

/** The function around the call, undefined for none, and the loops between the two. */
function surroundings(call: Call): {
  readonly body: number | undefined;
  readonly topLevel: boolean;
  readonly callback: boolean;
  readonly loops: readonly number[];
} {
  const loops: number[] = [];
  let topLevel = true;
  for (let node: SyntaxNode | undefined = call; node !== undefined; node = node.parent) {
    if (node.kind === "loop") loops.push(node.start);
    // A field is made by whoever makes an object.
    if (node.kind === "binding" && node.field) topLevel = false;
    if (node.kind === "function" || node.kind === "arrow") {
      const written = outOfGroups(node);
      const { parent } = written;
      const callback = parent?.kind === "call" && parent.form !== "tag" && parent.callee !== written;
      return { body: node.start, topLevel: false, callback, loops };
    }
  }
  return { body: undefined, topLevel, callback: false, loops };
}
