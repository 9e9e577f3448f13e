// Sums of exponentials of infinities: SciPy's and PyTorch's values, on the interpreter and on both targets.

import { describe, expect, test } from "vitest";
import { compile, type CompileOptions } from "tapeless/compiler";
import * as t from "tapeless";
import { gradients as interpreted, type Values } from "../oracle/index.js";

