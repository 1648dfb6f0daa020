import {
  createInProcessEngine,
  type Engine,
  sql,
  type TableSpec,
  table,
  tenant,
} from '../../packages/server/src/engine/index.ts';
import { systemClock } from '../../packages/server/src/kernel/clock.ts';
import { silentLog } from '../../packages/server/src/kernel/log.ts';
import { createTelemetry } from '../../packages/server/src/kernel/telemetry.ts';
import { logsTables } from '../../packages/server/src/logs/tables.ts';
import { metricsTables } from '../../packages/server/src/metrics/tables.ts';
import { tracesTables } from '../../packages/server/src/traces/tables.ts';

/** Not from where all are put together, which is the whole server to load. */
const TABLES = [...metricsTables, ...logsTables, ...tracesTables];

/** What lies in a stopped server's tables, row by row: answers of a running one may hide that a row is there twice. */
export interface StoredRows {
  /** Rows per sample of a metric: `<label>@<ms>` to how often it is stored. */
  samples(metric: string, label: string): Promise<Map<string, number>>;
  /** Rows per span of a service: `<trace> <span>` in hex to how often it is stored. */
  spans(service: string): Promise<Map<string, number>>;
  /** Rows per message of a service. */
  lines(service: string): Promise<Map<string, number>>;
}

/** Opens the engine of a stopped server's data directory for as long as `read` takes. */
export async function withStoredRows<T>(
  dataDirectory: string,
  read: (rows: StoredRows) => Promise<T>,
): Promise<T> {
  const engine = createInProcessEngine({
    directory: `${dataDirectory}/engine`,
    tables: TABLES,
    clock: systemClock,
    log: silentLog,
    telemetry: createTelemetry(),
  });
  await engine.start();
  const ask = (statement: Parameters<Engine['query']>[0]): ReturnType<Engine['query']> =>
    engine.query(statement, { purpose: 'test.stored', tenant: 'default', limits: 'background' });
  try {
    return await read({
      samples: async (metric, label) => {
        const block = await ask(
          sql`SELECT l.label AS series, toFloat64(toUnixTimestamp64Milli(s.ts)) AS at, toFloat64(count()) AS n
              FROM ${table(tableOf('samples'))} AS s
              INNER JOIN (SELECT DISTINCT metric, series AS id, labels[${label}] AS label FROM ${table(tableOf('series'))} WHERE tenant = ${tenant} AND name = ${metric}) AS l
                ON s.metric = l.metric AND s.series = l.id
              WHERE s.tenant = ${tenant} GROUP BY l.label, s.ts`,
        );
        const [names, at, n] = [block.strings('series'), block.numbers('at'), block.numbers('n')];
        return new Map(Array.from(names, (name, i) => [`${name}@${at[i]}`, n[i] ?? 0]));
      },
      spans: async (service) => {
        const block = await ask(
          sql`SELECT lower(hex(trace_id)) AS trace, lower(hex(span_id)) AS span, toFloat64(count()) AS n FROM ${table(tableOf('spans'))}
              WHERE tenant = ${tenant} AND service = ${service} GROUP BY trace_id, span_id, kind`,
        );
        const [traces, spans, n] = [block.strings('trace'), block.strings('span'), block.numbers('n')];
        return new Map(Array.from(traces, (trace, i) => [`${trace} ${spans[i]}`, n[i] ?? 0]));
      },
      lines: async (service) => {
        const block = await ask(
          sql`SELECT message, toFloat64(count()) AS n FROM ${table(tableOf('logs'))}
              WHERE tenant = ${tenant} AND service = ${service} GROUP BY message`,
        );
        if (block.rows === 0) return new Map();
        const n = block.numbers('n');
        return new Map(Array.from(block.strings('message'), (message, i) => [message, n[i] ?? 0]));
      },
    });
  } finally {
    await engine.stop();
  }
}

function tableOf(name: string): TableSpec {
  const spec = TABLES.find((candidate) => candidate.name === name);
  if (spec === undefined) throw new Error(`the table ${name} has another name now`);
  return spec;
}
