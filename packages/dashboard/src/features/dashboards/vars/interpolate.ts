/** What variables stand for: texts by name, several where several are chosen. */
export interface Chosen {
  readonly values: readonly string[];
  /** What stands for them where people read. */
  readonly text: string;
  /** Chosen from a list of which several may be taken: joined as alternatives of a pattern. */
  readonly multi: boolean;
  /** Stands as it is, whatever the format: an "all" with a pattern of its own. */
  readonly literal?: boolean;
}
export type Values = ReadonlyMap<string, Chosen>;

/** Signs that mean something in a regular expression (RE2). */
function escapeRegex(value: string): string {
  return value.replaceAll(/[.*+?^${}()|[\]\\/-]/g, (sign) =>
    sign === '-' || sign === '/' ? sign : `\\${sign}`,
  );
}

/** Inside a PromQL string every backslash stands twice. */
function escapePromql(value: string): string {
  return value.replaceAll('\\', '\\\\').replaceAll('"', '\\"');
}

function alternatives(values: readonly string[]): string {
  const escaped = values.map(escapeRegex);
  return escaped.length === 1 ? (escaped[0] ?? '') : `(${escaped.join('|')})`;
}

type Format = (values: readonly string[], chosen: Chosen, name: string) => string;

/** Formats of `${name:format}`, as the field knows them. */
const FORMATS: Readonly<Record<string, Format>> = {
  regex: (values) => alternatives(values),
  pipe: (values) => values.join('|'),
  csv: (values) => values.join(','),
  raw: (values) => values.join(','),
  text: (_, { text }) => text,
  json: (values) => JSON.stringify(values),
  glob: (values) => (values.length === 1 ? (values[0] ?? '') : `{${values.join(',')}}`),
  singlequote: (values) => values.map((value) => `'${value.replaceAll("'", String.raw`\'`)}'`).join(','),
  doublequote: (values) => values.map((value) => `"${value.replaceAll('"', String.raw`\"`)}"`).join(','),
  sqlstring: (values) => values.map((value) => `'${value.replaceAll("'", "''")}'`).join(','),
  distributed: (values, _, name) =>
    values.map((value, index) => (index === 0 ? value : `${name}=${value}`)).join(','),
  percentencode: (values) => encodeURIComponent(values.join(',')),
  queryparam: (values, _, name) =>
    values.map((value) => `var-${name}=${encodeURIComponent(value)}`).join('&'),
  lucene: (values) =>
    values.length === 1 ? (values[0] ?? '') : `(${values.map((value) => `"${value}"`).join(' OR ')})`,
};

/** `$name`, `${name}`, `${name:format}`, `[[name]]`, `[[name:format]]`. */
const REFERENCE = /\$(\w+)|\$\{(\w+)(?:\.\w+)?(?::(\w+))?\}|\[\[(\w+)(?::(\w+))?\]\]/g;

/** Puts values in the places of variables; a name that is none stays as it is. `plain` says how a value without a format is written. */
function fill(text: string, values: Values, plain: (chosen: Chosen) => string): string {
  return text.replaceAll(REFERENCE, (whole: string, ...groups: (string | undefined)[]) => {
    const [bare, braced, bracedFormat, bracketed, bracketedFormat] = groups;
    const name = bare ?? braced ?? bracketed ?? '';
    const chosen = values.get(name);
    if (chosen === undefined) return whole;
    const wanted = bracedFormat ?? bracketedFormat;
    if (chosen.literal === true && wanted !== undefined && wanted !== 'text') return chosen.values[0] ?? '';
    const format = wanted !== undefined && Object.hasOwn(FORMATS, wanted) ? FORMATS[wanted] : undefined;
    return format === undefined ? plain(chosen) : format(chosen.values, chosen, name);
  });
}

/** A PromQL expression with its variables filled in: alternatives of a pattern where several may be chosen, else the value itself. */
export function fillQuery(expr: string, values: Values): string {
  return fill(expr, values, ({ values: all, multi, literal }) =>
    multi && literal !== true ? escapePromql(alternatives(all)) : (all[0] ?? ''),
  );
}

/** For people: titles, legends, texts. */
export function fillText(text: string, values: Values): string {
  return fill(text, values, (chosen) => chosen.text);
}

/** An address: values are encoded, and what comes out leads nowhere but to http(s) or a path. Null when it would. */
export function fillUrl(url: string, values: Values): string | null {
  const filled = fill(url, values, ({ values: all }) => encodeURIComponent(all.join(',')));
  return /^(https?:\/\/|\/(?!\/)|\?|#)/i.test(filled.trim()) ? filled.trim() : null;
}

/** Names that a text mentions, for the order in which variables depend on each other. */
export function mentioned(text: string): ReadonlySet<string> {
  return new Set([...text.matchAll(REFERENCE)].map((match) => match[1] ?? match[2] ?? match[4] ?? ''));
}
