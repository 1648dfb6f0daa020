import { execFile } from 'node:child_process';
import { mkdir, readdir, rm, stat, writeFile } from 'node:fs/promises';
import { join } from 'node:path';
import { promisify } from 'node:util';
import { acrossTenants, createInProcessEngine, sql, table } from '../packages/server/src/engine/index.ts';
import { systemClock } from '../packages/server/src/kernel/clock.ts';
import { silentLog } from '../packages/server/src/kernel/log.ts';
import { createTelemetry } from '../packages/server/src/kernel/telemetry.ts';
import { metricsTables } from '../packages/server/src/metrics/index.ts';
import { TABLES } from '../packages/server/src/wire-storage.ts';
import { freePort, startPeer } from '../test/support/peers.ts';
import { startPharosProcess } from '../test/support/pharos.ts';
import { history } from './data.ts';

const run = promisify(execFile);

export interface Running {
  readonly url: string;
  readonly pid: number;
  stop(): Promise<void>;
}

/** One system under measurement; both are given the same scrape configuration and the same past. */
export interface System {
  readonly name: string;
  start(directory: string, scrapeConfigs: string): Promise<Running>;
  /** Loads the past into a directory, before or through a running system. */
  load(
    directory: string,
    window: { readonly start: number; readonly stepMs: number; readonly steps: number },
  ): Promise<void>;
  /** Bytes on disk of the loaded past after compaction. */
  compactedBytes(directory: string): Promise<number>;
}

export function prometheusSystem(binary: string, promtool: string): System {
  return {
    name: 'Prometheus',
    async start(directory, scrapeConfigs) {
      await mkdir(directory, { recursive: true });
      const file = join(directory, 'prometheus.yml');
      await writeFile(file, scrapeConfigs);
      const listen = `127.0.0.1:${await freePort()}`;
      const url = `http://${listen}`;
      const flags = [
        `--config.file=${file}`,
        `--storage.tsdb.path=${join(directory, 'data')}`,
        '--storage.tsdb.retention.time=30d',
        `--web.listen-address=${listen}`,
        '--log.level=error',
      ];
      const peer = await startPeer(binary, flags, `${url}/-/ready`);
      return { url, pid: peer.process.pid ?? 0, stop: () => peer.stop() };
    },
    async load(directory, { start, stepMs, steps }) {
      await mkdir(directory, { recursive: true });
      const file = join(directory, 'past.om');
      const lines: string[] = [];
      for (const { series, samples } of history(start, stepMs, steps))
        for (const [time, value] of samples) lines.push(`${series} ${value} ${time / 1000}`);
      await writeFile(file, `${lines.join('\n')}\n# EOF\n`);
      await run(promtool, ['tsdb', 'create-blocks-from', 'openmetrics', file, join(directory, 'data')], {
        maxBuffer: 2 ** 26,
      });
      await rm(file);
    },
    compactedBytes: (directory) => bytesBelow(join(directory, 'data')),
  };
}

export const pharosSystem: System = {
  name: 'Pharos',
  async start(directory, scrapeConfigs) {
    await mkdir(directory, { recursive: true });
    const config = `${scrapeConfigs}\nself_metrics: {enabled: false}\nhost_metrics: {enabled: false}\nhealth: {poll_scrape_targets: false}\nlog: {level: warn}\n`;
    const pharos = await startPharosProcess({ directory, config });
    return { url: pharos.url, pid: pharos.child.pid ?? 0, stop: async () => void (await pharos.stop()) };
  },
  async load(directory, { start, stepMs, steps }) {
    const running = await this.start(directory, '');
    let lines: string[] = [];
    const send = async (): Promise<void> => {
      const answer = await fetch(`${running.url}/api/v1/import/prometheus`, {
        method: 'POST',
        body: `${lines.join('\n')}\n`,
      });
      if (!answer.ok) throw new Error(`import answered ${answer.status}: ${await answer.text()}`);
      lines = [];
    };
    for (const { series, samples } of history(start, stepMs, steps)) {
      for (const [time, value] of samples) lines.push(`${series} ${value} ${time}`);
      if (lines.length > 50_000) await send();
    }
    await send();
    for (;;) {
      const text = await (await fetch(`${running.url}/metrics`)).text();
      if (/^pharos_journal_pending_rows 0$/m.test(text)) break;
      await systemClock.sleep(200);
    }
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

async function bytesBelow(directory: string): Promise<number> {
  let sum = 0;
  for (const entry of await readdir(directory, { withFileTypes: true })) {
    const path = join(directory, entry.name);
    if (entry.isDirectory() && !['wal', 'chunks_head'].includes(entry.name)) sum += await bytesBelow(path);
    else if (entry.isFile()) sum += (await stat(path)).size;
  }
  return sum;
}
