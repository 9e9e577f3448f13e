// What a build can be asked for, by name: for `compile`, for the command line, for schedules.

export const TARGETS = ["typescript", "wasm"] as const;
export type TargetName = (typeof TARGETS)[number];

/** The types of floats in a module's memory. */
export const FLOAT_TYPES = ["float32", "float64"] as const;
export type FloatType = (typeof FLOAT_TYPES)[number];

/** What `tapeless print` shows. */
export const PRINTABLE = ["graph", "gradient", "kernels", "loops", "plan", "wat"] as const;
export type Printable = (typeof PRINTABLE)[number];
