import {
  createInProcessEngine,
  sql,
  type TableSpec,
  table,
  tenant,
} from '../../packages/server/src/engine/index.ts';
import { systemClock } from '../../packages/server/src/kernel/clock.ts';
import { silentLog } from '../../packages/server/src/kernel/log.ts';
import { createTelemetry } from '../../packages/server/src/kernel/telemetry.ts';
import { metricsTables } from '../../packages/server/src/metrics/index.ts';
import { TABLES } from '../../packages/server/src/wire-storage.ts';

/** Rows per sample of a metric, straight from a stopped server's table: `<label>@<ms>` to how often it is stored. */
export async function storedSamples(
  directory: string,
  metric: string,
  label: string,
): Promise<Map<string, number>> {
  const engine = createInProcessEngine({
    directory,
    tables: TABLES,
    clock: systemClock,
    log: silentLog,
    telemetry: createTelemetry(),
  });
  await engine.start();
  const samples = tableOf('samples');
  const series = tableOf('series');
  const block = await engine.query(
    sql`SELECT l.label AS series, toFloat64(toUnixTimestamp64Milli(s.ts)) AS at, toFloat64(count()) AS n
        FROM ${table(samples)} AS s
        INNER JOIN (SELECT DISTINCT metric, series AS id, labels[${label}] AS label FROM ${table(series)} WHERE tenant = ${tenant} AND name = ${metric}) AS l
          ON s.metric = l.metric AND s.series = l.id
        WHERE s.tenant = ${tenant} GROUP BY l.label, s.ts`,
    { purpose: 'test.stored', tenant: 'default', limits: 'background' },
  );
  const [names, at, n] = [block.strings('series'), block.numbers('at'), block.numbers('n')];
  const stored = new Map(Array.from(names, (name, i) => [`${name}@${at[i]}`, n[i] ?? 0]));
  await engine.stop();
  return stored;
}

function tableOf(name: string): TableSpec {
  const spec = metricsTables.find((candidate) => candidate.name === name);
  if (spec === undefined) throw new Error(`the table ${name} has another name now`);
  return spec;
}
