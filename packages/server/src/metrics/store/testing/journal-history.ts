import type { Histogram } from '@pharos/promql';
import type { Frame, Position } from '../../../journal/index.ts';
import type { Exemplar } from '../../sink.ts';
import { exemplarsTable, histogramsTable, samplesTable, seriesTable } from '../../tables.ts';
import type { EngineRead } from '../engine-parts.ts';
import type { SampleHistory } from '../engine-reader.ts';
import type { ExemplarHistory } from '../exemplars/lookup.ts';
import { readExemplarRows } from '../exemplars/rows.ts';
import type { RichWindow } from '../head/rich-window.ts';
import { decodeHistogram } from '../histograms/codec.ts';
import { readHistogramRows } from '../histograms/rows.ts';
import { readSampleRows, readSeriesRows } from '../rows.ts';
import { keyText, type SeriesHasher, type SeriesKey } from '../series-key.ts';
import type { DaysQuery, SeriesDirectory, SeriesQuery, StoredSeries } from '../series-lookup.ts';

interface StoredSample {
  readonly timestamp: number;
  readonly start: number;
  readonly bits: Float64Array;
  readonly histogram?: Histogram;
}

/** What the engine's tables would hold after the flushes so far, without an engine: frames go in, windows come out. */
export class JournalHistory implements SampleHistory, SeriesDirectory {
  readonly #hasher: SeriesHasher;
  readonly #samples = new Map<string, StoredSample[]>();
  readonly #exemplars: { tenant: string; key: SeriesKey; exemplar: Exemplar }[] = [];
  readonly #series: { tenant: string; day: number; series: StoredSeries }[] = [];
  #position: Position = 0;

  constructor(hasher: SeriesHasher) {
    this.#hasher = hasher;
  }

  /** Takes over everything up to the position. */
  flush(appended: readonly { position: Position; frames: readonly Frame[] }[], upTo: Position): void {
    for (const { position, frames } of appended) {
      if (position <= this.#position || position > upTo) continue;
      for (const frame of frames) this.#take(frame);
    }
    this.#position = Math.max(this.#position, upTo);
  }

  /** A new journal begins: its positions count from 1 again. */
  rebase(): void {
    this.#position = 0;
  }

  async read(request: EngineRead): Promise<readonly (RichWindow | undefined)[]> {
    return request.keys.map((key) => {
      const stored = (this.#samples.get(idOf(request.tenant, key)) ?? [])
        .filter(({ timestamp }) => timestamp >= request.from && timestamp <= request.to)
        .sort((a, b) => a.timestamp - b.timestamp)
        .filter(({ timestamp }, i, all) => i === 0 || all[i - 1]!.timestamp !== timestamp);
      if (stored.length === 0) return undefined;
      const timestamps = Float64Array.from(stored, ({ timestamp }) => timestamp);
      const values = new Float64Array(stored.length);
      stored.forEach(({ bits }, i) => values.set(bits, i));
      const histograms = stored.map(({ histogram }) => histogram);
      const starts = Float64Array.from(stored, ({ start }) => start);
      return {
        timestamps,
        values,
        from: 0,
        to: stored.length,
        ...(histograms.some((one) => one !== undefined) ? { histograms } : {}),
        ...(request.starts && starts.some((start) => start !== 0) ? { starts } : {}),
      };
    });
  }

  async exemplars(request: Parameters<ExemplarHistory>[0]): ReturnType<ExemplarHistory> {
    const wanted = new Set(request.keys.map((key) => idOf(request.tenant, key)));
    return this.#exemplars.filter(
      ({ tenant, key, exemplar }) =>
        wanted.has(idOf(tenant, key)) &&
        exemplar.timestamp >= request.start &&
        exemplar.timestamp <= request.end,
    );
  }

  async find(query: SeriesQuery): Promise<readonly StoredSeries[]> {
    const found = new Map<string, StoredSeries>();
    for (const { tenant, day, series } of this.#series) {
      if (tenant !== query.tenant || day < query.fromDay || day > query.toDay) continue;
      if (query.matchers.every((m) => m.matches(series.labels.get(m.name))))
        found.set(series.labels.key, series);
    }
    return [...found.values()];
  }

  async byKeys(tenant: string, keys: readonly SeriesKey[]): Promise<readonly StoredSeries[]> {
    const wanted = new Set(keys.map(keyText));
    return this.#series
      .filter((row) => row.tenant === tenant && wanted.has(keyText(row.series.key)))
      .map((row) => row.series);
  }

  async texts(query: DaysQuery, name: string | undefined): Promise<readonly string[]> {
    const found = new Set<string>();
    for (const { tenant, day, series } of this.#series) {
      if (tenant !== query.tenant || day < query.fromDay || day > query.toDay) continue;
      if (name === undefined) for (const key of series.labels.toMap().keys()) found.add(key);
      else if (series.labels.has(name)) found.add(series.labels.get(name));
    }
    return [...found];
  }

  #put(id: string, sample: StoredSample): void {
    const samples = this.#samples.get(id) ?? [];
    samples.push(sample);
    this.#samples.set(id, samples);
  }

  #take(frame: Frame): void {
    if (frame.table === seriesTable.name) {
      readSeriesRows(frame, (labels) => {
        const series = { key: this.#hasher.keyOf(labels), labels };
        this.#series.push({ tenant: frame.tenant, day: frame.day, series });
      });
    } else if (frame.table === samplesTable.name) {
      readSampleRows(frame, (key, { timestamp, start, value }) =>
        this.#put(idOf(frame.tenant, key), { timestamp, start, bits: value.slice() }),
      );
    } else if (frame.table === exemplarsTable.name) {
      readExemplarRows(frame, (key, exemplar) =>
        this.#exemplars.push({ tenant: frame.tenant, key, exemplar }),
      );
    } else if (frame.table === histogramsTable.name) {
      readHistogramRows(frame, (key, { timestamp, start, record }) => {
        const histogram = decodeHistogram(record);
        this.#put(idOf(frame.tenant, key), {
          timestamp,
          start,
          bits: Float64Array.of(Number.NaN),
          histogram,
        });
      });
    }
  }
}

function idOf(tenant: string, key: SeriesKey): string {
  return `${tenant} ${keyText(key)}`;
}
