import { JsonReader } from '../formats/json-reader.ts';
import { cachedSanitizer } from '../formats/label-key.ts';
import type { StageCompiler } from './types.ts';
import { JSON_ERROR } from './types.ts';

/** The field that holds the line as it was before it was packed. */
const PACKED_ENTRY = '_entry';

/** `unpack`: the strings of an object that Promtail's pack stage made become labels, its `_entry` the line. */
export const unpack: StageCompiler<'unpack'> = () => {
  const reader = new JsonReader();
  const nameOf = cachedSanitizer();
  return (entry) => {
    if (entry.line === '') return true;
    reader.reset(entry.line);
    if (reader.kind() !== 'object') {
      entry.fail(JSON_ERROR, 'expected a JSON object');
      return true;
    }
    const fields: string[] = [];
    let line: string | undefined;
    const whole = reader.object((key) => {
      if (reader.kind() !== 'string') return reader.skip();
      const value = reader.string();
      if (value === undefined) return false;
      if (key === PACKED_ENTRY) line = value;
      else fields.push(key, value);
      return true;
    });
    if (!whole) entry.fail(JSON_ERROR, reader.problem);
    // Without `_entry` nothing was packed: an ordinary object stays as it is.
    else if (line !== undefined) {
      for (let i = 0; i < fields.length; i += 2) {
        const name = nameOf(fields[i] ?? '');
        if (name !== '') entry.addParsed(name, fields[i + 1] ?? '');
      }
      entry.line = line;
    }
    return true;
  };
};
