/**
 * What a command needs that starts the emulator: its flags, and what it prints. `commerce-auth emulator` uses it.
 *
 * @module
 */
export { connectionGuide, type GuideWords } from "./connection-guide.ts";
export { EMULATOR_FLAGS, type EmulatorFlags, emulatorOptions, type FlagForm } from "./flags.ts";
