import { createServer } from 'node:http';
import type { AddressInfo } from 'node:net';
import { Labels } from '@pharos/promql';
import { afterEach, expect, it, vi } from 'vitest';
import type { Frame, StateStore } from '../../journal/index.ts';
import { createMemoryFileSystem, openBench, openTestState } from '../../journal/testing/index.ts';
import { silentLog } from '../../kernel/log.ts';
import { createTelemetry } from '../../kernel/telemetry.ts';
import { SampleRows } from '../store/rows.ts';
import { keyText } from '../store/series-key.ts';
import { forwardSection } from './config.ts';
import { ForwardService } from './service.ts';

const ends: (() => Promise<unknown>)[] = [];
afterEach(async () => {
  for (const end of ends.splice(0).reverse()) await end();
});

const SERIES = { metric: 1, low: 2, high: 3 };
const ALL = { rows: 1_000_000, bytes: 1_000_000_000 };

/** Samples of one series, one second apart. */
function samples(from: number, count: number): Frame {
  const columns = {
    timestamps: Float64Array.from({ length: count }, (_, i) => (from + i) * 1000),
    values: new Float64Array(count),
    starts: null,
    time: Number.NaN,
  };
  const indices = Uint32Array.from({ length: count }, (_, i) => i);
  const rows = new SampleRows('default', columns, indices, (bytes) => new Uint8Array(bytes));
  for (let row = 0; row < count; row++) {
    rows.words[rows.metricAt + row] = SERIES.metric;
    rows.words.set([SERIES.low, SERIES.high], rows.seriesAt + row * 2);
  }
  return rows.frame(20_000);
}

/** A remote that is away until it is told to take. */
async function startRemote() {
  let isAway = true;
  let asked = 0;
  const server = createServer((request, response) => {
    asked++;
    request.resume();
    response.writeHead(isAway ? 503 : 200, { connection: 'close' }).end();
  });
  await new Promise<void>((resolve) => server.listen(0, '127.0.0.1', resolve));
  ends.push(() => new Promise((resolve) => server.close(resolve)));
  const { port } = server.address() as AddressInfo; // oxlint-disable-line typescript/no-unsafe-type-assertion -- a TCP server's address is one
  return {
    url: `http://127.0.0.1:${port}/write`,
    asked: () => asked,
    back: () => void (isAway = false),
  };
}

function configuration(remotes: readonly object[]) {
  const quick = {
    queue_config: { min_backoff: '10ms', max_backoff: '10ms' },
    metadata_config: { send: false },
  };
  return {
    remotes: forwardSection.schema.parse(remotes.map((remote) => ({ ...quick, ...remote }))),
    external: {},
  };
}

async function setup() {
  const bench = await openBench({ fs: createMemoryFileSystem() });
  const state = await openTestState();
  ends.push(() => state.close());
  const { clock, journal } = bench;
  /** What the flusher does: everything goes to the engine, and from the journal unless somebody still needs it. */
  const flush = async (): Promise<void> => {
    await journal.append([samples(900_000, 300)]);
    const cut = await journal.readCut(ALL);
    if (cut !== null) await journal.markFlushed(cut);
  };
  let onDelete = (): Promise<void> => Promise.resolve();
  const watched: StateStore = {
    get: (kind, tenant, key) => state.get(kind, tenant, key),
    list: (kind, tenant) => state.list(kind, tenant),
    each: (kind, tenant) => state.each(kind, tenant),
    tenants: (kind) => state.tenants(kind),
    put: (kind, tenant, key, value, options) => state.put(kind, tenant, key, value, options),
    delete: async (kind, tenant, key, options) => {
      await onDelete();
      return state.delete(kind, tenant, key, options);
    },
    write: async (writes) => {
      if (writes.some(({ value }) => value === undefined)) await onDelete();
      await state.write(writes);
    },
    onChange: (kind, listener) => state.onChange(kind, listener),
  };
  const start = async (remotes: readonly object[]) => {
    const telemetry = createTelemetry();
    const service = new ForwardService(configuration(remotes), {
      clock,
      random: () => 0.5,
      log: silentLog,
      telemetry,
      journal,
      state: watched,
      store: {
        labelsOf: () =>
          Promise.resolve(new Map([[keyText(SERIES), Labels.fromMap(new Map([['__name__', 'm']]))]])),
        metadata: { families: () => new Map() },
      },
      readText: () => Promise.resolve(''),
      tenant: 'default',
    });
    await service.start();
    ends.push(() => service.stop());
    const sent = async (remote: string): Promise<number> =>
      Number(
        new RegExp(`pharos_forward_samples_total\\{remote="${remote}"\\} (\\d+)`).exec(
          await telemetry.expose(),
        )?.[1] ?? 0,
      );
    return { service, sent, telemetry };
  };
  const eventually = (check: () => unknown): Promise<void> =>
    vi.waitFor(
      async () => {
        await clock.advance(50);
        await check();
      },
      { timeout: 20_000, interval: 5 },
    );
  return {
    journal,
    start,
    flush,
    eventually,
    whileForgetting: (work: () => Promise<void>) => (onDelete = work),
  };
}

it('keeps what a changed remote still has to get while the configuration changes', async () => {
  const { journal, start, flush, eventually, whileForgetting } = await setup();
  const remote = await startRemote();
  const other = await startRemote();
  const { service, sent } = await start([
    { url: remote.url, name: 'stays' },
    { url: other.url, name: 'goes' },
  ]);
  for (let i = 0; i < 20; i++) await journal.append([samples(i * 100, 100)]);
  await eventually(() => expect(remote.asked()).toBeGreaterThan(0));
  let flushed = false;
  whileForgetting(async () => {
    await flush();
    await flush();
    flushed = true;
  });
  service.applyConfig(configuration([{ url: remote.url, name: 'stays', remote_timeout: '20s' }]));
  await eventually(() => expect(flushed).toBe(true));
  remote.back();
  await eventually(async () => expect(await sent('stays')).toBe(2600));
});

it('goes on with a remote that has another name, over a reload and a restart', async () => {
  const { journal, start, flush, eventually } = await setup();
  const remote = await startRemote();
  const first = await start([{ url: remote.url }]);
  for (let i = 0; i < 20; i++) await journal.append([samples(i * 100, 100)]);
  await eventually(() => expect(remote.asked()).toBeGreaterThan(0));
  await flush();
  const before = remote.asked();
  first.service.applyConfig(configuration([{ url: remote.url, name: 'named' }]));
  await eventually(() => expect(remote.asked()).toBeGreaterThan(before + 1));
  await flush();
  await first.service.stop();
  // A restart: nothing is flushed before forwarding has begun.
  const second = await start([{ url: remote.url, name: 'renamed' }]);
  await flush();
  remote.back();
  await eventually(async () => expect(await second.sent('renamed')).toBe(2900));
});

it('shows no secret of an address', async () => {
  const { journal, start, eventually } = await setup();
  const remote = await startRemote();
  remote.back();
  const { telemetry } = await start([{ url: remote.url.replace('http://', 'http://t0k3n@') }]);
  await journal.append([samples(0, 10)]);
  const label = remote.url.replace('http://', 'http://<secret>@');
  await eventually(async () =>
    expect(await telemetry.expose()).toContain(`pharos_forward_samples_total{remote="${label}"} 10`),
  );
  expect(await telemetry.expose()).not.toContain('t0k3n');
});

it('lets go of what waited for a remote that is removed, and tells nothing of it any more', async () => {
  const { journal, start, flush, eventually } = await setup();
  const remote = await startRemote();
  const { service, sent, telemetry } = await start([{ url: remote.url, name: 'one' }]);
  await journal.append([samples(0, 100)]);
  await eventually(() => expect(remote.asked()).toBeGreaterThan(0));
  expect(await telemetry.expose()).toContain('pharos_forward_behind_seconds{remote="one"}');
  service.applyConfig(configuration([]));
  await eventually(async () =>
    expect(await telemetry.expose()).not.toContain('pharos_forward_behind_seconds{'),
  );
  await flush();
  remote.back();
  service.applyConfig(configuration([{ url: remote.url, name: 'one' }]));
  await journal.append([samples(1000, 7)]);
  await eventually(async () => expect(await sent('one')).toBe(7));
});
