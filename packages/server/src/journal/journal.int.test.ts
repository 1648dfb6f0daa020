import { mkdtempSync, readdirSync, readFileSync, rmSync, writeFileSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { afterAll, beforeAll, beforeEach, expect, it } from 'vitest';
import { acrossTenants, sql, type TableSpec, table } from '../engine/index.ts';
import { openTestEngine, type TestEngine } from '../engine/testing/open.ts';
import {
  DAY_MS,
  SAMPLE_TIME,
  type Sample,
  samplesPayload,
  samplesTable,
  series,
} from '../engine/testing/samples.ts';
import { systemClock } from '../kernel/clock.ts';
import { silentLog } from '../kernel/log.ts';
import { seededRandom } from '../kernel/random.ts';
import { createTelemetry } from '../kernel/telemetry.ts';
import { journalConfigSchema } from './config.ts';
import { createFlusher } from './flusher.ts';
import { nodeFileSystem } from './fs.ts';
import { type JournalPressure, journalErrors, journalTelemetry } from './index.ts';
import { openJournal } from './journal.ts';
import { createQuarantine } from './quarantine.ts';
import type { Frame } from './types.ts';

/** The same rows with a column that came in version 2. */
const grownTable: TableSpec = {
  ...samplesTable,
  name: 'grown',
  columns: [...samplesTable.columns, { name: 'extra', type: 'UInt8', since: 2, default: '7' }],
};
const tables = new Map([samplesTable, grownTable].map((spec) => [spec.name, spec]));
const today = SAMPLE_TIME / DAY_MS;

let opened: TestEngine;
let path: string;
beforeAll(async () => {
  opened = await openTestEngine([samplesTable, grownTable]);
});
afterAll(() => opened.close());
beforeEach(async () => {
  path = mkdtempSync(join(tmpdir(), 'pharos-journal-'));
  for (const spec of tables.values())
    await opened.engine.execute(sql`TRUNCATE TABLE ${table(spec)} ${acrossTenants}`, {
      purpose: 'test.truncate',
      tenant: 'default',
    });
  return () => rmSync(path, { recursive: true, force: true });
});

async function openReal() {
  const registry = createTelemetry();
  const telemetry = journalTelemetry(registry);
  const base = { fs: nodeFileSystem, clock: systemClock, log: silentLog, telemetry };
  const config = journalConfigSchema.parse({
    freeDiskBytes: 0,
    segmentBytes: 4096,
    retrySeconds: 0.01,
    attempts: 2,
  });
  const quarantine = createQuarantine({ ...base, directory: join(path, 'quarantine') });
  const journal = await openJournal({ ...base, directory: join(path, 'journal'), quarantine, config });
  const flusher = createFlusher({
    ...base,
    source: journal,
    engine: opened.engine,
    tables: (name) => tables.get(name),
    quarantine,
    random: seededRandom(1),
    config,
  });
  return { journal, flusher, metrics: () => registry.expose() };
}

function frame(samples: readonly Sample[], over: Partial<Frame> = {}): Frame {
  const payload = samplesPayload(samples);
  return {
    table: 'samples',
    schemaVersion: 1,
    tenant: 'default',
    day: today,
    rows: samples.length,
    payload,
    ...over,
  };
}

async function stored(spec: TableSpec): Promise<{ rows: number; distinct: number }> {
  const block = await opened.engine.query(
    sql`SELECT count() AS n, uniqExact(id, ts) AS d FROM ${table(spec)} ${acrossTenants}`,
    { purpose: 'test.count', tenant: 'default' },
  );
  return { rows: block.numbers('n')[0] ?? -1, distinct: block.numbers('d')[0] ?? -1 };
}

it.each(['at once', 'after a restart, reconciled'])(
  'stores good frames once and puts every kind of poison aside, %s',
  async (when) => {
    const first = await openReal();
    const good = (id: number) => frame(series(10, { id }));
    const whole = samplesPayload(series(10, { id: 66 }));
    const flipped = Uint8Array.from(whole);
    flipped[0]! ^= 0x40;
    const poison: readonly Frame[] = [
      frame(series(10, { id: 60, ts: Date.UTC(2090, 5, 1) })),
      frame(series(10, { id: 61, ts: Date.UTC(1960, 5, 1) })),
      frame(Array.from({ length: 300 }, (_, n) => ({ id: 62, ts: SAMPLE_TIME - n * DAY_MS }))),
      frame(series(10, { id: 63, ts: SAMPLE_TIME - DAY_MS })),
      frame(series(10, { id: 64 }), { payload: whole.subarray(0, whole.length - 5) }),
      frame(series(10, { id: 65 }), { payload: Buffer.concat([whole, Buffer.alloc(40)]) }),
      frame(series(10, { id: 66 }), { payload: flipped }),
      frame(series(10, { id: 67 }), { schemaVersion: 2 }),
      frame(series(10, { id: 68 }), { table: 'gone' }),
      frame(series(10, { id: 69 }), { table: 'grown', schemaVersion: 2 }),
    ];
    for (const [index, bad] of poison.entries())
      await first.journal.append([good(index), bad, good(index + 20)]);
    await first.journal.append([frame(series(5, { id: 50 }), { table: 'grown' })]);
    if (when !== 'at once') await first.journal.close();
    const { journal, flusher, metrics } = when === 'at once' ? first : await openReal();
    await flusher.flush();
    const pressure: JournalPressure = journal.pressure();
    expect(pressure).toMatchObject({ bytes: 0, rows: 0, oldestAgeMs: 0 });
    expect(await stored(samplesTable)).toEqual({ rows: 200, distinct: 200 });
    expect(await stored(grownTable)).toEqual({ rows: 5, distinct: 5 });
    const sidecars = readdirSync(join(path, 'quarantine')).filter((name) => name.endsWith('.json'));
    expect(sidecars.map((name) => Number(/^frame-(\d+)-1-/.exec(name)?.[1])).sort((a, b) => a - b)).toEqual(
      poison.map((_, index) => index + 1),
    );
    expect(await metrics()).toContain(
      `pharos_journal_quarantined_total{reason="refused"} ${poison.length - 1}`,
    );
    await journal.append([good(90)]);
    await flusher.flush();
    expect((await stored(samplesTable)).rows).toBe(210);
    await journal.close();
    const late: unknown = await journal.append([good(91)]).catch((error: unknown) => error);
    expect(journalErrors.is(late, 'stopped')).toBe(true);
  },
);

it('does not double what was inserted before the position was recorded', async () => {
  const first = await openReal();
  for (let id = 0; id < 30; id++) await first.journal.append([frame(series(10, { id }))]);
  const cut = await first.journal.readCut({ rows: 150, bytes: 1_000_000 });
  const payload = cut?.frames.map((f) => f.payload) ?? [];
  const rows = cut?.frames.reduce((sum, f) => sum + f.rows, 0) ?? 0;
  const block = { table: samplesTable, schemaVersion: 1, rows, payload, reconcile: false };
  await opened.engine.insert(block, { purpose: 'test.insert' });
  await first.journal.close();
  const second = await openReal();
  expect(second.journal.recovery.rows).toBe(300);
  await second.flusher.flush();
  expect(await stored(samplesTable)).toEqual({ rows: 300, distinct: 300 });
  await second.journal.close();
});

it('goes on after damage on the real disk', async () => {
  const first = await openReal();
  for (let id = 0; id < 100; id++) await first.journal.append([frame(series(10, { id }))]);
  await first.journal.close();
  const directory = join(path, 'journal');
  const segments = readdirSync(directory).filter((name) => name.endsWith('.seg'));
  expect(segments.length).toBeGreaterThan(3);
  const damaged = join(directory, segments[1]!);
  const bytes = readFileSync(damaged);
  bytes[2000]! ^= 1;
  writeFileSync(damaged, bytes);
  writeFileSync(join(directory, '000000000999-00c0ffee.seg'), Buffer.alloc(5000, 1));
  const last = join(directory, segments.at(-1)!);
  writeFileSync(last, readFileSync(last).subarray(0, -7));
  const second = await openReal();
  expect(second.journal.recovery).toMatchObject({ requests: 98, quarantined: 2 });
  expect(second.journal.recovery.tornBytes).toBeGreaterThan(0);
  await second.flusher.flush();
  expect(await stored(samplesTable)).toEqual({ rows: 980, distinct: 980 });
  await second.journal.append([frame(series(10, { id: 500 }))]);
  await second.flusher.flush();
  expect((await stored(samplesTable)).rows).toBe(990);
  await second.journal.close();
});
