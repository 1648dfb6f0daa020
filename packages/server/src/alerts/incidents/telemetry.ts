import type { Telemetry } from '../../kernel/telemetry.ts';
import type { IncidentsStep, IncidentsView } from './step.ts';

/** What became of an incident. */
type Turn = 'opened' | 'reopened' | 'merged' | 'resolved';

export interface IncidentsTelemetry {
  turned(turns: readonly Turn[]): void;
}

export function incidentsTelemetry(telemetry: Telemetry, open: () => number): IncidentsTelemetry {
  const turns = telemetry.counter({
    name: 'pharos_incidents_total',
    help: 'Incidents of alerts by what became of them: opened, reopened, merged, resolved.',
    labels: ['turn'],
  });
  telemetry.gauge({ name: 'pharos_incidents_open', help: 'Incidents of alerts that are open.', value: open });
  return {
    turned: (made) => {
      for (const turn of made) turns.inc({ turn });
    },
  };
}

/** What a step makes of incidents as they were before it. */
export function turnsOf(before: IncidentsView, { changed }: IncidentsStep): readonly Turn[] {
  return [...changed.values()].flatMap(({ id, phase }): Turn[] => {
    const was = before.get(id)?.phase.kind;
    if (was === phase.kind) return [];
    if (phase.kind !== 'open') return [phase.kind];
    return [was === undefined ? 'opened' : 'reopened'];
  });
}
