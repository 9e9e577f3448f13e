// Register tiles as data: two loops around sums of products run in blocks whose sums are in registers, so that what is loaded once
// serves several sums.

/** How a nest (two loops around sums of products) is cut. */
export interface Tile {
  /** Values of the outer loop whose sums are in registers at once. */
  readonly rows: number;
  /** Values of the inner loop. */
  readonly columns: number;
  /** Which blocks are run through outermost. */
  readonly order: "rows" | "columns";
  /** Whether the operand of the columns is copied first, in the order in which it is read. */
  readonly pack: boolean;
  /** Terms of a sum in one turn of its loop. */
  readonly unroll: number;
}

/** What a tile is chosen for. Sizes are those of a full batch. */
export interface Nest {
  readonly rows: number;
  readonly columns: number;
  /** Whether they are the numbers of a full batch, of which a call may have fewer. */
  readonly rowsVary: boolean;
  readonly columnsVary: boolean;
  /** Terms of a sum. */
  readonly terms: number;
  /** Sums of each output. */
  readonly sums: number;
  /** What lies side by side in memory: the columns' operand along its columns, or all operands along the terms. */
  readonly form: "columns" | "terms";
}

/** Where copies of the columns' operand are made. */
export interface Stage {
  /** The copies of one block of columns, made anew for each of them, or those of all blocks. */
  readonly holds: "block" | "all";
  /** They are made once for all turns of the loops within so many loops around the nest; absent: where the nest stands. */
  readonly outside?: number;
  /** Threads share out the blocks of rows, or the blocks of columns, each with the copies of its own. */
  readonly sharedBy: "rows" | "columns";
}

/** A nest and how it is run. */
export interface TiledNest {
  readonly nest: Nest;
  readonly tile: Tile;
  /** The cost model's choice: another one where a schedule says so. */
  readonly model: Tile;
  /** Whether each sum takes a vector of its terms at a time. */
  readonly byTerms: boolean;
  /** The tile of the rows that are left over, where blocks may leave some. */
  readonly left?: Tile;
  /** Present where the columns' operand is copied. */
  readonly stage?: Stage;
  /** What schedules know the nest by; where there is no schedule nobody asks for it. */
  readonly key?: string;
}
