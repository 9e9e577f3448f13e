// What is mutated, and which tests have to notice. A test file stands in the first list where the quick runner can run it.

export interface Room {
  readonly sources: readonly string[];
  /** Sources that decide no number: text for people, and what only tests read. */
  readonly except?: readonly string[];
  /** Tests that the quick runner tries, in this order. */
  readonly quick: readonly string[];
  /** Tests that Vitest runs when those have found nothing. */
  readonly slow: readonly string[];
}

const EMITTED = ["test/oracle/emitted.test.ts", "test/emitted/sums-of-products.test.ts", "test/emitted/rows.test.ts"];

/** Not those of the parser: how deep a formula may nest depends on what the process has compiled before. */
const SCALAR = "test/scalar/{algebra,derivative,instructions,patterns,random}.test.ts";

const RIGHT = ["test/right/*.test.ts"];

export const rooms: Readonly<Record<string, Room>> = {
  scalar: {
    sources: ["src/scalar/*.ts"],
    except: ["src/scalar/print.ts"],
    quick: [SCALAR, "test/oracle/pointwise.test.ts", "test/oracle/kinks.test.ts", "test/simplify/*.test.ts"],
    slow: [
      "test/scalar/parse.test.ts",
      "test/oracle",
      "test/differentiate",
      "test/graph",
      "test/fusion",
      "test/emitted/registry.test.ts",
    ],
  },
  ops: {
    sources: ["src/ops/**/*.ts"],
    except: ["src/ops/registry.ts", "src/ops/call/checks.ts"],
    quick: [
      "test/ops/*.test.ts",
      "test/oracle/*.test.ts",
      "test/windows/*.test.ts",
      "test/differentiate/loops.test.ts",
    ],
    slow: [
      "test/differentiate",
      "test/nn",
      "test/network",
      "test/emitted/random.test.ts",
      "test/fusion/convolution.test.ts",
    ],
  },
  laws: {
    sources: ["compiler/2-simplify/laws/*.ts", "compiler/2-simplify/match.ts"],
    quick: [
      "test/simplify/*.test.ts",
      "test/oracle/simplified.test.ts",
      "test/nn/stable.test.ts",
      "test/windows/*.test.ts",
    ],
    slow: ["test/fusion", "test/passes", "test/nn/digits-far-from-zero.test.ts", "test/right"],
  },
  differentiate: {
    sources: ["compiler/1-differentiate/*.ts"],
    quick: ["test/differentiate/*.test.ts", SCALAR, "test/oracle/{kinks,pointwise,composed,registry}.test.ts"],
    slow: ["test/oracle", "test/simplify", "test/fusion", "test/network"],
  },
  fuse: {
    sources: ["compiler/3-fuse/**/*.ts"],
    quick: ["test/fuse/*.test.ts", "test/fusion/*.test.ts", ...RIGHT, ...EMITTED],
    slow: ["test/emitted", "test/schedule", "test/plan", "test/passes"],
  },
  loops: {
    sources: ["compiler/4-loops/**/*.ts"],
    except: ["compiler/4-loops/print.ts"],
    quick: ["test/loops/*.test.ts", "test/schedule/*.test.ts", "test/fusion/*.test.ts", ...RIGHT, ...EMITTED],
    slow: ["test/emitted", "test/passes", "test/plan"],
  },
  ir: {
    sources: ["compiler/ir/**/*.ts"],
    except: ["compiler/ir/print.ts"],
    quick: ["test/ir/*.test.ts", "test/plan/*.test.ts", "test/fusion/*.test.ts", ...RIGHT, ...EMITTED],
    slow: ["test/emitted", "test/schedule", "test/passes"],
  },
  plan: {
    sources: ["compiler/4-plan/*.ts"],
    except: ["compiler/4-plan/table.ts"],
    quick: ["test/plan/*.test.ts", ...RIGHT, "test/emitted/{workspace,rows,batch-powers}.test.ts", ...EMITTED],
    slow: ["test/emitted", "test/schedule", "test/ir"],
  },
  typescript: {
    sources: ["compiler/5-emit/*.ts", "compiler/5-emit/module/*.ts", "compiler/5-emit/typescript/*.ts"],
    except: ["compiler/5-emit/module/comments.ts"],
    quick: [...EMITTED, ...RIGHT, "test/emitted/{text,checked,computed-indices,batch-powers,registry}.test.ts"],
    slow: ["test/emitted", "test/network", "test/schedule"],
  },
  wasm: {
    sources: ["compiler/5-emit/wasm/**/*.ts"],
    quick: ["test/emitted/wasm-*.test.ts", "test/vector/*.test.ts", ...EMITTED, ...RIGHT],
    slow: ["test/emitted", "test/network", "test/schedule"],
  },
};
