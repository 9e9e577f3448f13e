// Plain data, such as the attributes of nodes, as text: equal data give equal text.

/** What is no plain data (functions, nodes) counts by identity, as `idOf` numbers it. -0 is not 0. */
export function dataKey(value: unknown, idOf: (thing: object) => number): string {
  if (typeof value === "number") return Object.is(value, -0) ? "-0" : String(value);
  if (typeof value === "string") return JSON.stringify(value);
  if (typeof value === "function") return `#${idOf(value)}`;
  if (typeof value !== "object" || value === null) return String(value);
  if (Array.isArray(value)) return `[${value.map((item) => dataKey(item, idOf)).join(",")}]`;
  if (Object.getPrototypeOf(value) !== Object.prototype || "def" in value) return `#${idOf(value)}`;
  let text = "{";
  for (const name of Object.keys(value).sort()) text += `${name}:${dataKey(value[name as never], idOf)},`;
  return `${text}}`;
}
