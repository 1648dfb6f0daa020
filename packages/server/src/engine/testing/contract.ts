import { afterAll, beforeAll, describe, expect, test } from 'vitest';
import { engineErrors } from '../errors.ts';
import { acrossTenants, inList, sql, table, tenant } from '../sql.ts';
import type { TableSpec } from '../tables.ts';
import type { Engine, InsertBlock, ManagedEngine } from '../types.ts';
import { DAY_MS, SAMPLE_TIME, STALE_BITS, samplesBlock, samplesTable, series } from './samples.ts';

export interface ContractEngine {
  readonly engine: ManagedEngine;
  close(): Promise<void>;
}

const OPTIONS = { purpose: 'contract.test', tenant: 'default' } as const;

const eventsTable: TableSpec = {
  name: 'events',
  columns: [
    { name: 'tenant', type: 'LowCardinality(String)' },
    { name: 'at', type: 'DateTime' },
    { name: 'attributes', type: 'Map(LowCardinality(String), String)' },
    { name: 'severity', type: 'UInt8', since: 2, default: '7' },
  ],
  orderBy: ['tenant', 'at'],
  timeColumn: 'at',
  identity: ['tenant', 'at'],
  signal: 'events',
};

/** The tables of the suite; `open` must create them. */
const contractTables: readonly TableSpec[] = [samplesTable, eventsTable];

/** What every engine must do, whether in this process, supervised or a cluster. */
export function engineContract(
  name: string,
  open: (tables: readonly TableSpec[]) => Promise<ContractEngine>,
): void {
  describe(`engine contract: ${name}`, () => {
    let opened: ContractEngine;
    const engine = (): ManagedEngine => opened.engine;
    beforeAll(async () => {
      opened = await open(contractTables);
    });
    afterAll(async () => {
      await opened.close();
    });
    queries(engine);
    failures(engine);
    inserts(engine);
    refusals(engine);
    tenants(engine);
    upkeep(engine);
  });
}

async function countOf(engine: Engine, tenantName: string): Promise<number> {
  const block = await engine.query(
    sql`SELECT count() AS n FROM ${table(samplesTable)} WHERE tenant = ${tenant}`,
    { ...OPTIONS, tenant: tenantName },
  );
  return block.numbers('n')[0] ?? -1;
}

async function insertAs(engine: Engine, tenantName: string, block: InsertBlock): Promise<number> {
  await engine.insert(block, { purpose: 'contract.insert' });
  return await countOf(engine, tenantName);
}

async function failureOf(work: Promise<unknown>): Promise<unknown> {
  try {
    await work;
  } catch (error) {
    return error;
  }
  throw new Error('it did not fail');
}

function queries(engine: () => Engine): void {
  test('is ready, and answers with columns', async () => {
    expect(engine().state()).toBe('ready');
    const block = await engine().query(
      sql`SELECT toUInt64(${7}) AS big, ${'a'} AS text, ${1.5} AS float, [${1}, ${2}] AS list, map('k', 'v') AS pairs`,
      OPTIONS,
    );
    expect(block.rows).toBe(1);
    expect(block.names).toEqual(['big', 'text', 'float', 'list', 'pairs']);
    expect([...block.numbers('big')]).toEqual([7]);
    expect([...block.bigints('big')]).toEqual([7n]);
    expect(block.strings('text')).toEqual(['a']);
    expect([...block.numbers('float')]).toEqual([1.5]);
    expect([...block.array('list').offsets]).toEqual([2]);
    expect(block.map('pairs').keys).toEqual({ kind: 'string', data: ['k'] });
  });

  test('an answer without rows gives empty columns', async () => {
    const block = await engine().query(sql`SELECT 1 AS x, 'a' AS s, [1] AS l WHERE 0`, OPTIONS);
    expect(block.rows).toBe(0);
    expect(block.numbers('x').length).toBe(0);
    expect(block.strings('s')).toEqual([]);
    expect(block.array('l').offsets.length).toBe(0);
  });

  test('many blocks come back as one, in order', async () => {
    const rows = 300_000;
    const block = await engine().query(sql`SELECT number AS x FROM numbers(${rows}) ORDER BY x`, OPTIONS);
    const x = block.numbers('x');
    expect(x.length).toBe(rows);
    expect(x.every((value, i) => value === i)).toBe(true);
  });

  test('statements run side by side and keep their answers apart', async () => {
    const answers = await Promise.all(
      Array.from({ length: 40 }, async (_, i) => {
        const block = await engine().query(sql`SELECT number + ${i} AS x FROM numbers(1000)`, OPTIONS);
        return block.numbers('x')[999];
      }),
    );
    expect(answers).toEqual(Array.from({ length: 40 }, (_, i) => 999 + i));
  });
}

function failures(engine: () => Engine): void {
  test('failures are classified by code', async () => {
    const syntax = await failureOf(engine().query(sql`SELEC 1`, OPTIONS));
    expect(engineErrors.is(syntax, 'badQuery') && syntax.details?.code).toBe(62);
    const memory = await failureOf(
      engine().query(
        sql`SELECT length(groupArray(repeat(toString(number), 100))) FROM numbers(50000000)`,
        OPTIONS,
      ),
    );
    expect(engineErrors.is(memory, 'resource')).toBe(true);
  });

  test('a failed statement leaves nothing in later answers', async () => {
    for (let round = 0; round < 12; round++) {
      const failing = sql`SELECT number, throwIf(number = 500000) FROM numbers(1000000)`;
      expect(engineErrors.is(await failureOf(engine().query(failing, OPTIONS)), 'badQuery')).toBe(true);
      const next = await engine().query(sql`SELECT ${round} AS round`, OPTIONS);
      expect([next.rows, next.names, [...next.numbers('round')]]).toEqual([1, ['round'], [round]]);
    }
  });

  test('an abort rejects at once and leaves nothing behind', async () => {
    const abort = new AbortController();
    const endless = engine().query(sql`SELECT sum(cityHash64(number)) FROM numbers(1000000000000)`, {
      ...OPTIONS,
      signal: abort.signal,
    });
    abort.abort();
    expect(engineErrors.is(await failureOf(endless), 'canceled')).toBe(true);
    const before = await engine().query(sql`SELECT 1 AS x`, {
      ...OPTIONS,
      signal: new AbortController().signal,
    });
    expect(before.rows).toBe(1);
    await expect
      .poll(
        async () => {
          const running = await engine().query(
            sql`SELECT count() AS n FROM system.processes WHERE query LIKE ${'%numbers(1000000000000)%'} AND query NOT LIKE ${'%system.processes%'}`,
            OPTIONS,
          );
          return running.numbers('n')[0];
        },
        { timeout: 30_000 },
      )
      .toBe(0);
  });

  test('an already aborted signal runs nothing', async () => {
    const error = await failureOf(engine().query(sql`SELECT 1`, { ...OPTIONS, signal: AbortSignal.abort() }));
    expect(engineErrors.is(error, 'canceled')).toBe(true);
  });

  test('readers cannot write, and cannot read files', async () => {
    for (const statement of [
      sql`CREATE TABLE x (a UInt8) ENGINE = Memory`,
      sql`SELECT * FROM file('/etc/hostname', 'LineAsString')`,
      sql`SELECT * FROM url('http://127.0.0.1:1/', 'LineAsString')`,
      sql`SELECT 1 SETTINGS max_threads = 1`,
    ]) {
      const error = await failureOf(engine().query(statement, OPTIONS));
      expect(engineErrors.is(error, 'badQuery') && error.details?.code, statement.text).toBe(164);
    }
  });

  test('a purpose is bounded text', async () => {
    const error = await failureOf(engine().query(sql`SELECT 1`, { ...OPTIONS, purpose: '*/ DROP' }));
    expect(engineErrors.is(error, 'badQuery')).toBe(true);
  });
}

function inserts(engine: () => Engine): void {
  test('a block goes in whole, NaN bits kept', async () => {
    const samples = [
      { tenant: 'bits', ts: SAMPLE_TIME, bits: STALE_BITS },
      { tenant: 'bits', ts: SAMPLE_TIME + 1, value: Number.NaN },
      { tenant: 'bits', ts: SAMPLE_TIME + 2, value: Number.POSITIVE_INFINITY },
      { tenant: 'bits', ts: SAMPLE_TIME + 3, value: -0 },
    ];
    expect(await insertAs(engine(), 'bits', samplesBlock(samples))).toBe(4);
    const block = await engine().query(
      sql`SELECT groupArray(value) AS v FROM (SELECT value FROM ${table(samplesTable)} WHERE tenant = ${tenant} ORDER BY ts)`,
      { ...OPTIONS, tenant: 'bits' },
    );
    const { items } = block.array('v');
    if (items.kind !== 'float64') throw new Error(items.kind);
    expect(new BigUint64Array(items.data.buffer)[0]).toBe(STALE_BITS);
    expect([...items.data].slice(1)).toEqual([Number.NaN, Number.POSITIVE_INFINITY, -0]);
  });

  test('reconcile inserts only what is not there, comparing NaN by its bits', async () => {
    const samples = [...series(50, { tenant: 'rec' }), { tenant: 'rec', id: 2, bits: STALE_BITS }];
    expect(await insertAs(engine(), 'rec', samplesBlock(samples.slice(0, 20)))).toBe(20);
    expect(await insertAs(engine(), 'rec', samplesBlock(samples, { reconcile: true }))).toBe(51);
    expect(await insertAs(engine(), 'rec', samplesBlock(samples, { reconcile: true }))).toBe(51);
    const other = [{ tenant: 'rec', id: 2, value: Number.NaN }];
    expect(await insertAs(engine(), 'rec', samplesBlock(other, { reconcile: true }))).toBe(52);
  });

  test('equal blocks without reconcile are two blocks', async () => {
    const block = samplesBlock(series(5, { tenant: 'twice' }));
    await insertAs(engine(), 'twice', block);
    expect(await insertAs(engine(), 'twice', block)).toBe(10);
  });

  test('rows of an older schema version take the default; maps and times arrive', async () => {
    const text = (value: string): number[] => [value.length, ...Buffer.from(value)];
    const at = SAMPLE_TIME / 1_000;
    const row = [
      ...text('old'),
      ...new Uint8Array(Uint32Array.of(at).buffer),
      1,
      ...text('__proto__'),
      ...text('v'),
    ];
    const block = { table: eventsTable, rows: 1, reconcile: false };
    await engine().insert({ ...block, schemaVersion: 1, payload: [Uint8Array.from(row)] }, OPTIONS);
    await engine().insert({ ...block, schemaVersion: 2, payload: [Uint8Array.from([...row, 3])] }, OPTIONS);
    const answer = await engine().query(
      sql`SELECT severity, attributes, at FROM ${table(eventsTable)} WHERE tenant = ${tenant} ORDER BY severity`,
      { ...OPTIONS, tenant: 'old' },
    );
    expect([...answer.numbers('severity')]).toEqual([3, 7]);
    expect(answer.map('attributes').keys).toEqual({ kind: 'string', data: ['__proto__', '__proto__'] });
    expect([...answer.numbers('at')]).toEqual([at, at]);
  });
}

function refusals(engine: () => Engine): void {
  const poison = (samples: Parameters<typeof samplesBlock>[0], overrides: Partial<InsertBlock> = {}) =>
    samplesBlock(
      samples.map((sample) => ({ ...sample, tenant: 'poison' })),
      overrides,
    );
  const good = poison(series(10));
  const bytes = good.payload[0] ?? new Uint8Array(0);
  const cases: readonly (readonly [string, InsertBlock])[] = [
    ['300 days', poison(Array.from({ length: 300 }, (_, i) => ({ ts: SAMPLE_TIME + i * DAY_MS })))],
    ['two days', poison([{ ts: SAMPLE_TIME - 1 }, { ts: SAMPLE_TIME }])],
    ['a time before 1970', poison([{ ts: -1 }])],
    ['a time after 2105', poison([{ ts: Date.UTC(2106, 0, 1) }])],
    ['a torn payload', { ...good, payload: [bytes.subarray(0, bytes.length - 3)] }],
    ['a row less', { ...good, payload: [samplesPayloadOf(9)] }],
    ['a row more', { ...good, payload: [samplesPayloadOf(11)] }],
    ['a tail of zeros', { ...good, payload: [bytes, new Uint8Array(25 * 4)] }],
    ['no rows', { ...good, rows: 0 }],
    ['no bytes', { ...good, payload: [] }],
    ['too many rows', { ...good, rows: 250_001 }],
    ['a schema version of the future', { ...good, schemaVersion: 2 }],
    ['a schema version that never was', { ...good, schemaVersion: 0 }],
    ['noise', { ...good, payload: [Uint8Array.from({ length: 700 }, (_, i) => (i * 7_919) & 0xff)] }],
  ];
  test.each(cases)('refuses %s for good, and stores nothing of it', async (_, block) => {
    for (const reconcile of [false, true]) {
      const error = await failureOf(engine().insert({ ...block, reconcile }, { purpose: 'contract.insert' }));
      expect(engineErrors.is(error, 'refused'), String(error)).toBe(true);
    }
    const all = await engine().query(
      sql`SELECT count() AS n FROM ${table(samplesTable)} WHERE tenant = 'poison' ${acrossTenants}`,
      OPTIONS,
    );
    expect(all.numbers('n')[0]).toBe(0);
  });
}

function samplesPayloadOf(rows: number): Uint8Array {
  return samplesBlock(series(rows, { tenant: 'poison' })).payload[0] ?? new Uint8Array(0);
}

function tenants(engine: () => Engine): void {
  test('a tenant sees its own rows only, whatever it is called', async () => {
    const hostile = "x' OR '1'='1";
    await insertAs(engine(), 'a', samplesBlock(series(3, { tenant: 'a' })));
    await insertAs(engine(), hostile, samplesBlock(series(2, { tenant: hostile })));
    expect(await countOf(engine(), 'a')).toBe(3);
    expect(await countOf(engine(), hostile)).toBe(2);
    expect(await countOf(engine(), '')).toBe(0);
  });

  test('a statement that forgets the tenant is refused', async () => {
    const error = await failureOf(engine().query(sql`SELECT count() FROM ${table(samplesTable)}`, OPTIONS));
    expect(engineErrors.is(error, 'badQuery')).toBe(true);
  });

  test('2,000 ids fit a list', async () => {
    const ids = BigUint64Array.from({ length: 2_000 }, (_, i) => 2n ** 63n + BigInt(i));
    const block = await engine().query(
      sql`SELECT count() AS n FROM ${table(samplesTable)} WHERE tenant = ${tenant} AND id IN ${inList(ids)}`,
      OPTIONS,
    );
    expect(block.numbers('n')[0]).toBe(0);
  });
}

function upkeep(engine: () => ManagedEngine): void {
  test('old days are dropped whole, and the space is told by day', async () => {
    const days = [0, 1, 2].map((day) => SAMPLE_TIME + (day + 1_000) * DAY_MS);
    for (const ts of days) await engine().insert(samplesBlock([{ tenant: 'drop', ts }]), OPTIONS);
    const [first = 0, second = 0, third = 0] = days.map((ts) => ts / DAY_MS);
    const usage = (await engine().usage()).filter((p) => p.table === 'samples' && p.day >= first);
    expect(usage.map((partition) => partition.day)).toEqual([first, second, third]);
    expect(usage.every((partition) => partition.rows === 1 && partition.bytes > 0)).toBe(true);
    expect(await engine().dropPartitions(samplesTable, third)).toContain(second);
    expect(await countOf(engine(), 'drop')).toBe(1);
    expect(await engine().detachedParts()).toBe(0);
  });

  test('what it does and holds is told', async () => {
    const ts = SAMPLE_TIME + 3_000 * DAY_MS;
    await engine().insert(samplesBlock([{ tenant: 'told', ts }]), OPTIONS);
    const own = (await engine().tableUsage()).find(({ table: name }) => name === 'samples');
    expect(own?.rows).toBeGreaterThan(0);
    expect(own?.parts).toBeGreaterThan(0);
    expect(own?.bytes).toBeGreaterThan(0);
    expect(own?.plainBytes).toBeGreaterThan(0);
    const asked = engine().query(sql`SELECT 1 AS one`, OPTIONS);
    const { purpose } = OPTIONS;
    expect(engine().status().statements).toEqual([
      { purpose, limits: 'interactive', ageMs: expect.any(Number) },
    ]);
    await asked;
    const { state, process: own_, restarts, statements } = engine().status();
    expect([state, restarts, statements]).toEqual(['ready', 0, []]);
    expect(own_.pid).toBeGreaterThan(0);
    expect(own_.readyForMs).toBeGreaterThan(0);
  });

  test('a partition tells by its newest insert that it changed, and goes by its id', async () => {
    const ts = SAMPLE_TIME + 2_000 * DAY_MS;
    const own = async () =>
      (await engine().partitions(samplesTable)).filter(({ day }) => day === ts / DAY_MS);
    await engine().insert(samplesBlock([{ tenant: 'mark', ts }]), OPTIONS);
    const [before] = await own();
    expect(await own()).toEqual([before]);
    await engine().insert(samplesBlock([{ tenant: 'mark', ts: ts + 1 }]), OPTIONS);
    const [after] = await own();
    expect(after?.newestInsert).toBeGreaterThan(before?.newestInsert ?? 0);
    expect(after).toMatchObject({ id: before?.id, rows: 2, oldestInsert: before?.oldestInsert });
    await engine().dropPartition(samplesTable, after?.id ?? '');
    expect(await countOf(engine(), 'mark')).toBe(0);
    expect(await own()).toEqual([]);
  });
}
