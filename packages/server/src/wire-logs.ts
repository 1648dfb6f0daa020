import type { PharosConfig } from './config.ts';
import { randomUid } from './dashboards/index.ts';
import { DEFAULT_TENANT } from './http/admit.ts';
import { otlpApi } from './http/otlp/api.ts';
import type { OtlpSignal } from './http/otlp/signal.ts';
import type { ApiModule } from './http/types.ts';
import type { ServiceNames } from './kernel/names.ts';
import { systemRandom } from './kernel/random.ts';
import type { Service } from './kernel/services.ts';
import {
  createLogMetrics,
  createLogsStore,
  type ErrorLine,
  errorLinesOf,
  FollowedFiles,
  LogDoors,
  type LogMetrics,
  LogPatterns,
  linesApi,
  logsApi,
  lokiPatternsApi,
  lokiPushApi,
  lokiQueryApi,
  OtlpLogs,
  patternsApi,
  Redactor,
  RemoteDecoder,
  rowLimits,
  SavedSearches,
  SyslogService,
  searchesApi,
  specsOf,
  startDecoderThread,
} from './logs/index.ts';
import { VERSION } from './version.ts';
import type { Base, Storage } from './wire-storage.ts';

export interface Logs {
  readonly apis: readonly ApiModule[];
  readonly otlp: OtlpSignal;
  readonly services: readonly Service[];
  /** What rules over log lines ask, and their back-tests. */
  readonly metrics: { readonly rules: LogMetrics; readonly backTests: LogMetrics };
}

/** Lets requests and timers run in the middle of a long parse or search. */
const breathe = (): Promise<void> => new Promise((resolve) => setImmediate(resolve));

export async function wireLogs(
  base: Base,
  config: PharosConfig,
  { engine, journal, state }: Storage,
  names: ServiceNames,
  onErrors: (lines: readonly ErrorLine[]) => void,
): Promise<Logs> {
  const store = await createLogsStore({ ...base, engine, journal, names, config: config.logs, breathe });
  const { clock } = base;
  const { redact } = config.logs;
  const redactor =
    redact.length === 0 ? undefined : new Redactor(redact, (rule) => store.telemetry.redacted.inc({ rule }));
  const decoder = decoderOf(base, config, store);
  const doors = new LogDoors({
    sink: store.sink,
    clock,
    telemetry: store.telemetry,
    breathe,
    redactor,
    decoder,
  });
  const syslog = new SyslogService({
    ...base,
    doors,
    random: systemRandom,
    config: config.logs.syslog,
    tenant: DEFAULT_TENANT,
  });
  const files = new FollowedFiles({
    ...base,
    doors,
    engine,
    journal,
    config: config.logs.files,
    mostLineBytes: config.logs.max_line,
    tenant: DEFAULT_TENANT,
  });
  const otlp = new OtlpLogs(doors);
  const patterns = new LogPatterns({
    ...base,
    engine,
    journal,
    state,
    config: config.logs.patterns,
    random: systemRandom,
    breathe,
  });
  store.onStored((chunk) => patterns.observe(chunk));
  store.onStored((chunk) => onErrors(errorLinesOf(chunk)));
  return {
    apis: [
      lokiPushApi(doors),
      linesApi(doors),
      otlpApi(otlp),
      patternsApi({ patterns, clock, names }),
      lokiPatternsApi({ patterns, clock, names, store }),
      searchesApi({ searches: new SavedSearches(state, clock), newId: randomUid }),
      logsApi({ store, clock, names, maxEntries: config.logs.max_entries }),
      lokiQueryApi({
        store,
        clock,
        config: config.logs,
        build: { version: VERSION, runtime: process.version },
        breathe,
      }),
    ],
    otlp,
    metrics: countingOf({ store, clock, config: config.logs, tenant: DEFAULT_TENANT, breathe }),
    services: [store.service, decoder, syslog, files.positions, files, patterns],
  };
}

function decoderOf(
  { clock, log }: Base,
  { logs, names }: PharosConfig,
  { telemetry }: Pick<Awaited<ReturnType<typeof createLogsStore>>, 'telemetry'>,
): RemoteDecoder {
  return new RemoteDecoder({
    clock,
    log,
    telemetry,
    start: () =>
      startDecoderThread({
        limits: rowLimits(logs),
        aliases: new Map(Object.entries(names)),
        rules: specsOf(logs.redact),
      }),
  });
}

/** Who waits for whom: live rules never for a back-test. */
function countingOf(deps: Omit<Parameters<typeof createLogMetrics>[0], 'asker'>): Logs['metrics'] {
  return {
    rules: createLogMetrics({ ...deps, asker: 'rule' }),
    backTests: createLogMetrics({ ...deps, asker: 'back_test' }),
  };
}
