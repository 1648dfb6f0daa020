import { execFile } from 'node:child_process';
import { mkdtempSync, rmSync, writeFileSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { promisify } from 'node:util';
import { afterAll, beforeAll, describe, expect, it } from 'vitest';
import { openTestEngine, type TestEngine } from '../../packages/server/src/engine/testing/open.ts';
import { LOOPBACK_NAMES } from '../../packages/server/src/http/gate.ts';
import { addApi, createHttpApp } from '../../packages/server/src/http/server.ts';
import { httpTelemetry } from '../../packages/server/src/http/telemetry.ts';
import type { HttpApp } from '../../packages/server/src/http/types.ts';
import { createMemoryJournal } from '../../packages/server/src/journal/testing/index.ts';
import { ManualClock } from '../../packages/server/src/kernel/clock.ts';
import { silentLog } from '../../packages/server/src/kernel/log.ts';
import { seededRandom } from '../../packages/server/src/kernel/random.ts';
import { createTelemetry } from '../../packages/server/src/kernel/telemetry.ts';
import {
  createMetricsStore,
  metricsQueryEngine,
  metricsSection,
  metricsTables,
  prometheusApis,
} from '../../packages/server/src/metrics/index.ts';
import { flushInto } from '../../packages/server/src/metrics/store/testing/flush.ts';
import { apiSurroundings } from '../../packages/server/src/metrics/testing/prometheus_api.ts';
import { freePort, peerBinary, type RunningPeer, startPeer } from '../support/peers.ts';
import { type Answer, answerShape, differenceOf } from './differential/compare.ts';
import { type DataSeries, HOURS, makeData, openMetricsText, START } from './differential/data.ts';
import { makeQueries } from './differential/queries.ts';

const END = START + HOURS * 3_600_000;

const prometheus = await peerBinary('prometheus');
const promtool = await peerBinary('promtool');
if (prometheus.path === null || promtool.path === null)
  console.log(`skipped: the comparison with Prometheus: ${prometheus.reason ?? promtool.reason}`);

describe.skipIf(prometheus.path === null || promtool.path === null)('PromQL against Prometheus', () => {
  let directory: string;
  let peer: RunningPeer;
  let peerUrl: string;
  let engine: TestEngine;
  let app: HttpApp;

  beforeAll(async () => {
    const data = makeData(seededRandom(42));
    directory = mkdtempSync(join(tmpdir(), 'pharos-differential-'));
    await Promise.all([startPrometheus(data), startPharos(data)]);
  }, 120_000);

  afterAll(async () => {
    await peer?.stop();
    await app?.close();
    await engine?.close();
    rmSync(directory, { recursive: true, force: true });
  });

  async function startPrometheus(data: readonly DataSeries[]): Promise<void> {
    const dump = join(directory, 'dump.om');
    const blocks = join(directory, 'blocks');
    writeFileSync(dump, openMetricsText(data));
    writeFileSync(join(directory, 'prometheus.yml'), 'global: {}\n');
    await promisify(execFile)(promtool.path ?? '', [
      'tsdb',
      'create-blocks-from',
      'openmetrics',
      dump,
      blocks,
    ]);
    const port = await freePort();
    peerUrl = `http://127.0.0.1:${port}`;
    peer = await startPeer(
      prometheus.path ?? '',
      [
        `--config.file=${join(directory, 'prometheus.yml')}`,
        `--storage.tsdb.path=${blocks}`,
        '--storage.tsdb.retention.time=100y',
        `--web.listen-address=127.0.0.1:${port}`,
      ],
      `${peerUrl}/-/ready`,
    );
  }

  /** Half of the data is only in the engine, so that answers cross the seam between it and the head. */
  async function startPharos(data: readonly DataSeries[]): Promise<void> {
    const clock = new ManualClock(END);
    const config = metricsSection.schema.parse({
      head_window: '1h',
      accept_past: '100d',
      head_memory: '1MB',
    });
    const journal = createMemoryJournal();
    engine = await openTestEngine(metricsTables);
    const open = async () => {
      const store = await createMetricsStore({
        engine: engine.engine,
        journal,
        clock,
        telemetry: createTelemetry(),
        log: silentLog,
        config,
      });
      await store.service.start?.(new AbortController().signal);
      return store;
    };
    const appender = (await open()).sink.appender({ tenant: 'default' });
    for (const { labels, timestamps, values } of data) {
      const ref = appender.resolve(labels);
      for (const [i, timestamp] of timestamps.entries()) appender.append(ref, timestamp, values[i] ?? 0);
    }
    await appender.commit();
    await flushInto(engine.engine, journal);
    // After a restart the head holds the last hour; the first one is in the engine alone.
    const store = await open();
    expect(store.headStats().floor).toBeGreaterThan(START);
    app = await createHttpApp({
      policy: { allowedHosts: new Set(LOOPBACK_NAMES), allowedOrigins: new Set(), loginRequired: false },
      authenticator: { authenticate: () => Promise.resolve(null) },
      metrics: httpTelemetry(createTelemetry()),
      log: silentLog,
      maxBody: 1_000_000,
      maxBodiesInFlight: 2_000_000,
    });
    const engineOfQueries = metricsQueryEngine(config, clock);
    const api = { store, engine: engineOfQueries, clock, config, targets: null, ...apiSurroundings(END) };
    for (const one of prometheusApis({ ...api, ready: () => true })) await addApi(app, one, silentLog);
  }

  async function ask(path: string): Promise<{ ours: Answer; theirs: Answer }> {
    const [ours, theirs] = await Promise.all([
      app.inject({ url: path }).then((answer) => answerShape.parse(answer.json())),
      fetch(`${peerUrl}${path}`).then(async (answer) => answerShape.parse(await answer.json())),
    ]);
    return { ours, theirs };
  }

  const random = seededRandom(4711);
  const families = makeQueries(random);
  const total = [...families.values()].reduce((sum, queries) => sum + queries.length, 0);
  let agreed = 0;

  it.each([...families])('%s agree', async (family, queries) => {
    const differences: string[] = [];
    const pastTheMinute = (seconds: number): number =>
      family === 'subqueries' ? Math.floor(seconds / 60) * 60 + 7 : seconds;
    for (const query of queries) {
      const time = pastTheMinute(START / 1000 + 3700 + Math.floor(random() * 3000));
      const step = (family === 'subqueries' ? [60, 120, 300] : [15, 37, 300])[Math.floor(random() * 3)];
      const from = pastTheMinute(START / 1000 + Math.floor(random() * 3000));
      const q = encodeURIComponent(query);
      const before = differences.length;
      const paths = [
        `/api/v1/query?query=${q}&time=${time}`,
        `/api/v1/query_range?query=${q}&start=${from}&end=${from + 4000}&step=${step}`,
      ];
      for (const path of paths) {
        const { ours, theirs } = await ask(path);
        const difference = differenceOf(ours, theirs, query.startsWith('sort') && !path.includes('range'));
        if (difference !== null) differences.push(`${query} (${path.split('?')[0]}): ${difference}`);
      }
      if (differences.length === before) agreed++;
    }
    expect(differences).toEqual([]);
  });

  it('are at least 300, and all agree', () => {
    console.log(`differential: ${agreed}/${total} queries, instant and range, agree with Prometheus`);
    expect(total).toBeGreaterThanOrEqual(300);
    expect(agreed).toBe(total);
  });
});
