// From the unpacked lines of a PNG file to pixels: filters, interlacing, depths, palettes. Pure.

import * as say from "./messages.js";

export interface PngHeader {
  readonly width: number;
  readonly height: number;
  /** Bits of one sample: 1, 2, 4, 8 or 16. */
  readonly depth: number;
  /** 0: grey, 2: red, green and blue, 3: palette, 4: grey and opacity, 6: colours and opacity. */
  readonly color: number;
  readonly isInterlaced: boolean;
}

/** Pixels that stand in lines of their own: where they begin and how far they are apart. */
interface Pass {
  readonly x: number;
  readonly y: number;
  readonly dx: number;
  readonly dy: number;
}

const WHOLE: readonly Pass[] = [{ x: 0, y: 0, dx: 1, dy: 1 }];

/** Adam7. */
const INTERLACED: readonly Pass[] = [
  { x: 0, y: 0, dx: 8, dy: 8 },
  { x: 4, y: 0, dx: 8, dy: 8 },
  { x: 0, y: 4, dx: 4, dy: 8 },
  { x: 2, y: 0, dx: 4, dy: 4 },
  { x: 0, y: 2, dx: 2, dy: 4 },
  { x: 1, y: 0, dx: 2, dy: 2 },
  { x: 0, y: 1, dx: 1, dy: 2 },
];

const SAMPLES: Readonly<Record<number, number>> = { 0: 1, 2: 3, 3: 1, 4: 2, 6: 4 };

/** The passes over a picture, and the bytes of them all with the filter before each line. */
export function layoutOf(header: PngHeader) {
  const bits = SAMPLES[header.color]! * header.depth;
  const passes = (header.isInterlaced ? INTERLACED : WHOLE).flatMap((pass) => {
    const across = Math.ceil((header.width - pass.x) / pass.dx);
    const down = Math.ceil((header.height - pass.y) / pass.dy);
    return across > 0 && down > 0 ? [{ ...pass, across, down, lineBytes: Math.ceil((across * bits) / 8) }] : [];
  });
  const bytes = passes.reduce((sum, { down, lineBytes }) => sum + down * (1 + lineBytes), 0);
  return { passes, bytes, pixelBytes: Math.max(1, bits >> 3) };
}

interface Colors {
  readonly header: PngHeader;
  readonly palette: Uint8Array | undefined;
  readonly transparency: Uint8Array | undefined;
}

/** Red, green, blue and opacity of each pixel, 0 .. largest. `lines` are changed. */
export function picture(colors: Colors, lines: Uint8Array) {
  const { header } = colors;
  const { passes, pixelBytes } = layoutOf(header);
  const { width, height, depth } = header;
  const largest = depth === 16 ? 65_535 : 255;
  const data = new (depth === 16 ? Uint16Array : Uint8Array)(4 * width * height);
  const put = pixelWriter(colors, data);
  let at = 0;
  for (const { x, y, dx, dy, across, down, lineBytes } of passes) {
    let above: Uint8Array = new Uint8Array(lineBytes);
    for (let row = 0; row < down; row++) {
      const line = lines.subarray(at + 1, at + 1 + lineBytes);
      unfilter(lines[at]!, line, above, pixelBytes);
      for (let i = 0; i < across; i++) put(line, i, 4 * ((y + row * dy) * width + x + i * dx));
      above = line;
      at += 1 + lineBytes;
    }
  }
  return { width, height, data, largest };
}

/** Undoes what a line's filter did, in place. */
function unfilter(filter: number, line: Uint8Array, above: Uint8Array, back: number): void {
  if (filter > 4) throw say.badFile({ format: "PNG", what: `a line has the filter ${filter}` });
  if (filter === 0) return;
  for (let i = 0; i < line.length; i++) {
    const left = i >= back ? line[i - back]! : 0;
    const up = above[i]!;
    const corner = i >= back ? above[i - back]! : 0;
    line[i]! += [0, left, up, (left + up) >> 1, filter === 4 ? paeth(left, up, corner) : 0][filter]!;
  }
}

/** The one of three neighbours that is nearest to left + up - corner (Paeth). */
function paeth(left: number, up: number, corner: number): number {
  const guess = left + up - corner;
  const [a, b, c] = [Math.abs(guess - left), Math.abs(guess - up), Math.abs(guess - corner)];
  if (a <= b && a <= c) return left;
  return b <= c ? up : corner;
}

/** Writes the i-th pixel of a line to a position. */
function pixelWriter({ header, palette, transparency }: Colors, to: Uint8Array | Uint16Array) {
  const { depth, color } = header;
  const samples = SAMPLES[color]!;
  const largest = depth === 16 ? 65_535 : 255;
  // Samples of fewer bits are spread over the bytes: 1 of 1 bit is 255.
  const factor = color === 3 || depth >= 8 ? 1 : 255 / (2 ** depth - 1);
  const sampleAt = (line: Uint8Array, i: number): number => {
    if (depth === 8) return line[i]!;
    if (depth === 16) return (line[2 * i]! << 8) | line[2 * i + 1]!;
    const bit = i * depth;
    return (line[bit >> 3]! >> (8 - depth - (bit & 7))) & (2 ** depth - 1);
  };
  const keyAt = (i: number): number => (transparency![2 * i]! << 8) | transparency![2 * i + 1]!;
  const keys =
    transparency !== undefined && color !== 3 ? Array.from({ length: samples }, (_, i) => keyAt(i)) : undefined;
  return (line: Uint8Array, i: number, at: number): void => {
    const first = sampleAt(line, samples * i);
    if (color === 3) {
      if (3 * first >= palette!.length)
        throw say.badFile({ format: "PNG", what: `a pixel has the colour ${first} of ${palette!.length / 3}` });
      for (let k = 0; k < 3; k++) to[at + k] = palette![3 * first + k]!;
      to[at + 3] = transparency?.[first] ?? 255;
      return;
    }
    const isColor = samples >= 3;
    for (let k = 0; k < 3; k++) to[at + k] = factor * (isColor ? sampleAt(line, samples * i + k) : first);
    const isHidden = keys?.every((key, k) => sampleAt(line, samples * i + k) === key) === true;
    const hasOpacity = color === 4 || color === 6;
    to[at + 3] = hasOpacity ? sampleAt(line, samples * i + samples - 1) : isHidden ? 0 : largest;
  };
}
