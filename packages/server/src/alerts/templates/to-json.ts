import {
  bare,
  formatTime,
  GoDuration,
  GoObject,
  isList,
  isMap,
  isTime,
  StringMap,
  type TemplateBudget,
  type Value,
} from '@pharos/gotemplate';

/** Values within each other. */
const MOST_DEPTH = 50;

/** A value as Go writes it in JSON, with what HTML could take for its own escaped. */
export function toJson(value: Value, budget: TemplateBudget): string {
  const text = written(value, budget, 0);
  budget.chars(text.length);
  return text;
}

function written(value: Value, budget: TemplateBudget, depth: number): string {
  budget.step();
  if (value === null || value === undefined || depth > MOST_DEPTH) return 'null';
  if (typeof value === 'string') return quoted(value);
  if (typeof value === 'bigint' || typeof value === 'boolean') return String(value);
  if (typeof value === 'number') return Number.isFinite(value) ? String(value) : 'null';
  if (isTime(value)) return quoted(formatTime(value, '2006-01-02T15:04:05.999999999Z07:00'));
  if (value instanceof GoDuration) return String(value.nanoseconds);
  if (isList(value)) return `[${value.map((item) => written(item, budget, depth + 1)).join(',')}]`;
  if (value instanceof GoObject) {
    if (value.fields === undefined) return written(bare(value), budget, depth);
    return record(
      [...value.fields].map(([name, field]) => [jsonName(value.type, name), field]),
      budget,
      depth,
    );
  }
  const map: ReadonlyMap<string, Value> = value instanceof StringMap ? value.map() : value;
  if (!isMap(map)) return 'null';
  return record(
    [...map].sort(([a], [b]) => (a < b ? -1 : 1)),
    budget,
    depth,
  );
}

function record(
  entries: readonly (readonly [string, Value])[],
  budget: TemplateBudget,
  depth: number,
): string {
  return `{${entries.map(([name, field]) => `${quoted(name)}:${written(field, budget, depth + 1)}`).join(',')}}`;
}

/** Alertmanager's types have names of their own in JSON, but for pairs. */
function jsonName(type: string, name: string): string {
  return type === 'template.Pair' ? name : name.charAt(0).toLowerCase() + name.slice(1);
}

function quoted(text: string): string {
  return JSON.stringify(text).replace(
    /[<>&\u2028\u2029]/g,
    (char) => `\\u${char.charCodeAt(0).toString(16).padStart(4, '0')}`,
  );
}
