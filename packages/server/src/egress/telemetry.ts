import type { Telemetry } from '../kernel/telemetry.ts';
import type { Places } from './places.ts';
import type { RefusalReason } from './policy.ts';

/** What connections are made for; each has places of its own, so that none keeps another waiting. */
const PURPOSES = ['probe', 'probe_endpoint', 'health', 'webhook', 'notification', 'model'] as const;

export type Purpose = (typeof PURPOSES)[number];

/** What the door tells of itself. */
export interface EgressTelemetry {
  connected(purpose: Purpose, outcome: string): void;
  refused(purpose: Purpose, reason: RefusalReason): void;
}

export function egressTelemetry(
  telemetry: Telemetry,
  places: Readonly<Record<Purpose, Places>>,
): EgressTelemetry {
  const connections = telemetry.counter({
    name: 'pharos_egress_connections_total',
    help: 'Outgoing connections by purpose and outcome: ok, or why there is none.',
    labels: ['purpose', 'outcome'],
  });
  const refusals = telemetry.counter({
    name: 'pharos_egress_refused_total',
    help: 'Targets made through the API that were not connected to, by what is wrong with their address.',
    labels: ['purpose', 'reason'],
  });
  const gauge = (name: string, help: string, read: (place: Places) => number) =>
    telemetry.gauge({
      name,
      help,
      labels: ['purpose'],
      collect: (made) => {
        for (const purpose of PURPOSES) made.set({ purpose }, read(places[purpose]));
      },
    });
  gauge('pharos_egress_active', 'Outgoing requests and connections under way.', (place) => place.taken);
  telemetry.queues.publish({
    name: 'egress',
    what: 'outgoing requests that wait for a place, by purpose',
    unit: 'items',
    depth: gauge(
      'pharos_egress_waiting',
      'Outgoing requests that wait for a place.',
      (place) => place.waiting,
    ),
    lost: { counter: connections, where: { outcome: 'busy' } },
  });
  return {
    connected: (purpose, outcome) => connections.inc({ purpose, outcome }),
    refused: (purpose, reason) => refusals.inc({ purpose, reason }),
  };
}
