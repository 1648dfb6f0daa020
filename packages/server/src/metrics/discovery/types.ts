/** Targets found together: one map of labels per target (`__address__` and more), and labels common to all. */
export interface TargetGroup {
  /** Where it came from, unique within its discoverer: a later group of the same source replaces the earlier one. */
  readonly source: string;
  readonly targets: readonly Readonly<Record<string, string>>[];
  readonly labels: Readonly<Record<string, string>>;
}

/** Watches one configured source of targets. */
export interface Discoverer {
  /**
   * Calls `update` with everything known, at once when it can and again on each change, until stopped. A source that
   * fails keeps its last good groups.
   */
  start(update: (groups: readonly TargetGroup[]) => void): void;
  stop(): void;
}
