// What modules can be written in.

import type { Language } from "./config.js";

export const LANGUAGES = ["typescript", "javascript"] as const satisfies readonly Language[];
