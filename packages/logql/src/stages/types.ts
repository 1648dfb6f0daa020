import type { Stage, StageKind } from '../parse/ast.ts';
import type { Entry } from '../pipeline/entry.ts';

/** One compiled stage: works on an entry in place and answers whether it stays. Never throws. */
export type CompiledStage = (entry: Entry) => boolean;

/** What stages take from outside. */
export interface StageContext {
  /** Now in ms since the Unix epoch, for the template function `now`. */
  readonly now: () => number;
}

/** Compiles one kind of stage. Throws a StageError for what the stage says wrong. */
export type StageCompiler<K extends StageKind> = (
  stage: Extract<Stage, { readonly kind: K }>,
  context: StageContext,
) => CompiledStage;

/** Values of `__error__`. */
export const JSON_ERROR = 'JSONParserErr';
export const LOGFMT_ERROR = 'LogfmtParserErr';
export const LABEL_FILTER_ERROR = 'LabelFilterErr';
export const TEMPLATE_ERROR = 'TemplateFormatErr';
export const SAMPLE_ERROR = 'SampleExtractionErr';
