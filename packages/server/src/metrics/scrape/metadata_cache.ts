import { METRIC_TYPES, type MetricType } from '../ingest/exposition/metadata.ts';
import type { ExpositionFormat, ExpositionScanner } from '../ingest/exposition/scanner.ts';
import type { MetadataSink, MetricMetadata } from '../sink.ts';
import { RawCache } from './raw_cache.ts';

export interface SeenLine {
  /** The type a TYPE line declares; null on other lines. */
  readonly type: MetricType | null;
  readonly problem: string | null;
}

/** One answer per type, so that a known line allocates nothing. */
const KNOWN: readonly SeenLine[] = METRIC_TYPES.map((type) => ({ type, problem: null }));
const OTHER: SeenLine = { type: null, problem: null };

/** Flags of a line: the formats in whose bodies it was found to be metadata. */
const FOUND_IN: Readonly<Record<ExpositionFormat, number>> = { text: 1, openmetrics: 2 };

/** A target with more families than this has metadata for the first ones only. */
const MAX_FAMILIES = 20_000;

/** Knows a target's TYPE, HELP and UNIT lines by their bytes; a line is decoded and recorded only when it is new. */
export class MetadataCache {
  readonly #cache: RawCache;
  readonly #sink: MetadataSink;
  readonly #tenant: string;
  readonly #families = new Map<string, MetricMetadata>();
  /** Families with news, told to the sink when the body is read: TYPE and HELP are one description. */
  readonly #news = new Set<string>();

  constructor(sink: MetadataSink, tenant: string, seed: number) {
    this.#sink = sink;
    this.#tenant = tenant;
    this.#cache = new RawCache(seed);
  }

  get bytes(): number {
    return this.#cache.bytes;
  }

  /** What the target says of its families. */
  get families(): ReadonlyMap<string, MetricMetadata> {
    return this.#families;
  }

  /** Before a body is read with the scanner. */
  beginRound(scanner: ExpositionScanner): void {
    this.#cache.beginRound();
    this.#expectNext(scanner);
  }

  /** After a body: hands new descriptions over, and forgets lines the target stopped exposing. */
  settle(whole: boolean): void {
    for (const metric of this.#news) {
      const metadata = this.#families.get(metric);
      if (metadata !== undefined) this.#sink.record(this.#tenant, metric, metadata);
    }
    this.#news.clear();
    this.#cache.endRound(whole);
  }

  line(scanner: ExpositionScanner, view: DataView): SeenLine {
    const seen = this.#see(scanner, view);
    this.#expectNext(scanner);
    return seen;
  }

  /** Tells the scanner the line that came after this one the last time. */
  #expectNext(scanner: ExpositionScanner): void {
    const cache = this.#cache;
    const next = cache.predicted();
    if (next < 0 || ((cache.flags[next] ?? 0) & FOUND_IN[scanner.format]) === 0) return;
    scanner.expectLine(cache.arenaView, cache.at[next] ?? 0, cache.length[next] ?? 0);
  }

  #see(scanner: ExpositionScanner, view: DataView): SeenLine {
    const cache = this.#cache;
    const { bytes, metaStart, metaEnd } = scanner;
    const entry = scanner.expectedLine ? cache.predicted() : cache.find(bytes, view, metaStart, metaEnd);
    if (entry >= 0) {
      cache.touch(entry);
      cache.flags[entry] = (cache.flags[entry] ?? 0) | FOUND_IN[scanner.format];
      return KNOWN[cache.refs[entry] ?? -1] ?? OTHER;
    }
    const line = scanner.metadata();
    if (typeof line === 'string') return { type: null, problem: line };
    const known = this.#families.get(line.metric) ?? { type: 'unknown', help: '', unit: '' };
    const merged = {
      type: line.kind === 'type' ? line.type : known.type,
      help: line.kind === 'help' ? line.text : known.help,
      unit: line.kind === 'unit' ? line.text : known.unit,
    };
    if (this.#families.has(line.metric) || this.#families.size < MAX_FAMILIES) {
      this.#families.set(line.metric, merged);
      this.#news.add(line.metric);
    }
    const code = line.kind === 'type' ? METRIC_TYPES.indexOf(line.type) : -1;
    const added = cache.insert(bytes, view, metaStart, metaEnd, code);
    cache.flags[added] = FOUND_IN[scanner.format];
    cache.touch(added);
    return KNOWN[code] ?? OTHER;
  }
}
