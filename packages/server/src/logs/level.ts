/** The levels that lines are shown and counted by, as Loki's `detected_level` names them (compat LP-4). */
export const LOG_LEVELS = [
  'trace',
  'debug',
  'info',
  'warn',
  'error',
  'critical',
  'fatal',
  'unknown',
] as const;
export type LogLevel = (typeof LOG_LEVELS)[number];

const RANKS: ReadonlyMap<string, number> = new Map(LOG_LEVELS.map((level, rank) => [level, rank]));

/** Its place among {@link LOG_LEVELS}; of any other text, that of `unknown`. */
export function levelRank(level: string): number {
  return RANKS.get(level) ?? LOG_LEVELS.length - 1;
}

/** Labels and metadata that tell a level, the first counts. */
const LEVEL_NAMES: readonly string[] = [
  'detected_level',
  'level',
  'LEVEL',
  'Level',
  'severity',
  'SEVERITY',
  'Severity',
  'severity_text',
  'SeverityText',
  'lvl',
  'LVL',
  'Lvl',
  'log.level',
];

const WORDS: ReadonlyMap<string, LogLevel> = new Map([
  ['trace', 'trace'],
  ['trc', 'trace'],
  ['verbose', 'trace'],
  ['debug', 'debug'],
  ['dbg', 'debug'],
  ['info', 'info'],
  ['inf', 'info'],
  ['information', 'info'],
  ['informational', 'info'],
  ['notice', 'info'],
  ['warn', 'warn'],
  ['wrn', 'warn'],
  ['warning', 'warn'],
  ['error', 'error'],
  ['err', 'error'],
  ['eror', 'error'],
  ['critical', 'critical'],
  ['crit', 'critical'],
  ['fatal', 'fatal'],
  ['alert', 'fatal'],
  ['emerg', 'fatal'],
  ['panic', 'fatal'],
]);

/** pino's numbers. */
const NUMBERS: ReadonlyMap<string, LogLevel> = new Map([
  ['10', 'trace'],
  ['20', 'debug'],
  ['30', 'info'],
  ['40', 'warn'],
  ['50', 'error'],
  ['60', 'fatal'],
]);

/** The level a word means; null for a word that is none. */
function levelOf(word: string): LogLevel | null {
  return WORDS.get(word.toLowerCase()) ?? NUMBERS.get(word) ?? null;
}

/** A level among names that usually carry one. */
export function namedLevel(get: (name: string) => string | undefined): LogLevel | null {
  for (const name of LEVEL_NAMES) {
    const value = get(name);
    if (value !== undefined && value !== '') return levelOf(value) ?? 'unknown';
  }
  return null;
}

/** How much of a line is looked at: a level stands at its front. */
const MOST_BYTES = 512;
/** Severer words win where a line has several: "failed with error, see info page". */
const KEYWORDS: readonly LogLevel[] = ['fatal', 'critical', 'error', 'warn', 'debug', 'trace', 'info'];

/** A word that counts in a line. */
interface Word {
  /** In lower case. */
  readonly letters: Uint8Array;
  /** Place among {@link KEYWORDS}; of a name, none. */
  readonly rank: number;
}

const LONGEST_WORD = 13;
const SHORTEST_WORD = 3;
const NAME = -1;

/** The words by length and first letter: most words of a line are told from all of them by these alone. */
const BY_SHAPE = new Map<number, Word[]>();
for (const [word, level] of [
  ...WORDS,
  ...['level', 'lvl', 'severity'].map((name) => [name, null] as const),
]) {
  const letters = Buffer.from(word);
  const shape = shapeOf(letters.length, letters[0]);
  const rank = level === null ? NAME : KEYWORDS.indexOf(level);
  BY_SHAPE.set(shape, [...(BY_SHAPE.get(shape) ?? []), { letters, rank }]);
}
const SHAPES = Array.from({ length: shapeOf(LONGEST_WORD + 1, 0) }, (_, shape) => BY_SHAPE.get(shape));

function shapeOf(length: number, letter: number): number {
  return (length << 5) | (letter & 0x1f);
}

/** The rank of a word of a line among the levels, the sign of a name, or undefined for any other word. */
function rankOf(bytes: Uint8Array, from: number, length: number): number | undefined {
  const words = SHAPES[shapeOf(length, bytes[from])];
  if (words === undefined) return undefined;
  for (const { letters, rank } of words) {
    let at = 1;
    while (at < length && (bytes[from + at] | 0x20) === letters[at]) at++;
    if (at === length) return rank;
  }
  return undefined;
}

/** The level a line tells itself: a `level` field in JSON or logfmt, else a word that is a level. */
export function detectLevel(bytes: Uint8Array, start: number, end: number): LogLevel {
  const stop = Math.min(end, start + MOST_BYTES);
  let found = KEYWORDS.length;
  let at = start;
  while (at < stop) {
    if (!isLetter(bytes[at])) {
      at++;
      continue;
    }
    const from = at++;
    while (at < stop && isLetter(bytes[at])) at++;
    const length = at - from;
    if (length < SHORTEST_WORD || length > LONGEST_WORD) continue;
    const rank = rankOf(bytes, from, length);
    if (rank === NAME) {
      const level = valueAfter(bytes, at, stop);
      if (level !== null) return level;
    } else if (rank !== undefined && rank < found) found = rank;
  }
  return KEYWORDS[found] ?? 'unknown';
}

/** The level after `level`, over the quotes, blanks and `:` or `=` between them. */
function valueAfter(bytes: Uint8Array, from: number, stop: number): LogLevel | null {
  let at = from;
  let separated = false;
  while (at < stop && !isWordPart(bytes[at])) {
    const byte = bytes[at];
    if (byte === 0x3a || byte === 0x3d) separated = true;
    else if (byte !== 0x22 && byte !== 0x20 && byte !== 0x27) return null;
    at++;
  }
  if (!separated) return null;
  const start = at;
  while (at < stop && isWordPart(bytes[at])) at++;
  return at - start > LONGEST_WORD ? null : levelOf(asciiLower(bytes, start, at));
}

function isLetter(byte: number): boolean {
  const lower = byte | 0x20;
  return lower >= 0x61 && lower <= 0x7a;
}

function isWordPart(byte: number): boolean {
  return isLetter(byte) || (byte >= 0x30 && byte <= 0x39);
}

function asciiLower(bytes: Uint8Array, start: number, end: number): string {
  let text = '';
  for (let at = start; at < end; at++)
    text += String.fromCharCode(bytes[at] >= 0x41 && bytes[at] <= 0x5a ? bytes[at] | 0x20 : bytes[at]);
  return text;
}
