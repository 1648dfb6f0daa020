import { tableName } from './ddl.ts';
import { stringLiteral } from './literals.ts';
import { decodeNative } from './native.ts';
import { DATABASE, type TableSpec } from './tables.ts';
import type { EngineAdmin, LimitClass, PartitionState, PartitionUsage, TableUsage } from './types.ts';

type Run = (text: string, limits: LimitClass) => Promise<Uint8Array>;

const DAY_MS = 86_400_000;

/** Days since the epoch of a partition id (`20260131`, or `20260131-7` where more than the day cuts it); null when it is not a day. */
function dayOfPartition(id: string): number | null {
  const match = /^(\d{4})(\d{2})(\d{2})(?:-.+)?$/.exec(id);
  if (match === null) return null;
  return Date.UTC(Number(match[1]), Number(match[2]) - 1, Number(match[3])) / DAY_MS;
}

export function createAdmin(run: Run): EngineAdmin {
  const usage = async (): Promise<PartitionUsage[]> => {
    const block = decodeNative(
      await run(
        `SELECT table, partition_id, sum(rows) AS rows, sum(bytes_on_disk) AS bytes FROM system.parts WHERE database = '${DATABASE}' AND active GROUP BY table, partition_id ORDER BY table, partition_id`,
        'background',
      ),
    );
    const partitions = block.strings('partition_id');
    const rows = block.numbers('rows');
    const bytes = block.numbers('bytes');
    return block.strings('table').flatMap((table, i) => {
      const day = dayOfPartition(partitions[i] ?? '');
      return day === null ? [] : [{ table, day, rows: rows[i] ?? 0, bytes: bytes[i] ?? 0 }];
    });
  };
  const tableUsage = async (): Promise<TableUsage[]> => {
    const block = decodeNative(
      await run(
        `SELECT table, count() AS parts, sum(rows) AS rows, sum(bytes_on_disk) AS bytes, sum(data_uncompressed_bytes) AS plain FROM system.parts WHERE database = '${DATABASE}' AND active GROUP BY table ORDER BY bytes DESC, table`,
        'background',
      ),
    );
    const [parts, rows, bytes, plain] = ['parts', 'rows', 'bytes', 'plain'].map((name) =>
      block.numbers(name),
    );
    return block.strings('table').map((table, i) => ({
      table,
      parts: parts?.[i] ?? 0,
      rows: rows?.[i] ?? 0,
      bytes: bytes?.[i] ?? 0,
      plainBytes: plain?.[i] ?? 0,
    }));
  };
  const partitions = async (spec: TableSpec): Promise<PartitionState[]> => {
    const block = decodeNative(
      await run(
        `SELECT partition_id, sum(rows) AS rows, min(min_block_number) AS oldest, max(max_block_number) AS newest FROM system.parts WHERE database = '${DATABASE}' AND table = ${stringLiteral(spec.name)} AND active GROUP BY partition_id ORDER BY partition_id`,
        'background',
      ),
    );
    const [rows, oldest, newest] = ['rows', 'oldest', 'newest'].map((name) => block.numbers(name));
    return block.strings('partition_id').flatMap((id, i) => {
      const day = dayOfPartition(id);
      if (day === null) return [];
      return [
        { id, day, rows: rows?.[i] ?? 0, oldestInsert: oldest?.[i] ?? 0, newestInsert: newest?.[i] ?? 0 },
      ];
    });
  };
  const dropPartition = async (spec: TableSpec, id: string): Promise<void> => {
    await run(`ALTER TABLE ${tableName(spec)} DROP PARTITION ID ${stringLiteral(id)}`, 'write');
  };
  return {
    usage,
    tableUsage,
    partitions,
    dropPartition,
    async dropPartitions(spec: TableSpec, beforeDay: number) {
      const old = (await partitions(spec)).filter(({ day }) => day < beforeDay);
      for (const { id } of old) await dropPartition(spec, id);
      return [...new Set(old.map(({ day }) => day))];
    },
    async detachedParts() {
      const block = decodeNative(
        await run(
          `SELECT count() AS parts FROM system.detached_parts WHERE database = '${DATABASE}'`,
          'background',
        ),
      );
      return block.numbers('parts')[0] ?? 0;
    },
  };
}
