// Which lines of a module compute which kernel.

/** Lines of the module's text, 1 for the first, that belong to a kernel. */
export interface Span {
  readonly entry: string;
  readonly kernel: string;
  /** The module's function; equal kernels share one. */
  readonly function: string;
  /** Its first line and its last. */
  readonly from: number;
  readonly to: number;
}
