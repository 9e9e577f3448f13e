// What is gone through once in every epoch begins anew each time, where its source can.

import * as say from "./messages.js";
import { isRepeatable, type Source } from "./source.js";

/** An iterable that opens its source each time; a second time is refused where the source is a stream. */
export function rereadable<Item>(source: Source, open: () => AsyncGenerator<Item, void, void>): AsyncIterable<Item> {
  let isRead = false;
  return {
    [Symbol.asyncIterator]() {
      if (isRead && !isRepeatable(source)) throw say.readTwice();
      isRead = true;
      return open();
    },
  };
}
