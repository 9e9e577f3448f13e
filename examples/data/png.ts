// Grey pictures as PNG files (W3C Portable Network Graphics, third edition), packed by node:zlib. Node only.

import { mkdirSync, writeFileSync } from "node:fs";
import { dirname } from "node:path";
import { crc32, deflateSync } from "node:zlib";

export interface Sheet {
  /** Pictures one after the other, row-major, each value from 0 (black) to 1 (white); what lies beyond is cut. */
  readonly pictures: ArrayLike<number>;
  readonly width: number;
  readonly height: number;
  /** How many stand side by side. */
  readonly columns: number;
}

/** Writes the pictures as one: a contact sheet, with a line of grey between them. Makes the folder where it is missing. */
export function writeSheet(path: string, sheet: Sheet): void {
  mkdirSync(dirname(path), { recursive: true });
  writeFileSync(path, png(contactSheet(sheet)));
}

interface Picture {
  readonly width: number;
  readonly height: number;
  /** A byte for each pixel. */
  readonly greys: Uint8Array;
}

const LINE = 64;

export function contactSheet({ pictures, width, height, columns }: Sheet): Picture {
  const count = pictures.length / (width * height);
  const [across, down] = [columns * (width + 1) + 1, Math.ceil(count / columns) * (height + 1) + 1];
  const greys = new Uint8Array(across * down).fill(LINE);
  for (let i = 0; i < count * width * height; i++) {
    const [picture, pixel] = [Math.floor(i / (width * height)), i % (width * height)];
    const x = (picture % columns) * (width + 1) + 1 + (pixel % width);
    const y = Math.floor(picture / columns) * (height + 1) + 1 + Math.floor(pixel / width);
    greys[y * across + x] = Math.round(255 * Math.min(Math.max(pictures[i]!, 0), 1));
  }
  return { width: across, height: down, greys };
}

/** One grey picture of 8 bits a pixel, without filters. */
export function png({ width, height, greys }: Picture): Buffer {
  const header = Buffer.alloc(13);
  header.writeUInt32BE(width, 0);
  header.writeUInt32BE(height, 4);
  header[8] = 8;
  const lines = Buffer.alloc(height * (width + 1));
  for (let y = 0; y < height; y++) lines.set(greys.subarray(y * width, (y + 1) * width), y * (width + 1) + 1);
  const signature = Buffer.from([0x89, 0x50, 0x4e, 0x47, 0x0d, 0x0a, 0x1a, 0x0a]);
  const parts = [chunk("IHDR", header), chunk("IDAT", deflateSync(lines)), chunk("IEND", Buffer.alloc(0))];
  return Buffer.concat([signature, ...parts]);
}

/** Length, type, data, and the checksum of type and data. */
function chunk(type: string, data: Buffer): Buffer {
  const body = Buffer.concat([Buffer.from(type, "latin1"), data]);
  const frame = Buffer.alloc(4 + body.length + 4);
  frame.writeUInt32BE(data.length, 0);
  body.copy(frame, 4);
  frame.writeUInt32BE(crc32(body), 4 + body.length);
  return frame;
}
