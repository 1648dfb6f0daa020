import type { Unwrap } from '../parse/ast.ts';
import type { Entry } from '../pipeline/entry.ts';
import { SAMPLE_ERROR } from '../stages/types.ts';
import { parseByteSize } from '../text/byte-size.ts';
import { NS_PER_SECOND, parseGoDuration } from '../text/go-duration.ts';
import type { Read } from '../text/go-float.ts';
import { parseGoFloat } from '../text/go-float.ts';

function parseSeconds(text: string): Read<number> {
  const result = parseGoDuration(text);
  return result.ok ? { ok: true, value: result.value / NS_PER_SECOND } : result;
}

const READERS: Readonly<Record<NonNullable<Unwrap['conversion']>, (text: string) => Read<number>>> = {
  bytes: parseByteSize,
  duration: parseSeconds,
  duration_seconds: parseSeconds,
};

/**
 * The value of an entry's label. Undefined where it has none, which is no error: the entry has no sample. What does not
 * convert fails the entry, with 0 for a value.
 */
export function compileUnwrap({ name, conversion }: Unwrap): (entry: Entry) => number | undefined {
  const read = conversion === undefined ? parseGoFloat : READERS[conversion];
  return (entry) => {
    const text = entry.get(name);
    if (text === undefined || text === '') return undefined;
    const result = read(text);
    if (result.ok) return result.value;
    entry.fail(SAMPLE_ERROR, result.reason);
    return 0;
  };
}
