import type { Definition } from '../contracts.ts';

/** The value at a path such as `tls.verify`; undefined where nothing is. */
export function valueAt(definition: Definition, path: string): unknown {
  let value: unknown = definition;
  for (const name of path.split('.')) {
    if (typeof value !== 'object' || value === null || !Object.hasOwn(value, name)) return undefined;
    value = Reflect.get(value, name);
  }
  return value;
}

/** The same with another value at a path; undefined takes it away, and what is empty after that. */
export function withValue(definition: Definition, path: string, value: unknown): Definition {
  const [name = '', ...rest] = path.split('.');
  const { [name]: before, ...others } = definition;
  const after = rest.length === 0 ? value : withValue(recordOf(before), rest.join('.'), value);
  const empty = after === undefined || (rest.length > 0 && isEmpty(after));
  return empty ? others : { ...definition, [name]: after };
}

function recordOf(value: unknown): Definition {
  return typeof value === 'object' && value !== null && !Array.isArray(value) ? { ...value } : {};
}

function isEmpty(value: unknown): boolean {
  return typeof value === 'object' && value !== null && Object.keys(value).length === 0;
}
