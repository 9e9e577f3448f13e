export interface InitRequest {
  readonly folder: string;
  readonly yes: boolean;
  readonly name: string | undefined;
  readonly language: "typescript" | "javascript" | undefined;
}
export async function runInit(_: InitRequest, __: import("./surroundings.js").Surroundings): Promise<number> {
  return 0;
}
