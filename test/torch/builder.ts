// How a case is declared in this project's language.

import type { Tensor } from "../../src/graph/tensor.js";

type Letter = "a" | "b" | "c" | "g" | "h" | "i" | "k" | "m" | "o" | "p" | "q" | "r" | "s" | "t" | "u" | "v" | "w" | "x";

/** A case's inputs by the names that the table gives them: a letter or two, or a letter and a number. */
export type Given = Readonly<Record<Letter | "y" | "z" | `${Letter}${Letter | 1 | 2 | 3}`, Tensor>>;

export type Builder = (given: Given) => Tensor | readonly Tensor[];

/** Builders by the names of the table's cases. */
export type Builders = Readonly<Record<string, Builder>>;
