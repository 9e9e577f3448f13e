// tapeless/data: files to arrays, arrays to rows to train on. Runs in a browser too, and imports tapeless/train alone.

export { TrainError } from "../train/messages.js";
export type { RowBatchOptions } from "./array-file.js";
export { categories, classWeights, oneHot, type ClassWeightOptions } from "./classes.js";
export type { ColumnOf, ColumnType, CsvColumn } from "./csv-columns.js";
export { csvBatches, parseCsv, readCsv, type CsvBatchOptions, type CsvOptions, type CsvTable } from "./csv.js";
export { idxBatches, parseIdx, readIdx } from "./idx.js";
export { imageTensor, type ImageOptions, type Picture } from "./image.js";
export type { NdArray, NumberArray } from "./nd-array.js";
export { normalize, type Normalized, type NormalizeOptions, type Scale } from "./normalize.js";
export { npyBatches, parseNpy, readNpy } from "./npy.js";
export { readPng } from "./png.js";
export { columnStack, shuffledRows, stackRows, takeRows, type OrderOptions } from "./rows.js";
export type { Source } from "./source.js";
export { kFold, splitRows, type Fold, type KFoldOptions, type Split, type SplitOptions } from "./split.js";
export { zipBatches, type ZippedBatch } from "./zip.js";
