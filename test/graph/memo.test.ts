// What a pure function gave for an object is computed once.

import { expect, test } from "vitest";
import { memo } from "../../src/graph/memo.js";

test("each object is computed once, and another one by itself", () => {
  const asked: object[] = [];
  const size = memo((list: readonly number[]) => {
    asked.push(list);
    return list.length;
  });
  const [one, other] = [
    [1, 2],
    [1, 2],
  ];
  expect([size(one), size(one), size(other)]).toEqual([2, 2, 2]);
  expect(asked).toEqual([one, other]);
});

test("a result of undefined is remembered too", () => {
  let asked = 0;
  const nothing = memo<object, void>(() => void asked++);
  const key = {};
  expect([nothing(key), nothing(key)]).toEqual([undefined, undefined]);
  expect(asked).toBe(1);
});

test("negative control: what throws is asked again", () => {
  let asked = 0;
  const failing = memo<object, void>(() => {
    asked++;
    throw new Error("no");
  });
  const key = {};
  expect(() => failing(key)).toThrow("no");
  expect(() => failing(key)).toThrow("no");
  expect(asked).toBe(2);
});
