// Remembering what a pure function gave for an object.

/**
 * The function itself, which computes each result once for as long as the object lives. `compute` is pure, and its argument frozen:
 * what it gave once holds for ever.
 */
export function memo<Key extends object, Result>(compute: (key: Key) => Result): (key: Key) => Result {
  const results = new WeakMap<Key, { readonly result: Result }>();
  return (key) => {
    let entry = results.get(key);
    if (entry === undefined) results.set(key, (entry = { result: compute(key) }));
    return entry.result;
  };
}
