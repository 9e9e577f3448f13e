#!/usr/bin/env node
// The `tapeless` command.

import { main, processSurroundings } from "./main.js";

process.exitCode = await main(process.argv.slice(2), processSurroundings());
