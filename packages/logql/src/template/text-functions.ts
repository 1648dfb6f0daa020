import type { Arguments, CallContext, TemplateFunction } from '@pharos/gotemplate';
import { encodeQuery, fixed, patternOf, replaceMatches, TemplateError } from '@pharos/gotemplate';
import { expandTemplate } from '@pharos/promql/vectors';

/** Removes from the sides the characters of a set. */
function trimSet(text: string, set: string, sides: 'both' | 'left' | 'right'): string {
  const chars = Array.from(text);
  const drop = new Set(set);
  let from = 0;
  let to = chars.length;
  if (sides !== 'right') while (from < to && drop.has(chars[from] ?? '')) from++;
  if (sides !== 'left') while (to > from && drop.has(chars[to - 1] ?? '')) to--;
  return chars.slice(from, to).join('');
}

function withoutPrefix(text: string, prefix: string): string {
  return text.startsWith(prefix) ? text.slice(prefix.length) : text;
}

function withoutSuffix(text: string, suffix: string): string {
  return suffix !== '' && text.endsWith(suffix) ? text.slice(0, -suffix.length) : text;
}

/** Replaces the first `count` occurrences; all when it is negative. */
function replace(text: string, from: string, to: string, count: number, { budget }: CallContext): string {
  const parts = from === '' ? ['', ...Array.from(text), ''] : text.split(from);
  const most = count < 0 ? parts.length - 1 : Math.min(count, parts.length - 1);
  budget.chars(text.length + most * to.length);
  if (count < 0 && from !== '') return parts.join(to);
  let out = parts[0] ?? '';
  for (let i = 1; i < parts.length; i++) out += (i <= most ? to : from) + (parts[i] ?? '');
  return out;
}

function indent(text: string, width: number, { budget }: CallContext): string {
  const pad = ' '.repeat(Math.min(Math.max(0, width), 1000));
  const lines = text.split('\n');
  budget.chars(text.length + lines.length * pad.length);
  return pad + lines.join(`\n${pad}`);
}

/** Cuts or pads to a width in characters; the side that is kept stays in place. */
function align(text: string, width: number, keep: 'left' | 'right', { budget }: CallContext): string {
  if (width < 0) return text;
  const chars = Array.from(text);
  budget.chars(width);
  if (chars.length >= width)
    return (keep === 'left' ? chars.slice(0, width) : chars.slice(chars.length - width)).join('');
  const pad = ' '.repeat(width - chars.length);
  return keep === 'left' ? text + pad : pad + text;
}

/** The first so many characters, or with a negative number the last. */
function truncate(text: string, count: number): string {
  const chars = Array.from(text);
  if (count < 0) return chars.length + count > 0 ? chars.slice(count).join('') : text;
  return chars.slice(0, count).join('');
}

/** Sprig's `substr`: a start below 0 is the beginning, an end below 0 or beyond the text is its end. What then is no range fails, as in Go. */
function substring(text: string, start: number, end: number): string {
  const chars = Array.from(text);
  const to = start >= 0 && (end < 0 || end > chars.length) ? chars.length : end;
  const from = Math.max(0, start);
  if (from > to || to > chars.length)
    throw new TemplateError(`slice bounds out of range [${from}:${to}] with length ${chars.length}`);
  return chars.slice(from, to).join('');
}

function countMatches(args: Arguments, { budget }: CallContext): bigint {
  const matcher = patternOf(args.text(0)).matcher(args.text(1));
  let count = 0n;
  while (matcher.find()) {
    budget.step();
    count++;
  }
  return count;
}

/** Go's `url.QueryUnescape`; bytes that are no UTF-8 show U+FFFD. */
function decodeQuery(text: string): string {
  const wrong = /%(?![0-9a-fA-F]{2}).{0,2}/su.exec(text);
  if (wrong !== null) throw new TemplateError(`invalid URL escape ${JSON.stringify(wrong[0])}`);
  return text
    .replaceAll('+', ' ')
    .replace(/(?:%[0-9a-fA-F]{2})+/g, (escapes) =>
      new TextDecoder(undefined, { ignoreBOM: true }).decode(
        Uint8Array.from(escapes.slice(1).split('%'), (byte) => Number.parseInt(byte, 16)),
      ),
    );
}

function decodeBase64(text: string): string {
  const plain = text.replaceAll(/[\r\n]/g, '');
  if (!/^[A-Za-z0-9+/]*={0,2}$/.test(plain) || plain.length % 4 !== 0) return 'illegal base64 data';
  return new TextDecoder(undefined, { ignoreBOM: true }).decode(
    Uint8Array.from(atob(plain), (char) => char.charCodeAt(0)),
  );
}

function encodeBase64(text: string): string {
  let binary = '';
  for (const byte of new TextEncoder().encode(text)) binary += String.fromCharCode(byte);
  return btoa(binary);
}

const lower = fixed(1, (args) => args.text(0).toLowerCase());
const upper = fixed(1, (args) => args.text(0).toUpperCase());
const trimSpace = fixed(1, (args) => args.text(0).trim());

/** Functions on texts. Those in capitals are Go's with the text first, the others take it last, for pipelines. */
export const TEXT_FUNCTIONS: Readonly<Record<string, TemplateFunction>> = {
  ToLower: lower,
  ToUpper: upper,
  lower,
  upper,
  title: fixed(1, (args) => args.text(0).replace(/(?<![\p{L}\p{Nd}_])\p{L}/gu, (char) => char.toUpperCase())),
  Replace: fixed(4, (args, context) =>
    replace(args.text(0), args.text(1), args.text(2), args.size(3), context),
  ),
  replace: fixed(3, (args, context) => replace(args.text(2), args.text(0), args.text(1), -1, context)),
  Trim: fixed(2, (args) => trimSet(args.text(0), args.text(1), 'both')),
  TrimLeft: fixed(2, (args) => trimSet(args.text(0), args.text(1), 'left')),
  TrimRight: fixed(2, (args) => trimSet(args.text(0), args.text(1), 'right')),
  TrimPrefix: fixed(2, (args) => withoutPrefix(args.text(0), args.text(1))),
  TrimSuffix: fixed(2, (args) => withoutSuffix(args.text(0), args.text(1))),
  TrimSpace: trimSpace,
  trim: trimSpace,
  trimAll: fixed(2, (args) => trimSet(args.text(1), args.text(0), 'both')),
  trimPrefix: fixed(2, (args) => withoutPrefix(args.text(1), args.text(0))),
  trimSuffix: fixed(2, (args) => withoutSuffix(args.text(1), args.text(0))),
  trunc: fixed(2, (args) => truncate(args.text(1), args.size(0))),
  substr: fixed(3, (args) => substring(args.text(2), args.size(0), args.size(1))),
  contains: fixed(2, (args) => args.text(1).includes(args.text(0))),
  hasPrefix: fixed(2, (args) => args.text(1).startsWith(args.text(0))),
  hasSuffix: fixed(2, (args) => args.text(1).endsWith(args.text(0))),
  indent: fixed(2, (args, context) => indent(args.text(1), args.size(0), context)),
  nindent: fixed(2, (args, context) => `\n${indent(args.text(1), args.size(0), context)}`),
  repeat: fixed(2, (args, { budget }) => {
    const count = args.size(0);
    if (count < 0) throw new TemplateError('strings: negative Repeat count');
    budget.chars(args.text(1).length * count);
    return args.text(1).repeat(count);
  }),
  alignLeft: fixed(2, (args, context) => align(args.text(1), args.size(0), 'left', context)),
  alignRight: fixed(2, (args, context) => align(args.text(1), args.size(0), 'right', context)),
  b64enc: fixed(1, (args) => encodeBase64(args.text(0))),
  b64dec: fixed(1, (args) => decodeBase64(args.text(0))),
  urlencode: fixed(1, (args) => encodeQuery(args.text(0))),
  urldecode: fixed(1, (args) => decodeQuery(args.text(0))),
  regexReplaceAll: fixed(3, (args, { budget }) =>
    replaceMatches({ pattern: args.text(0), text: args.text(1) }, budget, (group) =>
      expandTemplate(args.text(2), group),
    ),
  ),
  regexReplaceAllLiteral: fixed(3, (args, { budget }) =>
    replaceMatches({ pattern: args.text(0), text: args.text(1) }, budget, () => args.text(2)),
  ),
  count: fixed(2, countMatches),
};
