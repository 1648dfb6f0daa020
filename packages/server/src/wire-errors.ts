import { randomUUID } from 'node:crypto';
import { join } from 'node:path';
import type { PharosConfig } from './config.ts';
import {
  ErrorDoors,
  type ErrorFinding,
  type ErrorSignal,
  ErrorStore,
  errorAnalysisApi,
  errorFindings,
  errorGroupsApi,
  errorReportsApi,
  errorSignal,
  fromLine,
  fromSpan,
  SourceMaps,
  type StandingError,
  sentryApi,
  sourceMapsApi,
  standingErrors,
} from './errors/index.ts';
import type { ApiModule } from './http/types.ts';
import { nodeFileSystem } from './journal/index.ts';
import type { ServiceNames } from './kernel/names.ts';
import type { Service } from './kernel/services.ts';
import type { ErrorLine } from './logs/index.ts';
import type { SpanException } from './traces/index.ts';
import { breathe } from './wire-scrape.ts';
import type { Base, Storage } from './wire-storage.ts';

export interface Errors {
  readonly apis: readonly ApiModule[];
  readonly services: readonly Service[];
  /** Exceptions of spans and error lines become errors too. */
  readonly onExceptions: (exceptions: readonly SpanException[]) => void;
  readonly onLines: (lines: readonly ErrorLine[]) => void;
  /** Groups that are new, are back or rise, for whoever judges services by their errors. */
  standing(tenant: string): readonly StandingError[];
  /** New, returning and rising errors of a time; epoch ms. */
  readonly findings: (
    tenant: string,
    times: { readonly from: number; readonly to: number },
    signal: AbortSignal,
  ) => Promise<{ readonly findings: readonly ErrorFinding[]; readonly warnings: readonly string[] }>;
  /** Hears of new groups and of every change of their state. */
  onSignal(listener: (tenant: string, signal: ErrorSignal) => void): void;
}

export function wireErrors(
  base: Base,
  config: PharosConfig,
  { directory, engine, journal, state }: Storage,
  names: ServiceNames,
): Errors {
  const { clock } = base;
  const keepMs = config.storage.retention.events;
  const maps = new SourceMaps({
    ...base,
    fs: nodeFileSystem,
    directory: join(directory.path, 'source-maps'),
    state,
    config: config.errors.source_maps,
  });
  const mapped: SourceMaps['mapped'] = (tenant, event) => maps.mapped(tenant, event);
  const store = new ErrorStore({
    ...base,
    engine,
    journal,
    state,
    config: config.errors,
    keepMs,
    mapped,
    breathe,
  });
  const newId = (): string => randomUUID().replaceAll('-', '');
  const doors = new ErrorDoors({ ...base, store, names, config: config.errors, keepMs, breathe, newId });
  return {
    apis: [
      errorReportsApi(doors),
      sentryApi({ doors, projects: config.errors.projects }),
      errorAnalysisApi({ store, clock, names }),
      errorGroupsApi({ store, clock, names, keepMs, mapped }),
      sourceMapsApi(maps, config.errors.source_maps.max_file),
    ],
    services: [store],
    onExceptions: (exceptions) => {
      for (const [tenant, of] of byTenant(exceptions))
        void doors.derived(
          tenant,
          of.flatMap((found) => fromSpan({ ...found, requestId: '', fields: found.attributes }) ?? []),
        );
    },
    onLines: (lines) => {
      for (const [tenant, of] of byTenant(lines))
        void doors.derived(
          tenant,
          of.flatMap((line) => fromLine(sourceOf(line)) ?? []),
        );
    },
    standing: (tenant) => standingErrors(store.groups.list(tenant), clock.now()),
    findings: (tenant, times, signal) => errorFindings(store, { tenant, ...times }, signal),
    onSignal: (listener) => {
      store.groups.onSignal((signal) => listener(signal.tenant, errorSignal(signal)));
    },
  };
}

function byTenant<Item extends { readonly tenant: string }>(
  items: readonly Item[],
): ReadonlyMap<string, Item[]> {
  const groups = new Map<string, Item[]>();
  for (const item of items) {
    const group = groups.get(item.tenant);
    if (group === undefined) groups.set(item.tenant, [item]);
    else group.push(item);
  }
  return groups;
}

function sourceOf({ trace, span, request, metadata, ...line }: ErrorLine) {
  const fields = new Map<string, string>();
  for (let at = 0; at + 1 < metadata.length; at += 2) fields.set(metadata[at] ?? '', metadata[at + 1] ?? '');
  return { ...line, traceId: trace, spanId: span, requestId: request, fields };
}
