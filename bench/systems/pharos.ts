import { mkdir } from 'node:fs/promises';
import { join } from 'node:path';
import { acrossTenants, createInProcessEngine, sql, table } from '../../packages/server/src/engine/index.ts';
import { systemClock } from '../../packages/server/src/kernel/clock.ts';
import { silentLog } from '../../packages/server/src/kernel/log.ts';
import { createTelemetry } from '../../packages/server/src/kernel/telemetry.ts';
import { metricsTables } from '../../packages/server/src/metrics/index.ts';
import { TABLES } from '../../packages/server/src/wire-storage.ts';
import { startPharosProcess } from '../../test/support/pharos.ts';
import { historyLines } from '../data.ts';
import { pageOf, until } from '../wait.ts';
import { type System, sendAll } from './types.ts';

/** Nothing runs but what is measured: the peers neither watch the host nor poll health; no answer comes from a cache. */
const QUIET =
  'self_metrics: {enabled: false}\nhost_metrics: {enabled: false}\nhealth: {poll_scrape_targets: false}\nmetrics: {query: {result_cache: 0}}\nlog: {level: warn}\n';

export const pharosSystem: System = {
  name: 'Pharos',
  uncached: {},
  remoteWrite: '/api/v1/write',
  async start(directory, scrapeConfigs) {
    await mkdir(directory, { recursive: true });
    const pharos = await startPharosProcess({ directory, config: `${scrapeConfigs}\n${QUIET}` });
    return {
      url: pharos.url,
      pid: pharos.child.pid ?? 0,
      stop: async () => void (await pharos.stop()),
      settled: () => flushed(pharos.url),
    };
  },
  async load(directory, dataset, start) {
    const running = await this.start(directory, '');
    await sendAll(`${running.url}/api/v1/import/prometheus`, historyLines(dataset, start, 'ms'));
    await running.settled();
    await running.stop();
  },
  async compactedBytes(directory) {
    const engine = createInProcessEngine({
      directory: join(directory, 'data', 'engine'),
      tables: TABLES,
      clock: systemClock,
      log: silentLog,
      telemetry: createTelemetry(),
    });
    await engine.start();
    for (const spec of metricsTables)
      await engine.execute(sql`OPTIMIZE TABLE ${table(spec)} FINAL ${acrossTenants}`, {
        purpose: 'bench.compact',
        tenant: 'default',
        limits: 'write',
      });
    const names = new Set(metricsTables.map((spec) => spec.name));
    const usage = await engine.usage();
    await engine.stop();
    return usage.filter((u) => names.has(u.table)).reduce((sum, u) => sum + u.bytes, 0);
  },
};

/** Until no row of the journal waits for the engine. */
async function flushed(url: string): Promise<void> {
  await until('the journal is flushed', 1000, async () =>
    /^pharos_journal_pending_rows 0$/m.test(await pageOf(`${url}/metrics`)),
  );
}
