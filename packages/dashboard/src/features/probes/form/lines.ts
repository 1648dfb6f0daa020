/** Lists of a definition as a reader writes them, one line each. Each `read` throws an Error that names the line. */

export interface LineFormat {
  readonly read: (text: string) => unknown;
  readonly write: (value: unknown) => string;
}

const linesOf = (text: string): string[] =>
  text
    .split('\n')
    .map((line) => line.trim())
    .filter((line) => line !== '');

const listOf = (value: unknown): readonly unknown[] => (Array.isArray(value) ? value : []);
const textAt = (value: unknown, name: string): string | undefined => {
  const found: unknown = typeof value === 'object' && value !== null ? Reflect.get(value, name) : undefined;
  if (found === undefined) return undefined;
  return typeof found === 'string' ? found : JSON.stringify(found);
};
const orNothing = <T>(list: readonly T[]): readonly T[] | undefined => (list.length === 0 ? undefined : list);

/** One text of several lines. */
export const longText: LineFormat = {
  read: (text) => (text.trim() === '' ? undefined : text),
  write: (value) => (typeof value === 'string' ? value : ''),
};

/** Plain texts. */
export const words: LineFormat = {
  read: (text) => orNothing(linesOf(text)),
  write: (value) => listOf(value).join('\n'),
};

/** `X-Api-Key: value`. */
export const headerLines: LineFormat = {
  read: (text) => {
    const entries = linesOf(text).map((line) => {
      const at = line.indexOf(':');
      if (at < 1) throw new Error(`“${line}”: expected a name, a colon and a value`);
      return [line.slice(0, at).trim(), line.slice(at + 1).trim()] as const;
    });
    return entries.length === 0 ? undefined : Object.fromEntries(entries);
  },
  write: (value) =>
    typeof value === 'object' && value !== null
      ? Object.entries(value)
          .map(([name, text]) => `${name}: ${String(text)}`)
          .join('\n')
      : '',
};

/** `Content-Type ~ ^text/`: a header and the pattern it must match. */
export const headerPatterns: LineFormat = {
  read: (text) =>
    orNothing(
      linesOf(text).map((line) => {
        const match = /^([^~\s]+)\s*~\s*(.+)$/.exec(line);
        if (match === null) throw new Error(`“${line}”: expected a name, a ~ and a pattern`);
        return { name: match[1], matches: match[2] };
      }),
    ),
  write: (value) =>
    listOf(value)
      .map((one) => `${textAt(one, 'name')} ~ ${textAt(one, 'matches')}`)
      .join('\n'),
};

const JSON_LINE = /^(\$\S*)(?:\s*(=|~|>=|<=)\s*(.+))?$/;

/** `$.db.status = "up"`, `$.queue <= 10`, `$.version ~ ^2\.`, or a path alone where anything will do. */
export const jsonChecks: LineFormat = {
  read: (text) =>
    orNothing(
      linesOf(text).map((line) => {
        const match = JSON_LINE.exec(line);
        if (match === null) throw new Error(`“${line}”: expected a path such as $.db.status = "up"`);
        const [, path, sign, right = ''] = match;
        if (sign === undefined) return { path };
        if (sign === '~') return { path, matches: right };
        if (sign === '=') return { path, equals: literal(right) };
        const limit = Number(right);
        if (Number.isNaN(limit)) throw new Error(`“${line}”: ${sign} wants a number`);
        return sign === '>=' ? { path, min: limit } : { path, max: limit };
      }),
    ),
  write: (value) => listOf(value).flatMap(jsonLines).join('\n'),
};

/** A check of several kinds is written as several lines. */
function jsonLines(check: unknown): string[] {
  const path = textAt(check, 'path') ?? '';
  const equals: unknown =
    typeof check === 'object' && check !== null ? Reflect.get(check, 'equals') : undefined;
  const lines = [
    equals === undefined ? '' : `${path} = ${JSON.stringify(equals)}`,
    ...(
      [
        ['matches', '~'],
        ['min', '>='],
        ['max', '<='],
      ] as const
    ).map(([name, sign]) => {
      const text = textAt(check, name);
      return text === undefined ? '' : `${path} ${sign} ${text}`;
    }),
  ].filter((line) => line !== '');
  return lines.length === 0 ? [path] : lines;
}

/** A JSON value, or the text as it stands. */
function literal(text: string): unknown {
  try {
    const value: unknown = JSON.parse(text);
    return typeof value === 'object' && value !== null ? text : value;
  } catch {
    return text;
  }
}

/** `expect ^220`, `send EHLO pharos`, `starttls`. */
export const tcpSteps: LineFormat = {
  read: (text) =>
    orNothing(
      linesOf(text).map((line) => {
        if (line === 'starttls') return { starttls: true };
        const match = /^(expect|send)\s+(.+)$/.exec(line);
        if (match === null)
          throw new Error(`“${line}”: expected “expect PATTERN”, “send TEXT” or “starttls”`);
        return match[1] === 'expect' ? { expect: match[2] } : { send: match[2] };
      }),
    ),
  write: (value) =>
    listOf(value)
      .flatMap((step) => {
        const [expected, sent] = [textAt(step, 'expect'), textAt(step, 'send')];
        return [
          ...(expected === undefined ? [] : [`expect ${expected}`]),
          ...(sent === undefined ? [] : [`send ${sent}`]),
          ...(textAt(step, 'starttls') === 'true' ? ['starttls'] : []),
        ];
      })
      .join('\n'),
};
