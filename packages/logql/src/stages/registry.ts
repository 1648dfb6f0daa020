import type { Stage, StageKind } from '../parse/ast.ts';
import { decolorize } from './decolorize.ts';
import { drop } from './drop.ts';
import { json } from './json.ts';
import { keep } from './keep.ts';
import { label_filter } from './label_filter.ts';
import { label_format } from './label_format.ts';
import { line_filter } from './line_filter.ts';
import { line_format } from './line_format.ts';
import { logfmt } from './logfmt.ts';
import { pattern } from './pattern.ts';
import { regexp } from './regexp.ts';
import type { CompiledStage, StageCompiler, StageContext } from './types.ts';
import { unpack } from './unpack.ts';

/** Every stage; a missing one does not compile. */
const STAGES: { readonly [K in StageKind]: StageCompiler<K> } = {
  line_filter,
  json,
  logfmt,
  regexp,
  pattern,
  unpack,
  label_filter,
  line_format,
  label_format,
  decolorize,
  drop,
  keep,
};

export function compileStage(stage: Stage, context: StageContext): CompiledStage {
  return compileOf(stage, context);
}

function compileOf<K extends StageKind>(
  stage: Extract<Stage, { readonly kind: K }> & { readonly kind: K },
  context: StageContext,
): CompiledStage {
  const compile: StageCompiler<K> = STAGES[stage.kind];
  return compile(stage, context);
}

/** Throws a StageError for a stage that cannot be compiled. */
export function checkStage(stage: Stage): void {
  compileStage(stage, { now: () => 0 });
}
