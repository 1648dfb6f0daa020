import type { Frame } from '../../journal/index.ts';
import type { SeriesRef } from '../sink.ts';
import type { Collected } from './door-rules.ts';
import type { PendingExemplar } from './exemplars/pending.ts';
import { ExemplarRows } from './exemplars/rows.ts';
import type { Head } from './head/head.ts';
import { type SeriesPage, slotOf } from './head/series-pages.ts';
import { HistogramRows } from './histograms/rows.ts';
import { type KnownDays, type KnownSeries, NONE, SeriesToWrite } from './known-days.ts';
import { type SampleColumns, SampleRows, type TakePayload } from './rows.ts';
import type { SeriesHasher } from './series-key.ts';

/** A frame must fit one insert with room to spare; large requests become several frames of one append. */
const ROWS_PER_FRAME = 50_000;
const BYTES_PER_FRAME = 4 * 1024 * 1024;

/** What a request collected. */
export interface Columns extends Collected, SampleColumns {}

export interface FramesOfRequest {
  readonly frames: readonly Frame[];
  /** Series rows among them; known once the frames are durable. */
  readonly known: readonly KnownSeries[];
  readonly newSeries: number;
}

interface FrameDeps {
  readonly head: Head;
  readonly take: TakePayload;
  readonly hasher: SeriesHasher;
  readonly knownDays: KnownDays;
  readonly now: number;
}

/** What passed the door rules, by day. */
interface ToWrite {
  readonly samples: ReadonlyMap<number, Uint32Array>;
  readonly exemplars: ReadonlyMap<number, readonly PendingExemplar[]>;
}

/** The rows of a request's accepted samples, and of the series among them that are not written for their day yet. */
export function framesOf(
  deps: FrameDeps,
  tenant: string,
  { samples, exemplars }: ToWrite,
  columns: Columns,
): FramesOfRequest {
  const frames: Frame[] = [];
  const known: KnownSeries[] = [];
  const newcomers = new Set<SeriesRef>();
  for (const day of new Set([...samples.keys(), ...exemplars.keys()])) {
    const indices = samples.get(day) ?? NO_INDICES;
    const missing = new SeriesToWrite();
    const note = (ref: SeriesRef, page: SeriesPage): void => {
      if (page.knownTo[slotOf(ref)] < 0) newcomers.add(ref);
      const missingDay = deps.knownDays.missing(ref, page, day, deps.now);
      if (missingDay !== NONE) missing.add(ref, missingDay);
    };
    const part = { deps, tenant, day, columns, note };
    const { records } = columns;
    const rows =
      records === null
        ? sampleFrames(part, indices)
        : [
            ...sampleFrames(
              part,
              indices.filter((i) => !records.has(i)),
            ),
            ...histogramFrames(
              part,
              indices.filter((i) => records.has(i)),
            ),
          ];
    rows.push(...exemplarFrames(part, exemplars.get(day) ?? []));
    frames.push(...missing.frames(tenant, deps.head), ...rows);
    known.push(...missing.list);
  }
  return { frames, known, newSeries: newcomers.size };
}

interface Part {
  readonly deps: FrameDeps;
  readonly tenant: string;
  readonly day: number;
  readonly columns: Columns;
  readonly note: (ref: SeriesRef, page: SeriesPage) => void;
}

const NO_INDICES = new Uint32Array(0);

function sampleFrames({ deps, tenant, day, columns, note }: Part, indices: Uint32Array): Frame[] {
  const { head } = deps;
  const frames: Frame[] = [];
  const { refs } = columns;
  const settled = deps.knownDays.spreads(day, deps.now) ? Number.NaN : day;
  for (let at = 0; at < indices.length; at += ROWS_PER_FRAME) {
    const part = indices.length <= ROWS_PER_FRAME ? indices : indices.subarray(at, at + ROWS_PER_FRAME);
    const rows = new SampleRows(tenant, columns, part, deps.take);
    const { words, metricAt, seriesAt } = rows;
    for (let row = 0; row < part.length; row++) {
      const ref = refs[part[row]];
      const page = head.pageOf(ref);
      if (page === undefined) throw new Error('a series left memory before its samples were written');
      const slot = slotOf(ref);
      words[metricAt + row] = page.metric[slot];
      words[seriesAt + row * 2] = page.low[slot];
      words[seriesAt + row * 2 + 1] = page.high[slot];
      if (page.knownTo[slot] !== settled) note(ref, page);
    }
    frames.push(rows.frame(day));
  }
  return frames;
}

function histogramFrames({ deps, tenant, day, columns, note }: Part, indices: Uint32Array): Frame[] {
  const frames: Frame[] = [];
  const rows = new HistogramRows(tenant, day);
  for (const i of indices) {
    const ref = columns.refs[i];
    const page = deps.head.pageOf(ref);
    const record = columns.records?.get(i);
    if (page === undefined || record === undefined) continue;
    const start = columns.starts?.[i] ?? 0;
    rows.add(page.keyAt(slotOf(ref)), { timestamp: columns.timestamps[i], start, record });
    note(ref, page);
    if (rows.size > BYTES_PER_FRAME) frames.push(rows.frame());
  }
  if (rows.size > 0) frames.push(rows.frame());
  return frames;
}

function exemplarFrames({ deps, tenant, day, note }: Part, pending: readonly PendingExemplar[]): Frame[] {
  const frames: Frame[] = [];
  for (let at = 0; at < pending.length; at += ROWS_PER_FRAME) {
    const rows = new ExemplarRows(deps.hasher, tenant, day);
    for (const { ref, exemplar } of pending.slice(at, at + ROWS_PER_FRAME)) {
      const page = deps.head.pageOf(ref);
      if (page === undefined) continue;
      rows.add(page.keyAt(slotOf(ref)), exemplar);
      note(ref, page);
    }
    frames.push(rows.frame());
  }
  return frames;
}
