import { clip } from '../limits.ts';

/** What is looked at of a message; what tells two errors apart stands at its beginning. */
const READ = 2000;
const KEPT = 500;

type Rule = readonly [pattern: RegExp, replacement: string];

/** Stand for what is held back while the rest is replaced; no message has them, because they are removed first. */
const HELD_FROM = 0xe000;
const MOST_HELD = 64;
const HELD = /[\uE000-\uE03F]/g;

/**
 * In order: what may hold others inside comes first. Each pattern is linear in the length of the text, because no part of it can match what the
 * part after it matches.
 */
const RULES: readonly Rule[] = [
  [/\b\d{1,3}(?:\.\d{1,3}){3}(?::\d{1,5})?(?:\/\d{1,2})?\b/g, '<address>'],
  [/eyJ[\w-]{5,}\.[\w-]{5,}(?:\.[\w-]*)?/g, '<var>'],
  [/[\w.+-]{1,100}@[\w-]{1,100}(?:\.[\w-]{1,60})+/g, '<email>'],
  [/\b[a-z][a-z0-9+-]{1,15}:\/\/[^\s"'`<>()]+/gi, '<url>'],
  [/(?<![\w])"[^"\n]{0,400}"/g, '<value>'],
  [/(?<![\w])'[^'\n]{0,400}'(?![\w])/g, '<value>'],
  [/`[^`\n]{0,400}`/g, '<value>'],
  [/\u201c[^\u201d\n]{0,400}\u201d|\u00ab[^\u00bb\n]{0,400}\u00bb/g, '<value>'],
  [/\b[0-9a-f]{8}-(?:[0-9a-f]{4}-){3}[0-9a-f]{12}\b/gi, '<var>'],
  [
    /\b(?:(?:Mon|Tue|Wed|Thu|Fri|Sat|Sun)[a-z]{0,6},? )?(?:\d{1,2} )?(?:Jan|Feb|Mar|Apr|May|Jun|Jul|Aug|Sep|Oct|Nov|Dec)[a-z]{0,6} \d{1,4}(?:,? \d{4})?(?: \d{1,2}:\d\d(?::\d\d)?)?(?: (?:GMT|UTC)(?:[+-]\d{4})?(?: \([\w ]{1,40}\))?)?/g,
    '<time>',
  ],
  [
    /\b\d{4}[-/]\d\d[-/]\d\d(?:[T ]\d\d:\d\d(?::\d\d)?(?:[.,]\d{1,9})?)?(?: ?(?:Z|UTC|GMT)\b|[+-]\d\d:?\d\d\b)?/g,
    '<time>',
  ],
  [/\b\d{1,2}:\d\d(?::\d\d)?(?:[.,]\d{1,9})?\b/g, '<time>'],
  [
    /(?<![\w:.])\[?(?=[0-9a-f:]{0,39}[0-9a-f])(?:[0-9a-f]{0,4}:){2,7}[0-9a-f]{0,4}(?:%\w{1,16})?\]?(?::\d{1,5})?(?![\w:])/gi,
    '<address>',
  ],
  [/\b[a-z0-9][\w-]{0,62}(?:\.[a-z0-9][\w-]{0,62}){1,8}:\d{1,5}\b/gi, '<address>'],
  [/(?<![\w>])[A-Za-z]:\\[^\s:"*?<>|]+/g, '<path>'],
  [/(?<![\w>/])(?:~|\.{1,2})?(?:\/[\w.@%+~=:,$-]+){2,}\/?(?:\?[^\s"'<>]*)?/g, '<path>'],
  [/\b0x[0-9a-f]+\b/gi, '<var>'],
  [/\b(?=[a-f]*\d)[0-9a-f]{6,}\b/gi, '<var>'],
  [/\b(?=[\w-]{0,60}[A-Z])(?=[\w-]{0,60}[a-z])(?=[\w-]{0,60}\d)[\w-]{16,}\b/g, '<var>'],
  // Letters and digits that alternate: no word does.
  [/\b(?=\w{0,60}[a-z]_?\d)(?=\w{0,60}\d[a-z])\w+\b/gi, '<var>'],
  [/\b(?=\w{0,60}\d[a-z])[a-z0-9]{8,}\b/gi, '<var>'],
  [
    /(?<![\w.])[-+]?\d+(?:[.,_]\d+)*(?:e[-+]?\d+)?(?: ?(?:ns|µs|us|ms|s|sec|seconds?|milliseconds?|min|minutes?|m|h|hours?|d|days?|%|[KMGT]?i?B|bytes?)\b| ?%)?/g,
    '<var>',
  ],
  [/\d+(?:[.,]\d+)*/g, '<var>'],
  [/(<[a-z]+>)(?:[,;|]? ?\1)+/g, '$1'],
];

/** Names of properties and statuses of HTTP tell errors apart where other quoted values and numbers do not. */
const SPEAKING: readonly RegExp[] = [
  /\((?:reading|setting|evaluating) '[^'\n]{1,100}'\)/g,
  /\bstatus(?: ?code)?[ :=]{1,3}[1-5]\d\d\b/gi,
  /\bHTTP(?:\/\d(?:\.\d)?)?[ :=]{1,3}[1-5]\d\d\b/g,
];

/**
 * A message without what differs from one occurrence to the next: numbers with their units, ids, addresses, times, paths, quoted values
 * become what they are in angle brackets. What is left of two messages is equal when they are about the same.
 */
export function normaliseMessage(message: string): string {
  let text = clip(message, READ)
    // oxlint-disable-next-line no-control-regex -- colours of terminals
    .replace(/\u001b\[[\d;]{0,20}[A-Za-z]/g, '')
    .replace(HELD, '')
    .replace(/\s+/g, ' ')
    .trim();
  const held: string[] = [];
  for (const pattern of SPEAKING)
    text = text.replace(pattern, (found) =>
      held.length < MOST_HELD ? String.fromCharCode(HELD_FROM + held.push(found) - 1) : found,
    );
  for (const [pattern, replacement] of RULES) text = text.replace(pattern, replacement);
  text = text.replace(HELD, (mark) => held[mark.charCodeAt(0) - HELD_FROM] ?? '');
  return clip(text, KEPT);
}
