// What the word network is told of its data before it is compiled.

/** The number of words that have vectors: the most frequent ones. */
export const VOCABULARY = 4000;
/** Random words beside each near one. */
export const NEGATIVES = 5;
