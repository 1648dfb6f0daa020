import type { Counts, State, Transition } from '../model.ts';
import { ACTIONS, ZERO_COUNTS } from '../model.ts';
import { type Report, reportBody } from '../report.ts';

export const failing = (run: number): Counts => ({
  ...ZERO_COUNTS,
  requests: run,
  total_failures: run,
  consecutive_failures: run,
});

/** A report of one process with breakers by name and state. */
export function reportOf(
  breakers: Readonly<Record<string, State>>,
  more: Partial<Report> & { readonly counts?: Counts } = {},
): Report {
  const { counts = ZERO_COUNTS, ...rest } = more;
  return reportBody.parse({
    service: 'order-service',
    instance: 'host:1',
    session: 's1',
    version: '1.2.3',
    commands: true,
    breakers: Object.entries(breakers).map(([name, state]) => ({
      name,
      service: name.replace('-client', ''),
      kind: 'pharos',
      state,
      counts,
      last_change: null,
      actions: [...ACTIONS],
      settings: { failureThreshold: 5, timeout: 60_000 },
    })),
    ...rest,
  });
}

export function transitionOf(at: number, reason: string, more: Partial<Transition> = {}): Transition {
  return {
    tenant: 'default',
    service: 'order',
    name: 'user-client',
    instance: 'host:1',
    upstream: 'user',
    at,
    from: 'CLOSED',
    to: 'OPEN',
    reason,
    counts: ZERO_COUNTS,
    ...more,
  };
}
