/** What the head holds, for the metrics and the status pages. */
export interface HeadStats {
  readonly series: number;
  /** Sealed chunks ever written. */
  readonly chunks: number;
  readonly chunkBytes: number;
  /** Native histogram samples, and what they take. */
  readonly histograms: number;
  readonly histogramBytes: number;
  readonly seriesBytes: number;
  /** What label names and values take, about. */
  readonly labelBytes: number;
  /** Samples behind those of their series, and what they take. */
  readonly lateSamples: number;
  readonly lateBytes: number;
  readonly floor: number;
  readonly newest: number;
}
