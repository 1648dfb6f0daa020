import { z } from 'zod';

const draftSchema = z.object({ name: z.string(), query: z.string(), range: z.string().optional() });

interface Saved extends z.infer<typeof draftSchema> {
  readonly id: string;
  readonly savedAt: number;
  readonly savedBy: string;
  readonly version: number;
}

export const SEARCHES_PATH = '/api/v1/logs/searches';

interface Asked {
  readonly method: string;
  readonly path: string;
  readonly body: unknown;
}

/** Saved searches in memory: what the real server keeps, refusing a name that is taken. */
export function createSearches() {
  const kept = new Map<string, Saved>();
  let made = 0;
  return ({ method, path, body }: Asked): { status: number; body: unknown } => {
    const id = path.slice(SEARCHES_PATH.length + 1);
    if (method === 'GET') return { status: 200, body: { searches: [...kept.values()] } };
    if (method === 'DELETE') return { status: kept.delete(id) ? 204 : 404, body: null };
    const draft = draftSchema.parse(body);
    if ([...kept.values()].some((other) => other.name === draft.name && other.id !== id))
      return {
        status: 409,
        body: { error: { message: `name: there is a saved search "${draft.name}" already` } },
      };
    const own = id === '' ? `s${++made}` : id;
    const saved = { ...draft, id: own, savedAt: 0, savedBy: '', version: (kept.get(own)?.version ?? 0) + 1 };
    kept.set(own, saved);
    return { status: id === '' ? 201 : 200, body: saved };
  };
}
