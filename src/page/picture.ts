/** Red, green, blue and opacity of each pixel, row by row: what `context.getImageData` gives. */
export interface Picture {
  readonly width: number;
  readonly height: number;
  readonly data: ArrayLike<number>;
}
