export type { ScriptFailure, ScriptResult } from './promqltest.ts';
export { runPromqltest } from './promqltest.ts';
export { countEvaluations } from './promqltest-script.ts';
