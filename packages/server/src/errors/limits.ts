/** What is kept of one event; the rest is cut, so that one sender cannot make every reader carry its megabytes. */
export const KEPT = {
  /** Characters. */
  message: 8192,
  name: 200,
  text: 500,
  contextValue: 4096,
  sourceLine: 300,
  /** Items. */
  exceptions: 6,
  frames: 60,
  breadcrumbs: 50,
  tags: 60,
  contexts: 20,
  fingerprint: 20,
  debugIds: 60,
} as const;

/** Errors of one body: each takes a hundred times the memory of the few bytes that it may come in. */
export const MOST_ERRORS = 10_000;

/** Errors that are read, grouped or written between two pauses: some milliseconds. */
export const SLICE_ERRORS = 100;

/** The beginning of a text, never half a surrogate pair. */
export function clip(text: string, most: number): string {
  if (text.length <= most) return text;
  const end = text.charCodeAt(most - 1);
  return text.slice(0, end >= 0xd800 && end <= 0xdbff ? most - 1 : most);
}
