/** Stands for all services where a name is expected; no service can be called so. */
export const ALL_SERVICES = '*';

/** The names under which answers are kept; a prefix addresses all that begin with it. */
export const keys = {
  health: () => ['health'] as const,
  summary: () => ['summary'] as const,
  annotations: () => ['annotations'] as const,
  performance: (service: string | undefined, range: string) =>
    ['performance', service ?? ALL_SERVICES, range] as const,
  history: (service: string, range: string) => ['history', service, range] as const,
  incidents: (service: string | undefined, range: string) =>
    ['incidents', service ?? ALL_SERVICES, range] as const,
  alertIncidents: (part: 'list' | 'of' | 'one' | 'cause' | 'all', ...of: readonly string[]) =>
    part === 'all' ? (['alert-incidents'] as const) : (['alert-incidents', part, ...of] as const),
  services: () => ['services'] as const,
  targets: () => ['targets'] as const,
  breakers: (part: 'fleet' | 'history' | 'commands' | 'proposals' | 'all') =>
    part === 'all' ? (['breakers'] as const) : (['breakers', part] as const),
  probes: (part: 'list' | 'one' | 'history' | 'maintenance' | 'all', ...of: readonly string[]) =>
    part === 'all' ? (['probes'] as const) : (['probes', part, ...of] as const),
  errors: (part: 'groups' | 'group' | 'events' | 'all') =>
    part === 'all' ? (['errors'] as const) : (['errors', part] as const),
  alerts: (
    part:
      | 'counts'
      | 'list'
      | 'one'
      | 'why'
      | 'rules'
      | 'silences'
      | 'routes'
      | 'deliveries'
      | 'maintenance'
      | 'slos'
      | 'all',
  ) => (part === 'all' ? (['alerts'] as const) : (['alerts', part] as const)),
  onCall: (part: 'schedules' | 'weeks' | 'policies' | 'pages' | 'statistics' | 'all') =>
    part === 'all' ? (['on-call'] as const) : (['on-call', part] as const),
  matrix: (query: string, range: string) => ['matrix', query, range] as const,
  controller: (part: 'faults' | 'traffic' | 'truth' | 'verdicts' | 'all') =>
    part === 'all' ? (['controller'] as const) : (['controller', part] as const),
};
