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
import { TABLES } from '../../packages/server/src/wire-storage.ts';

/** Rows per sample of a metric, straight from a stopped server's table: `<label>@<ms>` to how often it is stored. */
export async function storedSamples(
  directory: string,
  metric: string,
  label: string,
): Promise<Map<string, number>> {
  const samples = tableOf('samples');
  const series = tableOf('series');
  const block = await blockOf(
    directory,
    sql`SELECT l.label AS series, toFloat64(toUnixTimestamp64Milli(s.ts)) AS at, toFloat64(count()) AS n
        FROM ${table(samples)} AS s
        INNER JOIN (SELECT DISTINCT metric, series AS id, labels[${label}] AS label FROM ${table(series)} WHERE tenant = ${tenant} AND name = ${metric}) AS l
          ON s.metric = l.metric AND s.series = l.id
        WHERE s.tenant = ${tenant} GROUP BY l.label, s.ts`,
  );
  const [names, at, n] = [block.strings('series'), block.numbers('at'), block.numbers('n')];
  return new Map(Array.from(names, (name, i) => [`${name}@${at[i]}`, n[i] ?? 0]));
}

/** Rows per span of a service, straight from a stopped server's table: `<trace> <span>` in hex to how often it is stored. */
export async function storedSpans(directory: string, service: string): Promise<Map<string, number>> {
  const block = await blockOf(
    directory,
    sql`SELECT lower(hex(trace_id)) AS trace, lower(hex(span_id)) AS span, toFloat64(count()) AS n FROM ${table(tableOf('spans'))}
        WHERE tenant = ${tenant} AND service = ${service} GROUP BY trace_id, span_id, kind`,
  );
  const [traces, spans, n] = [block.strings('trace'), block.strings('span'), block.numbers('n')];
  return new Map(Array.from(traces, (trace, i) => [`${trace} ${spans[i]}`, n[i] ?? 0]));
}

async function blockOf(
  directory: string,
  statement: Parameters<Engine['query']>[0],
): ReturnType<Engine['query']> {
  const engine = createInProcessEngine({
    directory,
    tables: TABLES,
    clock: systemClock,
    log: silentLog,
    telemetry: createTelemetry(),
  });
  await engine.start();
  const block = await engine.query(statement, {
    purpose: 'test.stored',
    tenant: 'default',
    limits: 'background',
  });
  await engine.stop();
  return block;
}

function tableOf(name: string): TableSpec {
  const spec = TABLES.find((candidate) => candidate.name === name);
  if (spec === undefined) throw new Error(`the table ${name} has another name now`);
  return spec;
}
