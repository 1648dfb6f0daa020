/** Stands for what differs from line to line, as LogQL's pattern filters write it (`|> "<_> took <_>"`). */
export const VARIABLE = '<_>';

/** Longer lines are known by their front. */
const MOST_CHARS = 1000;
const MOST_TOKENS = 160;
/** Longer words are data. */
const LONGEST_WORD = 60;
/** Where a template that was rendered says {@link VARIABLE}; in a line, where it has no business, it is variable too. */
const PLACEHOLDER = '\u0000';
const PLACEHOLDER_CODE = 0;
/** By character code: what stands between words. */
const SEPARATORS = new Uint8Array(128);
for (const char of ' \t\n\r"\'=:;,()[]{}<>|\\`?&') SEPARATORS[char.charCodeAt(0)] = 1;

export function isSeparator(token: string): boolean {
  return token.length === 1 && isSeparatorCode(token.charCodeAt(0));
}

function isSeparatorCode(code: number): boolean {
  return code < 128 && SEPARATORS[code] === 1;
}

/**
 * A line as words and the single separators between them. Words with digits, and very long ones, are variable from the start (He et
 * al., Drain, 2017, step 1). A line that goes on ends with a variable, so that the pattern fits all of it.
 */
export function tokensOf(text: string): string[] {
  const line = text.includes(VARIABLE) ? text.replaceAll(VARIABLE, PLACEHOLDER) : text;
  const tokens: string[] = [];
  const end = Math.min(line.length, MOST_CHARS);
  let at = 0;
  while (at < end && tokens.length < MOST_TOKENS) {
    const first = line.charCodeAt(at);
    if (isSeparatorCode(first)) {
      tokens.push(line.charAt(at));
      at++;
      continue;
    }
    const start = at;
    let hasDigit = first === PLACEHOLDER_CODE;
    if (hasDigit) at++;
    else
      for (; at < end; at++) {
        const code = line.charCodeAt(at);
        if (code === PLACEHOLDER_CODE || isSeparatorCode(code)) break;
        hasDigit ||= code >= 0x30 && code <= 0x39;
      }
    if (hasDigit || at - start > LONGEST_WORD) pushVariable(tokens);
    else tokens.push(line.slice(start, at));
  }
  if (at < line.length) {
    // The last word may be cut in two.
    if (!isSeparator(tokens.at(-1) ?? ' ')) tokens.pop();
    pushVariable(tokens);
  }
  return tokens;
}

/** Two of them side by side would say no more than one, and LogQL refuses that. */
function pushVariable(tokens: string[]): void {
  if (tokens.at(-1) !== VARIABLE) tokens.push(VARIABLE);
}

/** The text that {@link tokensOf} reads back into the same tokens. */
export function patternText(tokens: readonly string[]): string {
  return tokens.join('');
}
