import type { MatchOperator } from '@pharos/promql';
import { type AlertMatcher, alertMatcher, MatcherSyntaxError } from './matcher.ts';

/** A name and an operator; what follows is the value. Space is ASCII's, as in RE2. */
const HEAD = /^[\t\n\f\r ]*([a-zA-Z_:][a-zA-Z0-9_:]*)[\t\n\f\r ]*(=~|=|!=|!~)[\t\n\f\r ]*/;
const OPERATORS: Readonly<Record<string, MatchOperator>> = { '=': '=', '!=': '!=', '=~': '=~', '!~': '!~' };

/** A list in the classic syntax, with or without braces. Throws {@link MatcherSyntaxError} with Alertmanager's words. */
export function parseClassicMatchers(input: string): readonly AlertMatcher[] {
  const open = input.startsWith('{') ? input.slice(1) : input;
  return split(open.endsWith('}') ? open.slice(0, -1) : open).map(parseClassicMatcher);
}

/** At commas outside of quotes; an empty rest is none. */
function split(list: string): readonly string[] {
  const parts: string[] = [];
  let part = '';
  let isQuoted = false;
  let isEscaped = false;
  for (const char of list) {
    if (char === ',' && !isQuoted) {
      parts.push(part);
      part = '';
      continue;
    }
    if (char === '"') {
      if (isEscaped) isEscaped = false;
      else isQuoted = !isQuoted;
    } else if (char === '\\') isEscaped = !isEscaped;
    else if (char !== ',') isEscaped = false;
    part += char;
  }
  const rest = part.trim();
  return rest === '' ? parts : [...parts, rest];
}

/** One matcher; a value in quotes may have the escapes of OpenMetrics, any other backslash stands for itself. */
export function parseClassicMatcher(input: string): AlertMatcher {
  const head = HEAD.exec(input);
  const op = OPERATORS[head?.[2] ?? ''];
  if (head === null || op === undefined) throw new MatcherSyntaxError(`bad matcher format: ${input}`);
  const raw = trimEnd(input.slice(head[0].length));
  return alertMatcher(head[1] ?? '', op, unescaped(raw));
}

function trimEnd(text: string): string {
  let end = text.length;
  while (end > 0 && '\t\n\f\r '.includes(text.charAt(end - 1))) end--;
  return text.slice(0, end);
}

function unescaped(raw: string): string {
  const body = raw.startsWith('"') ? raw.slice(1) : raw;
  let isOpen = raw.startsWith('"');
  let value = '';
  for (let i = 0; i < body.length; i++) {
    const char = body.charAt(i);
    const isLast = i === body.length - 1;
    if (char === '\\' && !isLast) {
      i++;
      const next = body.charAt(i);
      value += next === 'n' ? '\n' : next === '"' || next === '\\' ? next : `\\${next}`;
    } else if (char !== '"') value += char;
    else if (isOpen && isLast) isOpen = false;
    else throw unescapedQuote(raw);
  }
  if (isOpen) throw unescapedQuote(raw);
  return value;
}

function unescapedQuote(raw: string): MatcherSyntaxError {
  return new MatcherSyntaxError(`matcher value contains unescaped double quote: ${raw}`);
}
