/** Patterns of a dashboard run in the reader's own browser on short names only; one that does not compile matches nothing. */
const compiled = new Map<string, RegExp | null>();
const MAX_KEPT = 500;
const MAX_LENGTH = 2000;

/** `/pattern/flags` or `pattern`. Null when it is none. */
export function compile(pattern: string): RegExp | null {
  const known = compiled.get(pattern);
  if (known !== undefined) return known;
  const written = /^\/(.*)\/([imsu]*)g?[imsu]*$/s.exec(pattern);
  let made: RegExp | null = null;
  try {
    made = new RegExp(written?.[1] ?? pattern, written?.[2] ?? '');
  } catch {
    // A pattern of another dialect, or a mistake: nothing matches it.
  }
  if (compiled.size >= MAX_KEPT) compiled.clear();
  compiled.set(pattern, made);
  return made;
}

export function isTooLong(text: string): boolean {
  return text.length > MAX_LENGTH;
}
