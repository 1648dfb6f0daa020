export type { ScriptFailure, ScriptResult } from './logqltest.ts';
export { runLogqltest } from './logqltest.ts';
export { countEvaluations } from './logqltest-script.ts';
export { MemoryLogStorage } from './memory-storage.ts';
