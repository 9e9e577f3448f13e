/** Red, green, blue and opacity of each pixel, row by row: what `context.getImageData` gives. */
export interface CanvasPixels {
  readonly width: number;
  readonly height: number;
  readonly data: ArrayLike<number>;
}
