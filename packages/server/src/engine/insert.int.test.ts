import { execFileSync } from 'node:child_process';
import {
  cpSync,
  existsSync,
  mkdirSync,
  mkdtempSync,
  readdirSync,
  readFileSync,
  rmSync,
  truncateSync,
  writeFileSync,
} from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import fc from 'fast-check';
import { expect, test } from 'vitest';
import { createTelemetry } from '../kernel/telemetry.ts';
import { coreOptions } from './create.ts';
import { renderCreateTable } from './ddl.ts';
import { sessionArguments } from './embedded/config.ts';
import { loadDriver } from './embedded/driver.ts';
import { engineErrors } from './errors.ts';
import { decodeNative } from './native.ts';
import { RowBinaryWriter } from './rowbinary.ts';
import { acrossTenants, sql, table, tenant } from './sql.ts';
import type { TableSpec } from './tables.ts';
import { openTestEngine, type TestEngine, testOptions } from './testing/open.ts';
import {
  DAY_MS,
  SAMPLE_TIME,
  samplesBlock,
  samplesPayload,
  samplesTable,
  series,
} from './testing/samples.ts';
import { type Engine, MAX_BLOCK_ROWS } from './types.ts';

const OPTIONS = { purpose: 'test.insert', tenant: 'default' } as const;

async function count(engine: Engine): Promise<number | undefined> {
  const block = await engine.query(
    sql`SELECT count() AS n FROM ${table(samplesTable)} WHERE tenant = ${tenant}`,
    OPTIONS,
  );
  return block.numbers('n')[0];
}

async function withDirectory(run: (directory: string) => Promise<void>): Promise<void> {
  const directory = mkdtempSync(join(tmpdir(), 'pharos-engine-'));
  try {
    await run(directory);
  } finally {
    rmSync(directory, { recursive: true, force: true });
  }
}

test('the largest block is one part, and a reconciled repeat of it fits the memory', async () => {
  const wide: TableSpec = {
    ...samplesTable,
    columns: [...samplesTable.columns, { name: 'text', type: 'String' }],
    identity: ['tenant', 'id', 'ts'],
  };
  await using open = await openTestEngine([wide], { memoryBytes: 500_000_000 });
  const row = samplesPayload([{ id: 1 }]);
  const text = Buffer.alloc(200, 'x');
  const rows = Buffer.alloc(MAX_BLOCK_ROWS * (row.length + 2 + text.length));
  for (let i = 0, at = 0; i < MAX_BLOCK_ROWS; i++) {
    rows.set(row, at);
    rows.writeBigInt64LE(BigInt(SAMPLE_TIME + i), at + row.length - 16);
    at += row.length;
    rows[at] = 0xc8;
    rows[at + 1] = 0x01;
    rows.set(text, at + 2);
    at += 2 + text.length;
  }
  const block = { table: wide, schemaVersion: 1, rows: MAX_BLOCK_ROWS, payload: [rows], reconcile: false };
  await open.engine.insert(block, OPTIONS);
  const parts = await open.engine.query(
    sql`SELECT rows FROM system.parts WHERE table = 'samples' AND active AND level = 0`,
    OPTIONS,
  );
  expect([...parts.numbers('rows')]).toEqual([MAX_BLOCK_ROWS]);
  await open.engine.insert({ ...block, reconcile: true }, OPTIONS);
  expect(await count(open.engine)).toBe(MAX_BLOCK_ROWS);
  expect(readdirSync(join(open.directory, 'ingest'))).toEqual([]);
});

test('parts wait until many can become one, and the insert that makes it due begins the merge', async () => {
  await using open = await openTestEngine([samplesTable]);
  const parts = async (): Promise<number[]> => {
    const block = await open.engine.query(
      sql`SELECT rows FROM system.parts WHERE table = 'samples' AND active`,
      OPTIONS,
    );
    return [...block.numbers('rows')];
  };
  for (let i = 1; i <= 12; i++) {
    await open.engine.insert(samplesBlock([{ id: i }]), OPTIONS);
    expect(await parts()).toHaveLength(i);
  }
  for (let i = 13; i <= 24; i++) await open.engine.insert(samplesBlock([{ id: i }]), OPTIONS);
  await expect.poll(async () => (await parts()).length).toBeLessThan(24);
  expect(await count(open.engine)).toBe(24);
});

test('the engine heeds what its file says of tables', async () => {
  await using open = await openTestEngine([samplesTable]);
  const block = await open.engine.query(
    sql`SELECT name, value FROM system.merge_tree_settings WHERE name IN ('merge_selector_base', 'auto_statistics_types', 'merge_tree_clear_old_parts_interval_seconds')`,
    OPTIONS,
  );
  const values = block.strings('value');
  expect(Object.fromEntries(block.strings('name').map((name, i) => [name, values[i]]))).toEqual({
    merge_selector_base: '16',
    auto_statistics_types: '',
    merge_tree_clear_old_parts_interval_seconds: '10',
  });
});

test('left-over insert files are gone after a start', async () => {
  await withDirectory(async (directory) => {
    mkdirSync(join(directory, 'ingest'));
    writeFileSync(join(directory, 'ingest', 'samples-1-0.bin'), 'left over');
    await using open = await openTestEngine([samplesTable], { directory });
    expect(readdirSync(join(open.directory, 'ingest'))).toEqual([]);
  });
});

/**
 * What a kill between the engine's record of a block and its commit leaves behind: the record in the deduplication log, but
 * not the part. The table is of an older make that has such a log.
 */
test('a block that the engine recorded but never committed is not lost by reconciling', async () => {
  await withDirectory(async (directory) => {
    const logged: TableSpec = { ...samplesTable, settings: { non_replicated_deduplication_window: 100 } };
    const block = samplesBlock(series(300));
    const saved = join(directory, 'saved');
    const tableDirectory = await insertBare(directory, logged, block.payload[0] ?? new Uint8Array(0), saved);
    cpSync(saved, join(tableDirectory, 'deduplication_logs'), { recursive: true });
    const lost = await repeatBare(directory, logged);
    expect(lost).toBe(0);
    await using open = await openTestEngine([logged], { directory });
    await open.engine.insert({ ...block, table: logged, reconcile: true }, OPTIONS);
    expect(await count(open.engine)).toBe(300);
    await open.engine.insert({ ...block, table: logged, reconcile: true }, OPTIONS);
    expect(await count(open.engine)).toBe(300);
  });
});

const TOKEN = `SETTINGS insert_deduplicate = 1, insert_deduplication_token = 'segment-1'`;

async function bareEngine(directory: string) {
  const options = coreOptions(testOptions(directory, []));
  const driver = await loadDriver(options.path);
  const args = sessionArguments(options.configFile, 'write', options.limits.write);
  const session = driver.open(args.filter((argument) => !argument.includes('insert_deduplicate')));
  return { session, driver };
}

function insertStatement(directory: string): string {
  const columns = samplesTable.columns.map((column) => `${column.name} ${column.type}`).join(', ');
  return `INSERT INTO pharos.samples ${TOKEN} SELECT * FROM file('${join(directory, 'rows.bin')}', 'RowBinary', '${columns.replaceAll("'", "\\'")}')`;
}

/** Inserts with a token, keeps the log, and takes the part away again. Returns the table's directory. */
async function insertBare(
  directory: string,
  spec: TableSpec,
  payload: Uint8Array,
  saved: string,
): Promise<string> {
  mkdirSync(join(directory, 'clickhouse'), { recursive: true });
  writeFileSync(join(directory, 'rows.bin'), payload);
  const { session, driver } = await bareEngine(directory);
  await session.run('CREATE DATABASE IF NOT EXISTS pharos ENGINE = Atomic');
  await session.run(renderCreateTable(spec, 'embedded'));
  await session.run(insertStatement(directory));
  const facts = decodeNative(
    await session.run(`SELECT data_paths[1] AS path FROM system.tables WHERE name = 'samples'`),
  );
  const path = facts.strings('path')[0] ?? '';
  cpSync(join(path, 'deduplication_logs'), saved, { recursive: true });
  session.close();
  await driver.drained();
  for (const name of readdirSync(path))
    if (/^\d{8}_/.test(name)) rmSync(join(path, name), { recursive: true });
  return path;
}

/** The blind repeat, as it was to be shown: accepted, and no rows. */
async function repeatBare(directory: string, _spec: TableSpec): Promise<number | undefined> {
  const { session, driver } = await bareEngine(directory);
  await session.run(insertStatement(directory));
  const answer = decodeNative(await session.run('SELECT count() AS n FROM pharos.samples'));
  session.close();
  await driver.drained();
  return answer.numbers('n')[0];
}

test('a broken part is set aside, counted, and takes no other with it', async () => {
  await withDirectory(async (directory) => {
    let path = '';
    {
      await using open = await openTestEngine([samplesTable], { directory });
      for (const id of [1, 2]) await open.engine.insert(samplesBlock(series(10, { id })), OPTIONS);
      const parts = await open.engine.query(
        sql`SELECT path FROM system.parts WHERE table = 'samples' AND active`,
        OPTIONS,
      );
      path = parts.strings('path')[0] ?? '';
    }
    for (const name of readdirSync(path)) if (name.startsWith('data')) truncateSync(join(path, name), 1);
    await using open = await openTestEngine([samplesTable], { directory });
    expect(await open.engine.detachedParts()).toBe(1);
    expect(await count(open.engine)).toBe(10);
  });
});

test('a part that no longer reads is set aside when a repeat is compared with it, and no row of the repeat is missing', async () => {
  await withDirectory(async (directory) => {
    const block = samplesBlock(series(1_000, { id: 1 }), { day: SAMPLE_TIME / DAY_MS });
    const other = samplesBlock(series(10, { id: 2 }), { day: SAMPLE_TIME / DAY_MS });
    let paths: string[] = [];
    {
      await using open = await openTestEngine([samplesTable], { directory });
      await open.engine.insert(block, OPTIONS);
      await open.engine.insert(other, OPTIONS);
      const parts = await open.engine.query(
        sql`SELECT path FROM system.parts WHERE table = 'samples' AND active ORDER BY name`,
        OPTIONS,
      );
      paths = [...parts.strings('path')];
    }
    // Another byte in the middle, as a disk gives back: nobody looks at it when the part is loaded.
    const file = join(paths[0] ?? '', 'data.bin');
    const bytes = readFileSync(file);
    bytes[bytes.length >> 1] ^= 0xff;
    writeFileSync(file, bytes);
    const telemetry = createTelemetry();
    await using open = await openTestEngine([samplesTable], { directory, telemetry });
    expect(await open.engine.detachedParts()).toBe(0);
    await open.engine.insert({ ...block, reconcile: true }, OPTIONS);
    expect(await count(open.engine)).toBe(1_010);
    expect(await open.engine.detachedParts()).toBe(1);
    expect(await telemetry.expose()).toContain('pharos_engine_parts_set_aside_total{table="samples"} 1');
    // Nothing of it is thrown away.
    const [kept] = (
      await open.engine.query(sql`SELECT path FROM system.detached_parts WHERE table = 'samples'`, OPTIONS)
    ).strings('path');
    expect(readFileSync(join(kept ?? '', 'data.bin')).equals(bytes)).toBe(true);
    await open.engine.insert({ ...other, reconcile: true }, OPTIONS);
    expect(await count(open.engine)).toBe(1_010);
  });
});

const canMount = process.platform === 'linux' && process.getuid?.() === 0 && mountWorks();

function mountWorks(): boolean {
  const directory = mkdtempSync(join(tmpdir(), 'pharos-mount-'));
  try {
    execFileSync('mount', ['-t', 'tmpfs', '-o', 'size=1m', 'tmpfs', directory], { stdio: 'ignore' });
    execFileSync('umount', [directory], { stdio: 'ignore' });
    return true;
  } catch {
    return false;
  } finally {
    rmSync(directory, { recursive: true, force: true });
  }
}

test.skipIf(!canMount)(
  'a full disk: inserts say so, reads go on, space that is freed is used (needs root to mount)',
  async () => {
    await withDirectory(async (mount) => {
      execFileSync('mount', ['-t', 'tmpfs', '-o', 'size=400m', 'tmpfs', mount]);
      try {
        const directory = join(mount, 'data');
        await using open = await openTestEngine([samplesTable], { directory });
        await open.engine.insert(samplesBlock(series(10)), OPTIONS);
        const filler = join(mount, 'filler');
        // Leaves less than the engine's default floor of free space.
        execFileSync('fallocate', ['-l', '300m', filler]);
        const block = samplesBlock(series(10, { id: 2 }));
        const error: unknown = await open.engine.insert(block, OPTIONS).catch((reason: unknown) => reason);
        expect(engineErrors.is(error, 'resource') && error.details?.code).toBe(243);
        execFileSync('sh', [
          '-c',
          `dd if=/dev/zero of=${filler} bs=1M oflag=append conv=notrunc 2>/dev/null || true`,
        ]);
        const file: unknown = await open.engine.insert(block, OPTIONS).catch((reason: unknown) => reason);
        expect(engineErrors.is(file, 'resource')).toBe(true);
        expect(await count(open.engine)).toBe(10);
        rmSync(filler);
        await open.engine.insert({ ...block, reconcile: true }, OPTIONS);
        expect(await count(open.engine)).toBe(20);
        expect(existsSync(filler)).toBe(false);
      } finally {
        execFileSync('umount', ['-l', mount]);
      }
    });
  },
);

const recordsTable: TableSpec = {
  name: 'records',
  columns: [
    { name: 'tenant', type: 'LowCardinality(String)' },
    { name: 'ts', type: 'DateTime64(3)' },
    { name: 'line', type: 'String' },
    { name: 'attributes', type: 'Map(LowCardinality(String), String)' },
    { name: 'tags', type: 'Array(String)' },
  ],
  orderBy: ['ts'],
  timeColumn: 'ts',
  identity: ['tenant', 'ts', 'line'],
  signal: 'logs',
};

function recordsPayload(rows: number): Uint8Array {
  const writer = new RowBinaryWriter();
  for (let i = 0; i < rows; i++) {
    writer.string('default');
    writer.dateTime64(SAMPLE_TIME + i);
    writer.string(`line ${i} __proto__`);
    writer.map(
      new Map([
        ['k', 'v'],
        ['__proto__', ''],
      ]),
    );
    writer.varUint(1);
    writer.string('tag');
    writer.endRow();
  }
  return writer.take().payload;
}

test('flipped, cut and foreign bytes are refused or stored as so many rows; the engine lives', async () => {
  await using open = await openTestEngine([recordsTable]);
  const payload = recordsPayload(20);
  const flips = fc.array(fc.tuple(fc.nat(payload.length - 1), fc.nat(255)), { minLength: 1, maxLength: 3 });
  const flipped = flips.map((changes) => {
    const bytes = Uint8Array.from(payload);
    for (const [at, value] of changes) bytes[at] = value;
    return bytes;
  });
  const cut = fc.nat(payload.length - 1).map((size) => payload.subarray(0, size + 1));
  const noise = fc.uint8Array({ minLength: 1, maxLength: 300 });
  // A length of 2^62 and one of a gigabyte, where a string begins.
  const huge = fc
    .constantFrom('ffffffffffffffff3f', '8080808004')
    .map((hex) => Buffer.concat([Buffer.from(hex, 'hex'), payload]));
  await fc.assert(
    fc.asyncProperty(fc.oneof(flipped, cut, noise, huge), async (bytes) => {
      const before = await countRecords(open);
      const outcome: unknown = await open.engine
        .insert(
          { table: recordsTable, schemaVersion: 1, rows: 20, payload: [bytes], reconcile: false },
          OPTIONS,
        )
        .then(
          () => 'stored',
          (error: unknown) => error,
        );
      if (outcome === 'stored') expect(await countRecords(open)).toBe(before + 20);
      else {
        expect(engineErrors.is(outcome, 'refused'), String(outcome)).toBe(true);
        expect(await countRecords(open)).toBe(before);
      }
    }),
    { numRuns: 150 },
  );
});

async function countRecords({ engine }: TestEngine): Promise<number> {
  const block = await engine.query(
    sql`SELECT count() AS n FROM ${table(recordsTable)} ${acrossTenants}`,
    OPTIONS,
  );
  return block.numbers('n')[0] ?? -1;
}
