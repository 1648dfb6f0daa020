import { join } from 'node:path';
import { acrossTenants, createInProcessEngine, sql } from '../../packages/server/src/engine/index.ts';
import { systemClock } from '../../packages/server/src/kernel/clock.ts';
import { silentLog } from '../../packages/server/src/kernel/log.ts';
import { createTelemetry } from '../../packages/server/src/kernel/telemetry.ts';
import { TABLES } from '../../packages/server/src/wire-storage.ts';

export interface DiskUse {
  /** Bytes of the tables as they stand: all their active parts, indexes and marks included. */
  readonly bytes: number;
  readonly parts: number;
  /** The largest columns and indexes of the first table, the largest first. */
  readonly largest: readonly { readonly name: string; readonly bytes: number }[];
}

/** What tables take on disk, in the data directory of a server that has stopped. */
export async function diskUse(directory: string, tables: readonly [string, ...string[]]): Promise<DiskUse> {
  const engine = createInProcessEngine({
    directory: join(directory, 'data', 'engine'),
    tables: TABLES,
    clock: systemClock,
    log: silentLog,
    telemetry: createTelemetry(),
  });
  await engine.start();
  try {
    const ask = { purpose: 'bench.disk', tenant: 'default' } as const;
    const parts = await engine.query(
      sql`SELECT toFloat64(sum(bytes_on_disk)) AS bytes, toFloat64(count()) AS parts FROM system.parts WHERE active AND table IN ${[...tables]}`,
      ask,
    );
    const columns = await engine.query(
      sql`${acrossTenants}SELECT column AS name, toFloat64(sum(column_bytes_on_disk)) AS bytes FROM system.parts_columns
        WHERE active AND table = ${tables[0]} GROUP BY name
        UNION ALL SELECT concat('index ', name) AS name, toFloat64(sum(data_compressed_bytes + marks_bytes)) AS bytes
        FROM system.data_skipping_indices WHERE table = ${tables[0]} GROUP BY name ORDER BY bytes DESC`,
      ask,
    );
    const sizes = columns.numbers('bytes');
    return {
      bytes: parts.numbers('bytes')[0] ?? 0,
      parts: parts.numbers('parts')[0] ?? 0,
      largest: columns
        .strings('name')
        .map((name, row) => ({ name, bytes: sizes[row] ?? 0 }))
        .sort((a, b) => b.bytes - a.bytes),
    };
  } finally {
    await engine.stop();
  }
}

export function printDisk(use: DiskUse, rawBytes: number, rows: number): void {
  const share = (bytes: number): string => `${((bytes / rawBytes) * 100).toFixed(1)} %`;
  const parts = use.largest
    .slice(0, 12)
    .map(({ name, bytes }) => `${name} ${share(bytes)}`)
    .join(', ');
  console.log(
    `disk: ${(use.bytes / 1e6).toFixed(0)} MB in ${use.parts} parts, ${(use.bytes / rows).toFixed(1)} bytes each, ${share(use.bytes)} of raw: ${parts}`,
  );
}
