// The cost model of a machine's tiles.

import type { Nest, Tile } from "../../ir/tile.js";
import type { TileRules } from "../machines/machine.js";
import { scalarTiles } from "./scalar-tiles.js";
import { vectorTiles } from "./vector-tiles.js";

/** What is known of tiles. Pure. */
export interface TileModel {
  /** The tile that should be fastest. */
  readonly choose: (nest: Nest) => Tile;
  /** The tile of so many rows that the tile leaves over. */
  readonly left: (nest: Nest, tile: Tile, rows: number) => Tile;
  /** Whether each sum takes a vector of its terms at a time. */
  readonly takesTerms: (nest: Nest, tile: Tile) => boolean;
  /** Why a tile cannot be run; undefined if it can. */
  readonly problem: (tile: Tile, nest: Nest) => string | undefined;
  /**
   * Tiles worth measuring beside the best one known, in the order of their promise: of other sizes (round 0), in another
   * order or packed otherwise (round 1), with longer turns (round 2).
   */
  readonly candidates: (nest: Nest, best: Tile, round: number) => readonly Tile[];
}

export const tileModel = ({ costs }: TileRules): TileModel =>
  costs.kind === "scalars" ? scalarTiles(costs) : vectorTiles(costs);
