import { z } from 'zod';
import type { PharosError } from '../../kernel/errors.ts';
import { type EngineErrorName, engineErrors, isEngineErrorName } from '../errors.ts';

const limitClass = z.enum(['interactive', 'background', 'write']);

const limits = z.object({
  sessions: z.number(),
  waiting: z.number(),
  executionSeconds: z.number(),
  memoryBytes: z.number(),
  resultBytes: z.number(),
  threads: z.number(),
});

/** Server to engine. `open` comes first and once; the text of `run` is the frame's body. */
export const requestSchema = z.discriminatedUnion('type', [
  z.object({
    type: z.literal('open'),
    options: z.object({
      path: z.string(),
      configFile: z.string(),
      limits: z.object({ interactive: limits, background: limits, write: limits }),
    }),
  }),
  z.object({ type: z.literal('run'), id: z.number(), limits: limitClass }),
  z.object({ type: z.literal('cancel'), id: z.number() }),
  z.object({ type: z.literal('stop') }),
]);

export type Request = z.infer<typeof requestSchema>;

const failure = z.object({
  name: z.custom<EngineErrorName>(isEngineErrorName),
  message: z.string(),
  code: z.number().optional(),
  hint: z.string().optional(),
  retryAfterSeconds: z.number().optional(),
});

export type Failure = z.infer<typeof failure>;

/** Engine to server. The answer of `result` is the frame's body. A beat says that the process's loop turns. */
export const reportSchema = z.discriminatedUnion('type', [
  z.object({ type: z.literal('opened') }),
  z.object({ type: z.literal('failed'), failure }),
  z.object({ type: z.literal('result'), id: z.number() }),
  z.object({ type: z.literal('error'), id: z.number(), failure }),
  z.object({ type: z.literal('beat'), discarded: z.number(), anonymousBytes: z.number() }),
]);

export type Report = z.infer<typeof reportSchema>;

/** An error as data; what is not of our catalogue is a bug and says so. */
export function toFailure(error: unknown): Failure {
  for (const name of ENGINE_ERROR_NAMES) {
    if (!engineErrors.is(error, name)) continue;
    const code = error.details?.code;
    return {
      name,
      message: error.message,
      ...(typeof code === 'number' ? { code } : {}),
      ...(error.hint === undefined ? {} : { hint: error.hint }),
      ...(error.retryAfterSeconds === undefined ? {} : { retryAfterSeconds: error.retryAfterSeconds }),
    };
  }
  return { name: 'retryable', message: error instanceof Error ? error.message : String(error) };
}

const ENGINE_ERROR_NAMES = Object.keys(engineErrors.specs).filter(isEngineErrorName);

export function fromFailure(failure: Failure): PharosError {
  return engineErrors.make(failure.name, failure.message, {
    ...(failure.code === undefined ? {} : { details: { code: failure.code } }),
    ...(failure.hint === undefined ? {} : { hint: failure.hint }),
    ...(failure.retryAfterSeconds === undefined ? {} : { retryAfterSeconds: failure.retryAfterSeconds }),
  });
}
