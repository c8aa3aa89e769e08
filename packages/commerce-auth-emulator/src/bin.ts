#!/usr/bin/env node
import { startEmulator } from "./emulator.ts";

const emulator = await startEmulator();
process.stdout.write(`${emulator.origin}\n`);
