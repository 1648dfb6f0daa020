import type { Read } from '@pharos/gotemplate';
import { parseGoFloat } from '@pharos/gotemplate';
import type { Unwrap } from '../parse/ast.ts';
import { compileLabelFilter } from '../stages/label_filter.ts';
import type { CompiledStage } from '../stages/types.ts';
import { SAMPLE_ERROR } from '../stages/types.ts';
import { parseByteSize } from '../text/byte-size.ts';
import { NS_PER_SECOND, parseGoDuration } from '../text/go-duration.ts';

function parseSeconds(text: string): Read<number> {
  const result = parseGoDuration(text);
  return result.ok ? { ok: true, value: result.value / NS_PER_SECOND } : result;
}

const READERS: Readonly<Record<NonNullable<Unwrap['conversion']>, (text: string) => Read<number>>> = {
  bytes: parseByteSize,
  duration: parseSeconds,
  duration_seconds: parseSeconds,
};

export interface CompiledUnwrap {
  /**
   * Takes the value of the entry's label and filters by what stands behind the unwrap. An entry without the label is
   * dropped, which is no error; what does not convert fails the entry, with 0 for a value.
   */
  readonly stage: CompiledStage;
  /** The value of the entry that passed last. */
  readonly value: () => number;
}

export function compileUnwrap({ name, conversion, filters }: Unwrap): CompiledUnwrap {
  const read = conversion === undefined ? parseGoFloat : READERS[conversion];
  const tests = filters.map(compileLabelFilter);
  let value = 0;
  const stage: CompiledStage = (entry) => {
    const text = entry.get(name);
    if (text === undefined || text === '') return false;
    const result = read(text);
    if (!result.ok) entry.fail(SAMPLE_ERROR, result.reason);
    value = result.ok ? result.value : 0;
    for (const test of tests) if (!test(entry)) return false;
    return true;
  };
  return { stage, value: () => value };
}
