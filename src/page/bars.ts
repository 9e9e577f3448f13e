// Numbers from 0 to 1 beside one another, as bars.

import * as say from "./messages.js";

/** Rows of labels, bars and percents. {@link bars} makes them. */
export interface Bars {
  /**
   * Shows one number for each label, from 0 to 1: a number beyond them fills its bar, or leaves it empty, as NaN does.
   * The row of the largest one, the first of equals, has the attribute `data-largest`. Throws BAD_LENGTH.
   */
  set(values: ArrayLike<number>): void;
  /** Empties the bars and takes the numbers and the mark away, as at first. */
  clear(): void;
}

/**
 * Fills an element with a row for each label: the label, a `<meter>`, and the number in whole percents. Screen readers tell
 * what a meter is. How rows look is the page's style: `.bars-row`, and in it `label`, `meter`, `span`.
 * @param element what the rows are put into; what was in it is gone
 * @param labels texts, from top to bottom
 * @returns what sets the numbers; none is known at first
 * @throws BAD_ELEMENT
 * @example
 * ```ts page
 * const pixels = input("pixels", ["batch", 784]);
 * const probability = softmax(dense(pixels, 3));
 * const model = compile(network("classes", { batch: 1, outputs: { probability } })).create();
 * const classes = bars(document.querySelector<HTMLElement>("#classes")!, ["circle", "square", "star"]);
 * model.predict(1);
 * classes.set(model.outputs.probability!.subarray(0, 3));
 * ```
 */
export function bars(element: HTMLElement, labels: readonly string[]): Bars {
  if (!(element instanceof HTMLElement)) {
    throw say.notAnElement({ caller: "bars", expected: "an element", value: element });
  }
  const rows = labels.map((label) => {
    const row = document.createElement("div");
    const name = document.createElement("label");
    const meter = document.createElement("meter");
    // No `output`: each of them would be read aloud whenever it changes.
    const share = document.createElement("span");
    row.className = "bars-row";
    name.append(label, meter);
    row.append(name, share);
    return { row, meter, share };
  });
  element.replaceChildren(...rows.map(({ row }) => row));

  const show = (values: ArrayLike<number> | undefined): void => {
    const largest = values === undefined ? -1 : indexOfLargest(values);
    rows.forEach(({ row, meter, share }, i) => {
      const value = values?.[i];
      // A meter refuses what is no finite number.
      meter.value = value !== undefined && Number.isFinite(value) ? value : 0;
      share.textContent = value === undefined ? "" : `${(100 * value).toFixed(0)} %`;
      row.toggleAttribute("data-largest", i === largest);
    });
  };
  show(undefined);
  return {
    set(values) {
      if (values.length !== rows.length) {
        throw say.wrongCount({ what: "numbers", given: values.length, expected: rows.length });
      }
      show(values);
    },
    clear: () => show(undefined),
  };
}

/** -1 where there is no number. */
const indexOfLargest = (values: ArrayLike<number>): number =>
  Array.from(values).reduce((best, value, i) => (value > (values[best] ?? -Infinity) ? i : best), -1);
