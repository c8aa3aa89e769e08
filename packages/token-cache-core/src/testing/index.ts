export { type ChaosOptions, type ChaosStore, chaosStore } from "./chaos-store.ts";
export { ManualClock, type ManualClockOptions } from "./manual-clock.ts";
export { type MemoryStoreOptions, memoryStore } from "./memory-store.ts";
export { type TokenStoreTestOptions, testTokenStore } from "./test-token-store.ts";
