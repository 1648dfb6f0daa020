import {
  dateTime64,
  day,
  type Engine,
  inList,
  MAX_LIST,
  sql,
  table,
  tenant as tenantHole,
} from '../../engine/index.ts';
import type { Log } from '../../kernel/log.ts';
import type { Coverage } from '../downsample/coverage.ts';
import { RESOLUTIONS } from '../downsample/resolutions.ts';
import { dayOf } from '../store/rows.ts';
import type { SeriesKey } from '../store/series-key.ts';
import type { SeriesDirectory } from '../store/series-lookup.ts';
import { exemplarsTable, histogramsTable, samplesTable, seriesTable } from '../tables.ts';
import type { Tombstone, Tombstones } from './tombstones.ts';

export interface RemovalDeps {
  readonly engine: Engine;
  readonly series: SeriesDirectory;
  readonly tombstones: Tombstones;
  readonly log: Log;
  /** What memory knows: below `floor` (ms) samples lie in the engine alone; `engineGeneration` numbers the answers of the engine for caches. */
  head(): { readonly floor: number; readonly engineGeneration: number };
  /** Whether everything that was acknowledged before a time (epoch ms) is in the engine. */
  flushedSince(time: number): boolean;
  /** Told which days' buckets hold what is gone, once it is gone. Absent where nothing is downsampled. */
  readonly coverage?: Pick<Coverage, 'invalidate'> | undefined;
  /** Whether memory holds anything that a tombstone covers. */
  isInMemory(tenant: string, tombstone: Tombstone): Promise<boolean>;
  /** Whether memory knows a series. */
  isActive(tenant: string, key: SeriesKey): boolean;
}

/**
 * Removes deleted samples from the engine's tables, for good once all of a tombstone's time lies in the engine alone. Queries go on
 * hiding what it covers until memory holds none of it either.
 */
export class Removal {
  readonly #deps: RemovalDeps;
  #running: Promise<void> | null = null;

  constructor(deps: RemovalDeps) {
    this.#deps = deps;
  }

  /** One round over every tombstone; rounds that overlap are one. Rejects with the engine's errors; the rest waits for the next round. */
  async run(everything: boolean): Promise<void> {
    this.#running ??= this.#round(everything).finally(() => {
      this.#running = null;
    });
    await this.#running;
  }

  async #round(everything: boolean): Promise<void> {
    const { tombstones } = this.#deps;
    for (const tenant of tombstones.tenants()) {
      for (const tombstone of tombstones.of(tenant)) {
        if (tombstone.removed) {
          if (!(await this.#deps.isInMemory(tenant, tombstone))) await tombstones.forget(tenant, tombstone);
          continue;
        }
        const { floor } = this.#deps.head();
        // Rows that still wait in the journal would come after the removal.
        const whole = tombstone.to < floor && this.#deps.flushedSince(Number(tombstone.key));
        if (whole || everything) await this.#remove(tenant, tombstone, Math.min(tombstone.to, floor - 1));
        if (whole) await tombstones.markRemoved(tenant, tombstone);
      }
    }
  }

  async #remove(tenant: string, { matchers, from }: Tombstone, to: number): Promise<void> {
    if (to < from) return;
    const { series, log, head } = this.#deps;
    const window = { fromDay: Math.max(0, dayOf(from)), toDay: Math.max(0, dayOf(to)) };
    const found = await series.find({ tenant, matchers, ...window, generation: head().engineGeneration });
    const keys = found.map(({ key }) => key);
    for (const [metric, ids] of byMetric(keys)) {
      for (let at = 0; at < ids.length; at += MAX_LIST)
        await this.#deleteRows(tenant, { metric, ids: ids.slice(at, at + MAX_LIST), from, to });
    }
    // Before the label sets go: a round that is repeated must find the series again to get here.
    if (keys.length > 0) await this.#deps.coverage?.invalidate(dayOf(from - 1), dayOf(to));
    await this.#deleteSeries(tenant, keys, from, to);
    log.info({ tenant, series: keys.length, from, to }, 'deleted samples were removed from the engine');
  }

  /** One metric at a time: lists of metrics and of series would select their product. */
  async #deleteRows(
    tenant: string,
    { metric, ids, from, to }: { metric: number; ids: readonly bigint[]; from: number; to: number },
  ): Promise<void> {
    for (const spec of [samplesTable, histogramsTable, exemplarsTable])
      await this.#deps.engine.execute(
        sql`DELETE FROM ${table(spec)} WHERE tenant = ${tenantHole} AND metric = ${metric} AND series IN ${inList(ids)}
          AND ts >= ${dateTime64(from)} AND ts <= ${dateTime64(to)}`,
        { purpose: 'metrics.delete', tenant },
      );
    // Buckets go as a whole; where their day still has samples, it is computed again.
    for (const { ms, table: spec } of RESOLUTIONS)
      await this.#deps.engine.execute(
        sql`DELETE FROM ${table(spec)} WHERE tenant = ${tenantHole} AND metric = ${metric} AND series IN ${inList(ids)}
          AND open >= ${dateTime64(from - ms)} AND open < ${dateTime64(to)}`,
        { purpose: 'metrics.delete', tenant },
      );
  }

  /** The label sets of days that were deleted as a whole. What memory knows stays: it would not be written again. */
  async #deleteSeries(tenant: string, keys: readonly SeriesKey[], from: number, to: number): Promise<void> {
    const firstDay = Math.max(0, dayOf(from - 1) + 1);
    const lastDay = dayOf(to + 1) - 1;
    if (lastDay < firstDay) return;
    const gone = keys.filter((key) => !this.#deps.isActive(tenant, key));
    for (const [metric, ids] of byMetric(gone)) {
      for (let at = 0; at < ids.length; at += MAX_LIST)
        await this.#deps.engine.execute(
          sql`DELETE FROM ${table(seriesTable)} WHERE tenant = ${tenantHole} AND metric = ${metric}
            AND series IN ${inList(ids.slice(at, at + MAX_LIST))} AND day >= ${day(firstDay)} AND day <= ${day(lastDay)}`,
          { purpose: 'metrics.delete', tenant },
        );
    }
  }
}

function byMetric(keys: readonly SeriesKey[]): Map<number, bigint[]> {
  const grouped = new Map<number, bigint[]>();
  for (const { metric, low, high } of keys) {
    const id = (BigInt(high) << 32n) | BigInt(low);
    const known = grouped.get(metric);
    if (known === undefined) grouped.set(metric, [id]);
    else known.push(id);
  }
  return grouped;
}
