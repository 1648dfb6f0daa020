import { randomUUID } from 'node:crypto';
import type { PharosConfig } from './config.ts';
import {
  ErrorDoors,
  ErrorStore,
  errorAnalysisApi,
  errorGroupsApi,
  errorReportsApi,
  sentryApi,
} from './errors/index.ts';
import type { ApiModule } from './http/types.ts';
import type { ServiceNames } from './kernel/names.ts';
import type { Service } from './kernel/services.ts';
import type { Base, Storage } from './wire-storage.ts';

export interface Errors {
  readonly apis: readonly ApiModule[];
  readonly services: readonly Service[];
  readonly doors: ErrorDoors;
  readonly groups: ErrorStore['groups'];
}

export function wireErrors(
  base: Base,
  config: PharosConfig,
  { engine, journal, state }: Storage,
  names: ServiceNames,
): Errors {
  const { clock } = base;
  const keepMs = config.storage.retention.events;
  const store = new ErrorStore({ ...base, engine, journal, state, config: config.errors, keepMs });
  const newId = (): string => randomUUID().replaceAll('-', '');
  const doors = new ErrorDoors({ ...base, store, names, config: config.errors, newId });
  return {
    apis: [
      errorReportsApi(doors),
      sentryApi({ doors, projects: config.errors.projects }),
      errorAnalysisApi({ store, clock, names }),
      errorGroupsApi({ store, clock, names, keepMs, mapped: (_tenant, event) => Promise.resolve(event) }),
    ],
    services: [store],
    doors,
    groups: store.groups,
  };
}
