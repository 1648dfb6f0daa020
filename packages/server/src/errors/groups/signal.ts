import { iso } from '../../http/times.ts';
import type { GroupSignal } from './registry.ts';

/** What happened to a group, as it is told outside: to rules of alerts and to dashboards. */
export interface ErrorSignal {
  readonly kind: GroupSignal['kind'];
  readonly at: string;
  readonly by: string;
  readonly id: string;
  readonly name: string;
  readonly message: string;
  readonly type: string;
  readonly severity: string;
  readonly status: string;
  readonly services: readonly string[];
  readonly count: number;
}

export function errorSignal({ kind, at, by, group }: GroupSignal): ErrorSignal {
  const { id, name, message, type, severity, state, services, count } = group;
  return {
    kind,
    at: iso(at),
    by,
    id,
    name,
    message,
    type,
    severity,
    status: state.status,
    services: [...services.keys()].filter((service) => service !== ''),
    count,
  };
}
