import { TraceMap } from '@jridgewell/trace-mapping';
import { z } from 'zod';
import type { StateKind } from '../../journal/index.ts';
import { errorsErrors } from '../errors.ts';

const storedMap = z.object({
  id: z.string(),
  /** Release that the file is of; empty where only the debug id tells. */
  release: z.string(),
  /** The compiled file, or the end of its path. */
  file: z.string(),
  /** 32 hex digits; empty for none. */
  debugId: z.string(),
  bytes: z.number(),
  /** When it came, epoch ms. */
  at: z.number(),
});
export type StoredMap = z.output<typeof storedMap>;

export const mapKind: StateKind<StoredMap> = { name: 'errors.source_map', version: 1, schema: storedMap };

/** What a map must be to be one (ECMA-426); a map of sections is not taken. */
const sourceMap = z.looseObject({
  version: z.literal(3),
  sources: z.array(z.string().nullable()),
  names: z.array(z.string()).default([]),
  mappings: z.string(),
  sourcesContent: z.array(z.string().nullable()).optional(),
  sourceRoot: z.string().nullish(),
  file: z.string().nullish(),
});
type SourceMap = z.output<typeof sourceMap>;

/** The map that bytes are. Throws malformed. */
export function parseMap(bytes: Uint8Array): SourceMap {
  let value: unknown;
  try {
    value = JSON.parse(new TextDecoder().decode(bytes));
  } catch {
    throw errorsErrors.make('malformed', 'a source map is JSON, and the body is none');
  }
  const parsed = sourceMap.safeParse(value);
  if (parsed.success) return parsed.data;
  const issue = parsed.error.issues[0];
  throw errorsErrors.make(
    'malformed',
    `a source map of version 3 is expected: ${issue?.path.join('.') ?? ''} ${issue?.message ?? ''}`,
  );
}

/** A map ready to be asked. */
export function tracedMap({
  version,
  sources,
  names,
  mappings,
  sourcesContent,
  sourceRoot,
  file,
}: SourceMap): TraceMap {
  return new TraceMap({
    version,
    sources,
    names,
    mappings,
    ...(sourcesContent !== undefined && { sourcesContent }),
    ...(sourceRoot != null && { sourceRoot }),
    ...(file != null && { file }),
  });
}
