type Step =
  | { readonly kind: 'key'; readonly key: string }
  | { readonly kind: 'index'; readonly index: number }
  | { readonly kind: 'all' };

/** A path into a JSON document. */
export interface JsonPath {
  readonly source: string;
  /** The values there, in order; none when the path leads nowhere. At most {@link MOST_VALUES}. */
  values(document: unknown): readonly unknown[];
}

const MOST_VALUES = 1000;
const MOST_STEPS = 32;
const TOKEN =
  /\.([A-Za-z_$][\w$-]*)|\.(\*)|\[(-?\d{1,9})\]|\[(\*)\]|\['((?:[^'\\]|\\.)*)'\]|\["((?:[^"\\]|\\.)*)"\]/y;

/**
 * `$.a.b[0]['c d'][*].e` (RFC 9535 without filters, slices and descendants); the leading `$.` may be left out. Null when the text is no
 * such path.
 */
export function parseJsonPath(source: string): JsonPath | null {
  const text = source.startsWith('$') ? source.slice(1) : source.startsWith('[') ? source : `.${source}`;
  const steps: Step[] = [];
  TOKEN.lastIndex = 0;
  for (let at = 0; at < text.length; at = TOKEN.lastIndex) {
    TOKEN.lastIndex = at;
    const match = TOKEN.exec(text);
    if (match === null || steps.length >= MOST_STEPS) return null;
    steps.push(stepOf(match));
  }
  return { source, values: (document) => walk([document], steps) };
}

function stepOf([, bare, star, index, listStar, single, double]: RegExpExecArray): Step {
  if (star !== undefined || listStar !== undefined) return { kind: 'all' };
  if (index !== undefined) return { kind: 'index', index: Number(index) };
  return { kind: 'key', key: bare ?? (single ?? double ?? '').replaceAll(/\\(.)/g, '$1') };
}

function walk(start: readonly unknown[], steps: readonly Step[]): readonly unknown[] {
  let values = start;
  for (const step of steps) values = values.flatMap((value) => take(value, step)).slice(0, MOST_VALUES);
  return values;
}

function take(value: unknown, step: Step): readonly unknown[] {
  if (typeof value !== 'object' || value === null) return [];
  if (step.kind === 'all') return Object.values(value).slice(0, MOST_VALUES);
  if (step.kind === 'index') {
    if (!Array.isArray(value)) return [];
    const list: readonly unknown[] = value;
    const at = step.index < 0 ? list.length + step.index : step.index;
    return at in list ? [list[at]] : [];
  }
  if (Array.isArray(value) || !Object.hasOwn(value, step.key)) return [];
  const found: unknown = Object.entries(value).find(([key]) => key === step.key)?.[1];
  return [found];
}
