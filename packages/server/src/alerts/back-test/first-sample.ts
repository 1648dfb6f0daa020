import type { Downsampled, Queryable, SeriesColumns, SeriesScan } from '@pharos/promql';

/** Looks on at what queries read, for how far back anything of it is stored. */
export class FirstSample {
  #at = Number.POSITIVE_INFINITY;
  #isAsked = false;

  /** Epoch ms; infinity where there was none. */
  get at(): number {
    return this.#at;
  }

  /** Whether any series was asked for; `vector(1)` asks for none. */
  get isAsked(): boolean {
    return this.#isAsked;
  }

  /** The same storage, seen. */
  watch(storage: Queryable): Queryable {
    return {
      select: async (request, signal) => {
        this.#isAsked = true;
        const found = await storage.select(request, signal);
        for (const series of found.series) this.#saw(series);
        return found;
      },
      scan: (request) => {
        const scan = storage.scan?.(request) ?? null;
        return scan === null ? null : this.#scanned(scan);
      },
      downsampled: async (request, signal) => {
        const found = (await storage.downsampled?.(request, signal)) ?? null;
        if (found !== null) this.#sawBuckets(found);
        return found;
      },
    };
  }

  #scanned(scan: SeriesScan): SeriesScan {
    this.#isAsked = true;
    return {
      set: scan.set,
      isWhole: () => scan.isWhole(),
      read: (index) => {
        const series = scan.read(index);
        if (series !== null) this.#saw(series);
        return series;
      },
    };
  }

  #saw({ timestamps, from, to }: SeriesColumns): void {
    if (to > from) this.#at = Math.min(this.#at, timestamps[from] ?? this.#at);
  }

  #sawBuckets({ pieces, raw }: Downsampled): void {
    this.#isAsked = true;
    for (const series of raw) this.#saw(series);
    for (const { resolution, series } of pieces)
      for (const { ends, from, to } of series)
        if (to > from) this.#at = Math.min(this.#at, (ends[from] ?? this.#at) - resolution);
  }
}
