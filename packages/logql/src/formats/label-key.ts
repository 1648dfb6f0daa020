/** More distinct keys than this are not remembered: lines with random keys must not fill the memory. */
const MOST_CACHED = 5000;

/**
 * A text as a label's name: everything but letters, digits and `_` becomes `_`, and a leading digit gets one before it.
 * Empty when nothing is left.
 */
export function sanitizeKey(key: string, leading = true): string {
  const trimmed = key.trim();
  if (trimmed === '') return '';
  const clean = /[^a-zA-Z0-9_]/.test(trimmed) ? trimmed.replace(/[^a-zA-Z0-9_]/gu, '_') : trimmed;
  return leading && /^[0-9]/.test(clean) ? `_${clean}` : clean;
}

/** `sanitizeKey` that remembers what it was asked before. */
export function cachedSanitizer(): (key: string) => string {
  const known = new Map<string, string>();
  return (key) => {
    let name = known.get(key);
    if (name === undefined) {
      name = sanitizeKey(key);
      if (known.size < MOST_CACHED) known.set(key, name);
    }
    return name;
  };
}
