import { type Document, LineCounter, parseDocument } from 'yaml';
import { z } from 'zod';
import { besideFile, itemsBesideFile } from './paths.ts';
import type { ConfigOf, ConfigSection } from './section.ts';
import { suggest } from './suggest.ts';

/** One thing wrong with the configuration, where it stands, and what was expected. */
export interface ConfigProblem {
  /** `pharos.yaml:12:5`, `environment PHAROS_PORT`, or `flag --set web.port`. */
  readonly where: string;
  readonly path: string;
  readonly message: string;
}

/** A setting that was written, and where: as in {@link ConfigProblem}, or `built in` for what the command brings itself. */
export interface ConfigOrigin {
  readonly path: readonly string[];
  readonly from: string;
}

export type ConfigResult<T> =
  | {
      readonly ok: true;
      readonly config: T;
      /** What was written, all sources merged, before defaults; holds secrets. */
      readonly written: Readonly<Record<string, unknown>>;
      /** Where each setting that was written comes from; a list is one setting. What is not among them has its default. */
      readonly origins: readonly ConfigOrigin[];
    }
  | { readonly ok: false; readonly problems: readonly ConfigProblem[] };

export interface ConfigSources {
  /** Sections that stand below the file's; lists that both have are joined, the file's first. */
  readonly base?: Readonly<Record<string, unknown>> | undefined;
  /** The YAML text and the name to show for it; absent when Pharos runs on defaults. */
  readonly file?: { readonly name: string; readonly text: string; readonly directory?: string } | undefined;
  readonly env: Readonly<Record<string, string | undefined>>;
  /** `--set path=value` pairs; they win over the environment, which wins over the file. */
  readonly flags?: readonly { readonly path: string; readonly value: string }[];
}

type Path = readonly PropertyKey[];

/** One line: where, which value, what is wrong. */
export function problemLine({ where, path, message }: ConfigProblem): string {
  return `${where}: ${path === '' ? '' : `${path}: `}${message}`;
}

/** Parses, merges (flags over environment over file over defaults) and validates everything before anything is applied. */
export function loadConfig<Sections extends Readonly<Record<string, ConfigSection>>>(
  sections: Sections,
  sources: ConfigSources,
): ConfigResult<ConfigOf<Sections>> {
  const lines = new LineCounter();
  const document =
    sources.file === undefined
      ? undefined
      : parseDocument(sources.file.text, { lineCounter: lines, uniqueKeys: true });
  const fileName = sources.file?.name ?? 'configuration';
  if (document !== undefined && document.errors.length > 0) {
    return { ok: false, problems: document.errors.map((error) => yamlProblem(fileName, error)) };
  }
  const plain = toPlain(document);
  if (!plain.ok)
    return { ok: false, problems: [{ where: `${fileName}:1:1`, path: '', message: plain.message }] };
  const own = toRecord(plain.value);
  if (own === null) {
    return {
      ok: false,
      problems: [
        {
          where: `${fileName}:1:1`,
          path: '',
          message: 'the file must hold a mapping of sections, such as "web:"',
        },
      ],
    };
  }
  const merged = over(sources.base ?? {}, placed(sections, own, sources.file?.directory));
  const overrides = new Map<string, string>();
  const overrideProblems = [
    ...applyEnv(sections, sources, merged, overrides),
    ...applyFlags(sources, merged, overrides),
  ];

  const schema = z.strictObject(
    Object.fromEntries(Object.values(sections).map((section) => [section.key, section.schema])),
  );
  const parsed = schema.safeParse(merged);
  if (parsed.success && overrideProblems.length === 0) {
    const config = Object.fromEntries(
      Object.entries(sections).map(([name, section]) => [name, parsed.data[section.key]]),
    );
    const origins = originsOf(merged, (path) => {
      const override = overrides.get(path.join('.'));
      if (override !== undefined) return override;
      const isInFile = document !== undefined && offsetOf(document, path) !== undefined;
      return isInFile ? positionOf(document, lines, fileName, path) : 'built in';
    });
    return { ok: true, written: merged, origins, config: config as ConfigOf<Sections> }; // oxlint-disable-line typescript/no-unsafe-type-assertion -- each section's own schema just produced its value
  }
  const located = (path: Path): string =>
    overrides.get(path.join('.')) ?? positionOf(document, lines, fileName, path);
  const issues = parsed.success ? [] : parsed.error.issues;
  return {
    ok: false,
    problems: [...overrideProblems, ...issues.flatMap((issue) => problemsOf(issue, schema, located))],
  };
}

/** What a file says, with the paths of some sections as seen from the file. */
function placed(
  sections: Readonly<Record<string, ConfigSection>>,
  own: Record<string, unknown>,
  directory: string | undefined,
): Record<string, unknown> {
  if (directory === undefined) return own;
  const result = { ...own };
  for (const { key, besideFile: moves } of Object.values(sections))
    if (moves !== undefined && moves !== false && Object.hasOwn(own, key))
      result[key] =
        moves === 'items' ? itemsBesideFile(own[key], directory) : besideFile(own[key], directory);
  return result;
}

function originsOf(
  written: Readonly<Record<string, unknown>>,
  from: (path: readonly string[]) => string,
  above: readonly string[] = [],
): ConfigOrigin[] {
  return Object.entries(written).flatMap(([key, value]) => {
    const path = [...above, key];
    const isGroup = isRecord(value) && Object.keys(value).length > 0;
    return isGroup ? originsOf(value, from, path) : [{ path, from: from(path) }];
  });
}

function yamlProblem(
  fileName: string,
  error: { linePos?: readonly { line: number; col: number }[] | undefined; message: string },
): ConfigProblem {
  const at = error.linePos?.[0];
  return {
    where: at === undefined ? fileName : `${fileName}:${at.line}:${at.col}`,
    path: '',
    message: error.message.split('\n')[0] ?? error.message,
  };
}

/** Aliases without an anchor, or too many of them, show only now. */
function toPlain(
  document: Document | undefined,
): { ok: true; value: unknown } | { ok: false; message: string } {
  try {
    return { ok: true, value: document?.toJS({ maxAliasCount: 100 }) };
  } catch (error) {
    return { ok: false, message: error instanceof Error ? error.message : String(error) };
  }
}

function toRecord(value: unknown): Record<string, unknown> | null {
  if (value === null || value === undefined) return {};
  const parsed = z.record(z.string(), z.unknown()).safeParse(value);
  return parsed.success ? { ...parsed.data } : null;
}

/** Section by section, one level deep: what the file says of a section's key wins. */
function over(
  base: Readonly<Record<string, unknown>>,
  own: Record<string, unknown>,
): Record<string, unknown> {
  const merged = { ...base, ...own };
  for (const [key, below] of Object.entries(base)) {
    const above = own[key];
    if (isList(below) && isList(above)) merged[key] = [...above, ...below];
    else if (isRecord(below) && isRecord(above)) merged[key] = { ...below, ...above };
  }
  return merged;
}

function isList(value: unknown): value is readonly unknown[] {
  return Array.isArray(value);
}

function isRecord(value: unknown): value is Record<string, unknown> {
  return typeof value === 'object' && value !== null && !Array.isArray(value);
}

function applyEnv(
  sections: Readonly<Record<string, ConfigSection>>,
  sources: ConfigSources,
  merged: Record<string, unknown>,
  overrides: Map<string, string>,
): ConfigProblem[] {
  const problems: ConfigProblem[] = [];
  for (const section of Object.values(sections)) {
    for (const binding of section.env) {
      const text = sources.env[binding.variable];
      if (text === undefined || text === '') continue;
      const where = `environment ${binding.variable}`;
      const path = [section.key, ...binding.path];
      const value = convert(text, binding.as);
      if (value === undefined) {
        const shown = binding.secret === true ? 'the value' : JSON.stringify(text);
        problems.push({ where, path: path.join('.'), message: `${shown} is not a ${binding.as}` });
        continue;
      }
      setIn(merged, path, value);
      overrides.set(path.join('.'), where);
    }
  }
  return problems;
}

function applyFlags(
  sources: ConfigSources,
  merged: Record<string, unknown>,
  overrides: Map<string, string>,
): ConfigProblem[] {
  for (const flag of sources.flags ?? []) {
    setIn(merged, flag.path.split('.'), scalar(flag.value));
    overrides.set(flag.path, `flag --set ${flag.path}`);
  }
  return [];
}

function scalar(text: string): unknown {
  const document = parseDocument(text);
  const plain = document.errors.length > 0 ? null : toPlain(document);
  return plain?.ok === true ? plain.value : text;
}

function convert(text: string, as: 'string' | 'number' | 'boolean'): string | number | boolean | undefined {
  if (as === 'string') return text;
  if (as === 'number') {
    const value = Number(text);
    return Number.isFinite(value) ? value : undefined;
  }
  const word = text.toLowerCase();
  if (['true', '1', 'yes', 'on'].includes(word)) return true;
  return ['false', '0', 'no', 'off'].includes(word) ? false : undefined;
}

/** Sets a nested value, creating mappings on the way. Keys are own properties only, so `__proto__` is just a word. */
function setIn(target: Record<string, unknown>, path: readonly string[], value: unknown): void {
  const [head, ...rest] = path;
  if (head === undefined) return;
  const next = rest.length === 0 ? value : { ...toRecord(Object.hasOwn(target, head) ? target[head] : {}) };
  if (rest.length > 0) setIn(next as Record<string, unknown>, rest, value); // oxlint-disable-line typescript/no-unsafe-type-assertion -- built one line above
  Object.defineProperty(target, head, { value: next, enumerable: true, configurable: true, writable: true });
}

function problemsOf(
  issue: z.core.$ZodIssue,
  root: z.ZodType,
  located: (path: Path) => string,
): ConfigProblem[] {
  if (issue.code === 'unrecognized_keys') {
    const known = keysAt(root, issue.path);
    return issue.keys.map((key) => {
      const path = [...issue.path, key];
      const near = suggest(key, known);
      const help = near === undefined ? `known here: ${known.join(', ')}` : `did you mean "${near}"?`;
      return { where: located(path), path: path.join('.'), message: `unknown key "${key}"; ${help}` };
    });
  }
  if (issue.code === 'invalid_union') {
    const branches = issue.errors.flat().filter((inner) => inner.path.length > 0);
    if (branches.length > 0) {
      return branches.flatMap((inner) =>
        problemsOf({ ...inner, path: [...issue.path, ...inner.path] }, root, located),
      );
    }
  }
  return [{ where: located(issue.path), path: issue.path.join('.'), message: issue.message }];
}

/** The keys an object schema knows at a path, looking through defaults, optionals, arrays and pipes. */
function keysAt(schema: z.ZodType, path: Path): readonly string[] {
  let current: unknown = schema;
  for (const step of path) {
    const inner = unwrap(current);
    if (inner instanceof z.ZodObject) current = inner.shape[String(step)];
    else if (inner instanceof z.ZodArray) current = inner.element;
    else if (inner instanceof z.ZodRecord) current = inner.valueType;
    else return [];
  }
  const inner = unwrap(current);
  return inner instanceof z.ZodObject ? Object.keys(inner.shape) : [];
}

function unwrap(schema: unknown): unknown {
  let current = schema;
  for (;;) {
    if (
      current instanceof z.ZodOptional ||
      current instanceof z.ZodNullable ||
      current instanceof z.ZodDefault ||
      current instanceof z.ZodPrefault
    ) {
      current = current.unwrap();
    } else if (current instanceof z.ZodPipe) current = current.in;
    else return current;
  }
}

function positionOf(
  document: Document | undefined,
  lines: LineCounter,
  fileName: string,
  path: Path,
): string {
  if (document === undefined) return fileName;
  for (let length = path.length; length >= 0; length--) {
    const offset = offsetOf(document, path.slice(0, length));
    if (offset !== undefined) {
      const at = lines.linePos(offset);
      return `${fileName}:${at.line}:${at.col}`;
    }
  }
  return `${fileName}:1:1`;
}

const keyed = z.object({
  items: z.array(z.object({ key: z.object({ value: z.unknown(), range: z.array(z.number()) }) })),
});
const ranged = z.object({ range: z.array(z.number()) });

/** Start of the key of a mapping entry (so that an unknown key is pointed at), or of a list item. */
function offsetOf(document: Document, path: Path): number | undefined {
  if (path.length === 0) return 0;
  const parent: unknown = path.length === 1 ? document.contents : document.getIn(path.slice(0, -1), true);
  const last = path.at(-1);
  const map = keyed.safeParse(parent);
  if (map.success) return map.data.items.find((item) => item.key.value === last)?.key.range[0];
  const node = ranged.safeParse(document.getIn(path, true));
  return node.success ? node.data.range[0] : undefined;
}
