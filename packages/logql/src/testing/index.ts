export type { ScriptFailure, ScriptResult } from './logqltest.ts';
export { runLogqltest } from './logqltest.ts';
export { countEvaluations } from './logqltest-script.ts';
export { compareLogqltest } from './logqltest-storage.ts';
export { MemoryLogStorage } from './memory-storage.ts';
export type { ContractEntry } from './storage-contract.ts';
export { CONTRACT_ENTRIES, CONTRACT_QUERIES, differencesFromMemory } from './storage-contract.ts';
