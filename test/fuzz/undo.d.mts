interface Change {
  readonly file: string;
  readonly from: string;
  readonly to: string;
  readonly every?: boolean;
}

export const MENDS: Readonly<Record<string, readonly Change[]>>;
export function undone(name: string): ReadonlyMap<string, string>;
