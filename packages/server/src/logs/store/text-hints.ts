import { type Sql, sql } from '../../engine/index.ts';

/** Characters of the pieces that the index `texts` is made of (tables.ts). */
const PIECE = 6;
/** Words that are looked for in the index over words; more tell little more. */
const MOST_WORDS = 8;

/**
 * Conditions for the indexes alone: true of every line that holds the text, by which blocks without it are not read. They are not
 * evaluated for a line, so they need the exact condition beside them.
 *
 * Lines are kept as the bytes that came, and pieces are of characters: the index is over what is left when bytes that are no UTF-8 are
 * replaced, where every well-formed text still stands as it did.
 */
export function textHints(text: string): readonly Sql[] {
  const lower = asciiLower(text);
  if (lengthOf(lower) >= PIECE) return [pieces(lower)];
  return wordHints(wholeWords(lower));
}

/** The same for whole words in lower case. Where one is long enough for the index over pieces, short ones tell nothing more. */
export function wordHints(words: readonly string[]): readonly Sql[] {
  const longest = [...new Set(words)]
    .filter((word) => word !== '')
    .sort((a, b) => b.length - a.length)
    .slice(0, MOST_WORDS);
  const long = longest.filter((word) => lengthOf(word) >= PIECE);
  if (long.length > 0) return long.map(pieces);
  return longest.map((word) => sql`indexHint(hasToken(lower(message), ${word}))`);
}

/** Whether all of these words, in lower case, are in the message as whole words. */
export function hasWords(words: readonly string[]): Sql {
  const [longest = ''] = [...words].sort((a, b) => b.length - a.length);
  // Cutting a line into words costs more than finding that it does not hold the text of one.
  return sql`position(lower(message), ${longest}) > 0 AND hasAllTokens(lower(message), ${[...words]})`;
}

function pieces(text: string): Sql {
  return sql`indexHint(lower(toValidUTF8(message)) LIKE ${`%${text.replace(/[\\%_]/g, '\\$&')}%`})`;
}

/** The words of a text that are whole words of every line it stands in: those at its ends may go on there. */
function wholeWords(text: string): readonly string[] {
  const found: string[] = [];
  for (const match of text.matchAll(/[a-z0-9\u0080-\u{10ffff}]+/gu))
    if (match.index > 0 && match.index + match[0].length < text.length) found.push(match[0]);
  return found;
}

/** As the engine's `lower` does it. */
function asciiLower(text: string): string {
  return text.replace(/[A-Z]/g, (letter) => letter.toLowerCase());
}

/** Whether a text looks like an id, which few lines hold: eight letters and digits or more in a row, a digit among them. */
export function looksRare(text: string): boolean {
  return (text.match(/[a-z\d]{8,}/gi) ?? []).some((run) => /\d/.test(run));
}

/** In characters, not in halves of surrogate pairs. */
function lengthOf(text: string): number {
  return Array.from(text).length;
}
