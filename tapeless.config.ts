// What `npm run generate` compiles: the examples alone, since tests have definitions too.
import { defineConfig } from "tapeless/config";

export default defineConfig({ definitions: "examples" });
