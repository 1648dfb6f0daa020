import {
  acrossTenants,
  dateTime64,
  type Engine,
  RowBinaryWriter,
  schemaVersionOf,
  sql,
  table,
  tenant,
} from '../../engine/index.ts';
import type { Frame } from '../../journal/index.ts';
import { logPatternsTable } from '../tables.ts';
import type { PatternDelta } from './miner.ts';

const DAY_MS = 86_400_000;
/** Patterns that a new process knows from the start. */
const REMEMBERED_MS = DAY_MS;
const MOST_REMEMBERED = 20_000;
/** Rows of one answer. */
const MOST_ROWS = 500_000;

/** A pattern of an earlier process. */
export interface StoredPattern {
  readonly tenant: string;
  readonly service: string;
  readonly level: string;
  readonly pattern: string;
  readonly first: number;
  readonly last: number;
}

/** Counts as rows, by tenant and day. `batch` tells the rows of one saving from those of any other. */
export function patternFrames(deltas: readonly PatternDelta[], writerId: number, batch: number): Frame[] {
  const groups = new Map<string, PatternDelta[]>();
  for (const delta of deltas) {
    const key = `${Math.floor(delta.minute / DAY_MS)} ${delta.tenant}`;
    const group = groups.get(key);
    if (group === undefined) groups.set(key, [delta]);
    else group.push(delta);
  }
  return [...groups.values()].map((group) => {
    const writer = new RowBinaryWriter(group.length * 64);
    for (const { tenant: owner, minute, service, level, pattern, count } of group) {
      writer.string(owner);
      writer.dateTime64(minute);
      writer.string(service);
      writer.string(level);
      writer.string(pattern);
      writer.uint32(Math.min(count, 0xffffffff));
      writer.uint32(writerId);
      writer.uint32(batch);
      writer.endRow();
    }
    const { rows, payload } = writer.take();
    return {
      table: logPatternsTable.name,
      schemaVersion: schemaVersionOf(logPatternsTable),
      tenant: group[0]?.tenant ?? '',
      day: Math.floor((group[0]?.minute ?? 0) / DAY_MS),
      rows,
      payload,
    };
  });
}

/** What was counted before: the commonest patterns of the last day. */
export async function loadPatterns(engine: Pick<Engine, 'query'>, now: number): Promise<StoredPattern[]> {
  const block = await engine.query(
    sql`${acrossTenants}SELECT tenant, service, level, pattern, toInt64(toUnixTimestamp64Milli(min(ts))) AS first, toInt64(toUnixTimestamp64Milli(max(ts))) AS last
      FROM ${table(logPatternsTable)} WHERE ts >= ${dateTime64(now - REMEMBERED_MS)}
      GROUP BY tenant, service, level, pattern ORDER BY sum(count) DESC LIMIT ${MOST_REMEMBERED}`,
    { purpose: 'logs.patterns.restart', tenant: '', limits: 'background' },
  );
  const [tenants, services, levels, patterns] = ['tenant', 'service', 'level', 'pattern'].map((name) =>
    block.strings(name),
  );
  const [first, last] = [block.bigints('first'), block.bigints('last')];
  return Array.from(patterns ?? [], (pattern, i) => ({
    tenant: tenants?.[i] ?? '',
    service: services?.[i] ?? '',
    level: levels?.[i] ?? '',
    pattern,
    first: Number(first[i] ?? 0n),
    last: Number(last[i] ?? 0n),
  }));
}

/** One pattern's lines in one minute, by whoever counted them. */
export interface StoredCount {
  readonly service: string;
  readonly level: string;
  readonly pattern: string;
  readonly minute: number;
  readonly count: number;
}

/** Stored counts of a window, without those that this process has in memory: its own from `since` on. */
export async function storedCounts(
  engine: Pick<Engine, 'query'>,
  tenantName: string,
  window: { readonly from: number; readonly to: number; readonly since: number; readonly writerId: number },
  signal?: AbortSignal,
): Promise<Iterable<StoredCount>> {
  const { from, to, since, writerId } = window;
  const block = await engine.query(
    sql`SELECT service, level, pattern, toInt64(toUnixTimestamp64Milli(ts)) AS minute, toFloat64(sum(count)) AS lines
      FROM ${table(logPatternsTable)} WHERE tenant = ${tenant} AND ts >= ${dateTime64(from)} AND ts < ${dateTime64(to)}
      AND (ts < ${dateTime64(since)} OR writer != ${writerId})
      GROUP BY service, level, pattern, ts ORDER BY ts LIMIT ${MOST_ROWS}`,
    { purpose: 'logs.patterns', tenant: tenantName, ...(signal === undefined ? {} : { signal }) },
  );
  const [services, levels, patterns] = ['service', 'level', 'pattern'].map((name) => block.strings(name));
  const [minutes, lines] = [block.bigints('minute'), block.numbers('lines')];
  const counts = function* (): Generator<StoredCount> {
    for (const [i, pattern] of (patterns ?? []).entries())
      yield {
        service: services?.[i] ?? '',
        level: levels?.[i] ?? '',
        pattern,
        minute: Number(minutes[i] ?? 0n),
        count: lines[i] ?? 0,
      };
  };
  return counts();
}
