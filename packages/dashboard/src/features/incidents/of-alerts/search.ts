import { INCIDENT_STATES, type IncidentState } from './contracts.ts';

export interface ListSearch {
  state?: IncidentState | undefined;
  /** Only incidents with an alert about this service. */
  service?: string | undefined;
}

/** The page's own search parameters; what is not valid is dropped. */
export function validateListSearch(search: Readonly<Record<string, unknown>>): ListSearch {
  const { service } = search;
  const state = INCIDENT_STATES.find((one) => one === search['state']);
  return {
    ...(state !== undefined && { state }),
    ...(typeof service === 'string' && service !== '' && { service: service.slice(0, 200) }),
  };
}
