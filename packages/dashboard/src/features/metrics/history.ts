import { z } from 'zod';

/** Queries run in this browser, newest first; they never leave it. */
const KEY = 'pharos-query-history';
const MOST = 100;

const entrySchema = z.object({ q: z.array(z.string()), at: z.number() });
export type HistoryEntry = z.infer<typeof entrySchema>;
const listSchema = z.array(entrySchema);

/** The little of `Storage` that is used; a browser may forbid it altogether. */
export type HistoryStorage = Pick<Storage, 'getItem' | 'setItem'>;

export function readHistory(storage: HistoryStorage): readonly HistoryEntry[] {
  try {
    const parsed = listSchema.safeParse(JSON.parse(storage.getItem(KEY) ?? '[]'));
    return parsed.success ? parsed.data.slice(0, MOST) : [];
  } catch {
    return [];
  }
}

/** Puts the queries first; the same ones run before move up. */
export function remember(storage: HistoryStorage, q: readonly string[], at: number): void {
  const filled = q.filter((text) => text.trim() !== '');
  if (filled.length === 0) return;
  const same = JSON.stringify(filled);
  const others = readHistory(storage).filter((entry) => JSON.stringify(entry.q) !== same);
  try {
    storage.setItem(KEY, JSON.stringify([{ q: filled, at }, ...others].slice(0, MOST)));
  } catch {
    // Full or forbidden: the history is a convenience.
  }
}

export function clearHistory(storage: HistoryStorage): void {
  try {
    storage.setItem(KEY, '[]');
  } catch {
    // As above.
  }
}
