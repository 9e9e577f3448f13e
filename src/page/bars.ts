// Numbers from 0 to 1 beside one another, as bars.

import * as say from "./messages.js";

export interface Bars {
  /** One number for each label, from 0 to 1. The largest is marked: its row has the attribute `data-largest`. */
  set(values: ArrayLike<number>): void;
  /** No number is known. */
  clear(): void;
}

/**
 * Fills an element with a row for each label: the label, a `<meter>`, and the number in percent. Meters have a meaning of their own, which
 * screen readers tell; how rows look is the page's style: `.bars-row`, and in it `label`, `meter`, `span`.
 *
 *     const probability = bars(document.querySelector("#classes"), ["0", "1", "2", "3", "4", "5", "6", "7", "8", "9"]);
 *     probability.set(net.outputs.probability.subarray(0, 10));
 *
 * Throws TrainError BAD_ELEMENT; `set` BAD_LENGTH.
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
