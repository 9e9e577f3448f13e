// How much a test looks at: `npm test` must be short and takes a share, `npm run verify` takes all.

const isWhole = process.env["VERIFY"] !== undefined;

/** The whole list, or one in so many. */
export const some = <T>(all: readonly T[], every: number): T[] => all.filter((_, n) => isWhole || n % every === 0);

/** How many are drawn. */
export const count = (few: number, whole: number): number => (isWhole ? whole : few);
