export interface IncidentsSearch {
  /** Only incidents that this service had a part in. */
  service?: string | undefined;
  /** The beginning of the incident whose story is open, epoch ms; the newest one's without it, none with 0. */
  open?: number | undefined;
}

/** The page's own search parameters; what is not valid is dropped. */
export function validateIncidentsSearch(search: Readonly<Record<string, unknown>>): IncidentsSearch {
  const { service, open } = search;
  return {
    ...(typeof service === 'string' && service !== '' ? { service: service.slice(0, 200) } : {}),
    ...(typeof open === 'number' && Number.isSafeInteger(open) && open >= 0 ? { open } : {}),
  };
}
