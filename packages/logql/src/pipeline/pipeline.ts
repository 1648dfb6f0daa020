import type { Stage } from '../parse/ast.ts';
import { compileStage } from '../stages/registry.ts';
import type { CompiledStage, StageContext } from '../stages/types.ts';
import type { Entry } from './entry.ts';

/** Compiles stages in a row; the result answers whether an entry passes them all. */
export function compilePipeline(stages: readonly Stage[], context: StageContext): CompiledStage {
  const compiled = stages.map((stage) => compileStage(stage, context));
  const [first, second] = compiled;
  if (first === undefined) return () => true;
  if (second === undefined) return first;
  return (entry: Entry) => {
    for (const stage of compiled) if (!stage(entry)) return false;
    return true;
  };
}
