import { StageError } from '../errors.ts';
import { cachedSanitizer } from '../formats/label-key.ts';
import { LogfmtReader } from '../formats/logfmt.ts';
import type { Entry } from '../pipeline/entry.ts';
import { requireLabelNames } from './names.ts';
import type { CompiledStage, StageCompiler } from './types.ts';
import { LOGFMT_ERROR } from './types.ts';

/**
 * `logfmt`: every `key=value` of the line, or with expressions only those named. Without `--strict` what is no pair is
 * passed over; without `--keep-empty` a key without a value is.
 */
export const logfmt: StageCompiler<'logfmt'> = (stage) => {
  const { strict, keepEmpty, extractions } = stage;
  if (extractions.length > 0) return extract(stage);
  const nameOf = cachedSanitizer();
  return scan(strict, (entry, key, value) => {
    const name = nameOf(key);
    if (name !== '' && (keepEmpty || value !== '')) entry.addParsed(name, value.replaceAll(REPLACEMENT, ' '));
  });
};

/** Bytes that were no UTF-8: a label cannot hold them. */
const REPLACEMENT = '\ufffd';

function scan(strict: boolean, take: (entry: Entry, key: string, value: string) => void): CompiledStage {
  const reader = new LogfmtReader();
  return (entry) => {
    reader.reset(entry.line);
    for (;;) {
      if (reader.next()) take(entry, reader.key, reader.value);
      else if (reader.problem === '') return true;
      else if (strict) {
        entry.fail(LOGFMT_ERROR, reader.problem);
        return true;
      }
    }
  };
}

/** The keys expressions name become labels even where the line lacks them. */
function extract({
  strict,
  keepEmpty,
  extractions,
}: {
  readonly strict: boolean;
  readonly keepEmpty: boolean;
  readonly extractions: readonly { readonly name: string; readonly expression: string }[];
}): CompiledStage {
  requireLabelNames(extractions);
  const wanted = new Map<string, string[]>();
  for (const { name, expression } of extractions) {
    if (!/^[^\s="]+$/.test(expression))
      throw new StageError(`cannot parse expression [${expression}]: expected one key`);
    wanted.set(expression, [...(wanted.get(expression) ?? []), name]);
  }
  const take = scan(strict, (entry, key, found) => {
    const value = found.includes(REPLACEMENT) ? '' : found;
    if (value === '' && !keepEmpty) return;
    for (const name of wanted.get(key) ?? []) {
      const label = entry.parsedName(name);
      if (entry.get(label) === '' || entry.originOf(label) !== 'made') entry.set(label, value, 'made');
    }
  });
  return (entry) => {
    for (const { name } of extractions) if (entry.parsedName(name) === name) entry.set(name, '', 'made');
    return take(entry);
  };
}
