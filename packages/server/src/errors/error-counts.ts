import { BoundedNames } from '../kernel/bounded-names.ts';
import type { ErrorEvent } from './event.ts';
import type { ErrorGroup } from './groups/group.ts';
import type { GroupSignal } from './groups/registry.ts';
import type { ErrorsTelemetry } from './telemetry.ts';

/** Services with series of their own. */
const MOST_SERVICES = 500;
/** Groups with a series of their own. */
const MOST_GROUPS = 500;

/** Counts errors, and what happens to their groups, for the metrics: rules alert on them. */
export class ErrorCounts {
  readonly #telemetry: () => Pick<ErrorsTelemetry, 'signals' | 'byService' | 'byGroup'>;
  readonly #services = new BoundedNames(MOST_SERVICES);
  readonly #groups = new BoundedNames(MOST_GROUPS);

  constructor(telemetry: () => Pick<ErrorsTelemetry, 'signals' | 'byService' | 'byGroup'>) {
    this.#telemetry = telemetry;
  }

  /** An error that was not there before, in its group. */
  stored({ service, type }: Pick<ErrorEvent, 'service' | 'type'>, group: string): void {
    const { byService, byGroup } = this.#telemetry();
    byService.inc({ service: this.#services.of(service), type });
    byGroup.inc({ group: this.#groups.of(group) });
  }

  signal({ kind, group }: Pick<GroupSignal, 'kind' | 'group'>): void {
    this.#telemetry().signals.inc({ signal: kind, service: this.#services.of(newestService(group)) });
  }
}

/** The service that had the newest error of a group; empty where none is known. */
function newestService({ serviceTimes }: Pick<ErrorGroup, 'serviceTimes'>): string {
  let newest = '';
  let at = Number.NEGATIVE_INFINITY;
  for (const [service, time] of serviceTimes) if (time > at) [newest, at] = [service, time];
  return newest;
}
