/** A version that a service said it is, in the resource of its spans. Times in epoch ms, by the clocks of the spans. */
export interface SeenVersion {
  readonly version: string;
  readonly first: number;
  /** Never before `first`. */
  readonly last: number;
  /** Since when it is back after another one; still to be confirmed. */
  readonly returned?: number | undefined;
}

/** A service runs another version than before. */
export interface Deployment {
  readonly service: string;
  readonly version: string;
  /** What it ran until then. */
  readonly previous: string;
  /** When the first span of it began, epoch ms. */
  readonly at: number;
}

/** Spans of a version between two times. */
export interface Noticed {
  readonly version: string;
  readonly from: number;
  readonly to: number;
}

/** Spans so much older than the newest of another version tell of the past, not of a deployment. */
const LATE_MS = 10 * 60_000;
/** A version that was silent for so long while another one ran is back. */
const SILENT_MS = 5 * 60_000;
/** While instances are replaced both versions answer. */
const REPLACING_MS = 2 * 60_000;
/** Versions of a service that are remembered: the ones seen last. */
const REMEMBERED = 20;

/**
 * What is known of a service's versions once spans of one came, and the deployment that they show. The first version ever seen is none:
 * nobody knows what was before it. A new one is a deployment at once. One that is back is one as soon as the other has been silent
 * since: of a version that only few requests go to (a canary) nothing is told each time it answers.
 */
export function notice(
  known: readonly SeenVersion[],
  { version, from, to }: Noticed,
): { readonly known: readonly SeenVersion[]; readonly deployment: Omit<Deployment, 'service'> | null } {
  const others = known.filter((one) => one.version !== version);
  const latest = others.reduce<SeenVersion | null>(
    (newest, one) => (newest === null || one.last > newest.last ? one : newest),
    null,
  );
  const own = known.find((one) => one.version === version);
  const wider: SeenVersion = {
    version,
    first: Math.min(own?.first ?? from, from),
    last: Math.max(own?.last ?? to, to),
  };
  const result = (made: SeenVersion, at: number | null) => ({
    known: [made, ...others].sort((a, b) => b.last - a.last).slice(0, REMEMBERED),
    deployment: at === null || latest === null ? null : { version, previous: latest.version, at },
  });
  if (latest === null || to < latest.last - LATE_MS) return result(wider, null);
  if (own === undefined) return result(wider, from);
  const back = from - own.last >= SILENT_MS && latest.last > own.last ? from : own.returned;
  if (back === undefined) return result(wider, null);
  if (latest.last > back + REPLACING_MS) return result(wider, null);
  const alone = to - Math.max(latest.last, back);
  if (alone < REPLACING_MS) return result({ ...wider, returned: back }, null);
  return result(wider, back);
}
