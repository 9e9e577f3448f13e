// Arithmetic of literal sizes. Compiled by the type check; an expected error is a control that fails when the mistake beneath it becomes legal.

import type { Plus, Minus, Times, Floor, Ceil, Quotient, Least, UpTo } from "../../src/graph/size-types.js";
import type { Same } from "./expect.js";

declare function is<A, B>(same: Same<A, B>): void;
is<Plus<28, 4>, 32>(true);
is<Plus<95, 7>, 102>(true);
is<Plus<0, 0>, 0>(true);
is<Plus<number, 3>, number>(true);
is<Plus<-1, 3>, number>(true);
is<Plus<1 | 9, 1>, 2 | 10>(true);
is<Minus<28, 4>, 24>(true);
is<Minus<100, 1>, 99>(true);
is<Minus<4, 4>, 0>(true);
is<Minus<4, 5>, number>(true);
is<Minus<1000, 999>, 1>(true);
is<Times<28, 28>, 784>(true);
is<Times<0, 28>, 0>(true);
is<Times<64, 64>, 4096>(true);
is<Times<3136, 99>, 310464>(true);
is<Times<10, 10>, 100>(true);
is<Floor<224, 2>, 112>(true);
is<Floor<25, 2>, 12>(true);
is<Floor<1, 2>, 0>(true);
is<Ceil<25, 2>, 13>(true);
is<Ceil<24, 2>, 12>(true);
is<Ceil<0, 2>, 0>(true);
is<Floor<4, 0>, number>(true);
is<Quotient<4096, 64>, 64>(true);
is<Quotient<4096, 65>, number>(true);
is<Quotient<1000, 10>, 100>(true);
is<Least<3, 5>, 3>(true);
is<Least<5, 3>, 3>(true);
is<UpTo<4096, 4096>, 4096>(true);
is<UpTo<4097, 4096>, number>(true);
is<UpTo<number, 4096>, number>(true);
is<Plus<1.5, 2>, number>(true);
is<Plus<1e21, 1>, number>(true);
is<Plus<1000000, 1>, number>(true);
is<Plus<999999, 1>, 1000000>(true);

// @ts-expect-error 28 + 4 is no 33
is<Plus<28, 4>, 33>(true);
