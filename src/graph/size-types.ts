// Arithmetic of literal sizes for the types of shapes, digit by digit as on paper: what a sum or a quotient costs the type
// checker grows with the number of digits and not with the number. (Tuples as long as the number would make it copy 4,096
// elements for an image, and end with "too large to represent" from 10,000 on.)
//
// A number is a list of its digits, the last one first: 128 is [8, 2, 1], and zero is []. What is not known, or is no whole
// number, gives `number`: a literal is never guessed.

type Digit = 0 | 1 | 2 | 3 | 4 | 5 | 6 | 7 | 8 | 9;
type Digits = readonly Digit[];

/** The sum of two digits. */
type Sums = readonly [
  readonly [0, 1, 2, 3, 4, 5, 6, 7, 8, 9],
  readonly [1, 2, 3, 4, 5, 6, 7, 8, 9, 10],
  readonly [2, 3, 4, 5, 6, 7, 8, 9, 10, 11],
  readonly [3, 4, 5, 6, 7, 8, 9, 10, 11, 12],
  readonly [4, 5, 6, 7, 8, 9, 10, 11, 12, 13],
  readonly [5, 6, 7, 8, 9, 10, 11, 12, 13, 14],
  readonly [6, 7, 8, 9, 10, 11, 12, 13, 14, 15],
  readonly [7, 8, 9, 10, 11, 12, 13, 14, 15, 16],
  readonly [8, 9, 10, 11, 12, 13, 14, 15, 16, 17],
  readonly [9, 10, 11, 12, 13, 14, 15, 16, 17, 18],
];

/** A sum of digits with what is carried: its last digit, and what is carried on. */
type Last = readonly [
  readonly [0, 1, 2, 3, 4, 5, 6, 7, 8, 9, 0, 1, 2, 3, 4, 5, 6, 7, 8],
  readonly [1, 2, 3, 4, 5, 6, 7, 8, 9, 0, 1, 2, 3, 4, 5, 6, 7, 8, 9],
];
type Carry = readonly [
  readonly [0, 0, 0, 0, 0, 0, 0, 0, 0, 0, 1, 1, 1, 1, 1, 1, 1, 1, 1],
  readonly [0, 0, 0, 0, 0, 0, 0, 0, 0, 1, 1, 1, 1, 1, 1, 1, 1, 1, 1],
];

/** Ten more than the difference of two digits. */
type Differences = readonly [
  readonly [10, 9, 8, 7, 6, 5, 4, 3, 2, 1],
  readonly [11, 10, 9, 8, 7, 6, 5, 4, 3, 2],
  readonly [12, 11, 10, 9, 8, 7, 6, 5, 4, 3],
  readonly [13, 12, 11, 10, 9, 8, 7, 6, 5, 4],
  readonly [14, 13, 12, 11, 10, 9, 8, 7, 6, 5],
  readonly [15, 14, 13, 12, 11, 10, 9, 8, 7, 6],
  readonly [16, 15, 14, 13, 12, 11, 10, 9, 8, 7],
  readonly [17, 16, 15, 14, 13, 12, 11, 10, 9, 8],
  readonly [18, 17, 16, 15, 14, 13, 12, 11, 10, 9],
  readonly [19, 18, 17, 16, 15, 14, 13, 12, 11, 10],
];

/** Such a difference less what is borrowed: its last digit, and what is borrowed on. */
type Left = readonly [
  readonly [0, 1, 2, 3, 4, 5, 6, 7, 8, 9, 0, 1, 2, 3, 4, 5, 6, 7, 8, 9],
  readonly [9, 0, 1, 2, 3, 4, 5, 6, 7, 8, 9, 0, 1, 2, 3, 4, 5, 6, 7, 8],
];
type Borrow = readonly [
  readonly [1, 1, 1, 1, 1, 1, 1, 1, 1, 1, 0, 0, 0, 0, 0, 0, 0, 0, 0, 0],
  readonly [1, 1, 1, 1, 1, 1, 1, 1, 1, 1, 1, 0, 0, 0, 0, 0, 0, 0, 0, 0],
];

/** Half of a digit, and half of ten more: pools ask for them. */
type Halves = readonly [
  readonly [[0, []], [0, [1]], [1, []], [1, [1]], [2, []], [2, [1]], [3, []], [3, [1]], [4, []], [4, [1]]],
  readonly [[5, []], [5, [1]], [6, []], [6, [1]], [7, []], [7, [1]], [8, []], [8, [1]], [9, []], [9, [1]]],
];

/** As many elements as each digit counts. */
type Units = readonly [
  [],
  [0],
  [0, 0],
  [0, 0, 0],
  [0, 0, 0, 0],
  [0, 0, 0, 0, 0],
  [0, 0, 0, 0, 0, 0],
  [0, 0, 0, 0, 0, 0, 0],
  [0, 0, 0, 0, 0, 0, 0, 0],
  [0, 0, 0, 0, 0, 0, 0, 0, 0],
];

/** The digits by their characters. (A pattern of three `infer X extends Digit` would make the checker list a thousand texts.) */
interface Values {
  readonly "0": 0;
  readonly "1": 1;
  readonly "2": 2;
  readonly "3": 3;
  readonly "4": 4;
  readonly "5": 5;
  readonly "6": 6;
  readonly "7": 7;
  readonly "8": 8;
  readonly "9": 9;
}

/** The digits of a whole number below a million; null for anything else. Most have up to three: they are read at once. */
type Read<Text extends string> = Text extends keyof Values
  ? Text extends "0"
    ? readonly []
    : readonly [Values[Text]]
  : Text extends `${infer X}${infer Y}${infer Z}`
    ? X extends keyof Values
      ? Y extends keyof Values
        ? Z extends keyof Values
          ? readonly [Values[Z], Values[Y], Values[X]]
          : ReadOn<Z, readonly [Values[Y], Values[X]]>
        : null
      : null
    : null;

type ReadOn<Text extends string, Done extends Digits> = Done["length"] extends 7
  ? null
  : Text extends `${infer First}${infer Rest}`
    ? First extends keyof Values
      ? ReadOn<Rest, readonly [Values[First], ...Done]>
      : null
    : Done;

/** Without zeros at its front. */
type Trim<A extends Digits> = A extends readonly [...infer Rest extends Digits, 0] ? Trim<Rest> : A;

type Print<A extends Digits, Text extends string = ""> = A extends readonly [
  infer First extends Digit,
  ...infer Rest extends Digits,
]
  ? Print<Rest, `${First}${Text}`>
  : Text;

type Write<A extends Digits> = A extends readonly [infer X extends Digit]
  ? X
  : A extends readonly [infer X extends Digit, infer Y extends Digit]
    ? Number<`${Y}${X}`>
    : A extends readonly [infer X extends Digit, infer Y extends Digit, infer Z extends Digit]
      ? Number<`${Z}${Y}${X}`>
      : Number<Print<A>>;

type Number<Text extends string> = Text extends `${infer N extends number}` ? N : 0;

type Sum = Sums[number][number];

type Add<
  A extends Digits,
  B extends Digits,
  C extends 0 | 1 = 0,
  Done extends Digits = readonly [],
> = A extends readonly [infer X extends Digit, ...infer As extends Digits]
  ? B extends readonly [infer Y extends Digit, ...infer Bs extends Digits]
    ? Sums[X][Y] extends infer S extends Sum
      ? Add<As, Bs, Carry[C][S], readonly [...Done, Last[C][S]]>
      : never
    : CarryOn<A, C, Done>
  : CarryOn<B, C, Done>;

type CarryOn<A extends Digits, C extends 0 | 1, Done extends Digits> = C extends 0
  ? readonly [...Done, ...A]
  : A extends readonly [infer X extends Digit, ...infer As extends Digits]
    ? CarryOn<As, Carry[1][X], readonly [...Done, Last[1][X]]>
    : readonly [...Done, 1];

type Difference = Differences[number][number];

/** A - B; null where that is negative. */
type Subtract<
  A extends Digits,
  B extends Digits,
  C extends 0 | 1 = 0,
  Done extends Digits = readonly [],
> = A extends readonly [infer X extends Digit, ...infer As extends Digits]
  ? B extends readonly [infer Y extends Digit, ...infer Bs extends Digits]
    ? Differences[X][Y] extends infer D extends Difference
      ? Subtract<As, Bs, Borrow[C][D], readonly [...Done, Left[C][D]]>
      : never
    : BorrowOn<A, C, Done>
  : B extends readonly []
    ? BorrowOn<A, C, Done>
    : null;

type BorrowOn<A extends Digits, C extends 0 | 1, Done extends Digits> = C extends 0
  ? Trim<readonly [...Done, ...A]>
  : A extends readonly [infer X extends Digit, ...infer As extends Digits]
    ? X extends 0
      ? BorrowOn<As, 1, readonly [...Done, 9]>
      : Trim<readonly [...Done, Differences[X][1] extends infer D extends Difference ? Left[0][D] : never, ...As]>
    : null;

type Repeat<A extends Digits, Times extends readonly 0[], Sum extends Digits = readonly []> = Times extends readonly [
  0,
  ...infer Rest extends readonly 0[],
]
  ? Repeat<A, Rest, Add<A, Sum>>
  : Sum;

type Multiply<A extends Digits, B extends Digits, Sum extends Digits = readonly []> = B extends readonly [
  ...infer Rest extends Digits,
  infer D extends Digit,
]
  ? Multiply<A, Rest, Add<Repeat<A, Units[D]>, readonly [0, ...Sum]>>
  : Trim<Sum>;

/** How often B goes into A, at most nine times, and what is left. */
type Fit<A extends Digits, B extends Digits, Count extends readonly 0[] = readonly []> =
  Subtract<A, B> extends infer Less extends Digits
    ? Fit<Less, B, readonly [...Count, 0]>
    : Count["length"] extends infer Times extends Digit
      ? readonly [Times, Trim<A>]
      : never;

/** Quotient and remainder by long division. B is not zero. */
type Divide<
  A extends Digits,
  B extends Digits,
  Quotient extends Digits = readonly [],
  Rest extends Digits = readonly [],
> = A extends readonly [...infer Front extends Digits, infer D extends Digit]
  ? (
      B extends readonly [2] ? Halves[Rest extends readonly [] ? 0 : 1][D] : Fit<readonly [D, ...Rest], B>
    ) extends readonly [infer Times extends Digit, infer Less extends Digits]
    ? Divide<Front, B, readonly [Times, ...Quotient], Less>
    : never
  : readonly [quotient: Trim<Quotient>, remainder: Rest];

/** The digits of both, one pair for each pair of literals; null where one is not known. */
type Both<A extends number, B extends number> = A extends A
  ? B extends B
    ? number extends A
      ? null
      : number extends B
        ? null
        : readonly [Read<`${A}`>, Read<`${B}`>]
    : never
  : never;

type Pair = readonly [Digits, Digits];

/** A + B. */
export type Plus<A extends number, B extends number> =
  Both<A, B> extends infer P ? (P extends Pair ? Write<Add<P[0], P[1]>> : number) : never;

/** A - B; `number` where that is negative. */
export type Minus<A extends number, B extends number> =
  Both<A, B> extends infer P
    ? P extends Pair
      ? Subtract<P[0], P[1]> extends infer Rest extends Digits
        ? Write<Rest>
        : number
      : number
    : never;

/** A * B. */
export type Times<A extends number, B extends number> =
  Both<A, B> extends infer P ? (P extends Pair ? Write<Multiply<P[0], P[1]>> : number) : never;

/** A / B, rounded down; `number` where B is 0. */
export type Floor<A extends number, B extends number> =
  Both<A, B> extends infer P
    ? P extends Pair
      ? P[1] extends readonly []
        ? number
        : Write<Divide<P[0], P[1]>[0]>
      : number
    : never;

/** A / B, rounded up; `number` where B is 0. */
export type Ceil<A extends number, B extends number> =
  Both<A, B> extends infer P
    ? P extends Pair
      ? P[1] extends readonly []
        ? number
        : Divide<P[0], P[1]> extends readonly [infer Quotient extends Digits, infer Rest extends Digits]
          ? Rest extends readonly []
            ? Write<Quotient>
            : Write<Add<Quotient, readonly [1]>>
          : never
      : number
    : never;

/** A / B; `number` where that is no whole number. */
export type Quotient<A extends number, B extends number> =
  Both<A, B> extends infer P
    ? P extends Pair
      ? P[1] extends readonly []
        ? number
        : Divide<P[0], P[1]> extends readonly [infer Quotient extends Digits, readonly []]
          ? Write<Quotient>
          : number
      : number
    : never;

/** The smaller one. */
export type Least<A extends number, B extends number> =
  Both<A, B> extends infer P
    ? P extends Pair
      ? Subtract<P[0], P[1]> extends Digits
        ? Write<P[1]>
        : Write<P[0]>
      : number
    : never;

/** N, and `number` where it exceeds `Most`. */
export type UpTo<N extends number, Most extends number> =
  Both<N, Most> extends infer P
    ? P extends Pair
      ? Subtract<P[1], P[0]> extends Digits
        ? Write<P[0]>
        : number
      : number
    : never;
