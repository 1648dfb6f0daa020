export const STATES = ['unhealthy', 'degraded', 'unknown', 'healthy', 'paused'] as const;
type State = (typeof STATES)[number];

export interface ProbesSearch {
  readonly q?: string | undefined;
  readonly is?: State | undefined;
  /** The id of the probe that is open, or `new` for the form of a new one. */
  readonly probe?: string | undefined;
  readonly view?: 'maintenance' | undefined;
}

/** What is not valid is dropped, so that a bad link still opens. */
export function validateProbesSearch(search: Readonly<Record<string, unknown>>): ProbesSearch {
  const { q, probe } = search;
  const is = STATES.find((known) => known === search['is']);
  return {
    ...(typeof q === 'string' && q !== '' ? { q: q.slice(0, 200) } : {}),
    ...(is === undefined ? {} : { is }),
    ...(typeof probe === 'string' && /^[\w-]{1,100}$/.test(probe) ? { probe } : {}),
    ...(search['view'] === 'maintenance' ? { view: 'maintenance' } : {}),
  };
}
