import { SIGNAL_KINDS, type Signal, type SignalKind, WORST_OF } from './signal.ts';
import { type Status, worse } from './status.ts';

export type SourceKind = 'scrape' | 'poll' | 'report' | SignalKind;

export interface Reason {
  /** Who says so; `dependency` and `damping` are conclusions of the health function itself. */
  readonly source: SourceKind | 'dependency' | 'damping';
  readonly severity: 'info' | 'warning' | 'critical';
  readonly message: string;
}

export interface SourceVerdict {
  readonly kind: SourceKind;
  readonly status: Status;
  /** Whether every look of the source fails right now, even if only once. */
  readonly failing: boolean;
  /** Whether nothing listened wherever a look failed. */
  readonly refused?: boolean | undefined;
  /** No service that it calls explains it, though others of its kind may. */
  readonly own?: boolean | undefined;
  /** Its callers feel it, whatever its traffic shows. */
  readonly felt?: boolean | undefined;
  /** All that is wrong is to blame on the machine, which has no processor left for the service. */
  readonly ofMachine?: boolean | undefined;
  readonly at: number | null;
  readonly reasons: readonly Reason[];
}

/** One verdict per kind of signal, in the order of {@link SIGNAL_KINDS}; each no worse than its kind can make a service. */
export function judgeSignals(signals: readonly Signal[]): SourceVerdict[] {
  return SIGNAL_KINDS.flatMap((kind) => {
    const own = signals.filter((signal) => signal.kind === kind);
    return own.length === 0 ? [] : [judgeKind(kind, own)];
  });
}

function judgeKind(kind: SignalKind, signals: readonly Signal[]): SourceVerdict {
  const capped = signals.map((signal) => ({ signal, status: atWorst(signal.status, WORST_OF[kind]) }));
  const status = capped.reduce<Status>((worst, one) => worse(worst, one.status), 'unknown');
  const bad = capped.filter((one) => one.status === 'degraded' || one.status === 'unhealthy');
  const times = signals.flatMap(({ at }) => (at === null ? [] : [at]));
  return {
    kind,
    status,
    failing: LIVENESS.has(kind) && status === 'unhealthy',
    ...(signals.some(({ isOwn }) => isOwn === true) && { own: true }),
    ...(signals.some(({ isFelt }) => isFelt === true) && { felt: true }),
    ...(bad.length > 0 && bad.every(({ signal }) => signal.isOfMachine === true) && { ofMachine: true }),
    at: times.length === 0 ? null : Math.max(...times),
    reasons: capped
      .filter((one) => one.signal.message !== '')
      .map((one) => ({ source: kind, severity: SEVERITY[one.status], message: one.signal.message })),
  };
}

/** Kinds that say whether the service answers at all. */
const LIVENESS: ReadonlySet<SourceKind> = new Set(['scrape', 'poll', 'report', 'probe', 'heartbeat']);

const SEVERITY: Readonly<Record<Status, Reason['severity']>> = {
  unknown: 'info',
  healthy: 'info',
  degraded: 'warning',
  unhealthy: 'critical',
};

function atWorst(status: Status, limit: 'degraded' | 'unhealthy'): Status {
  return status === 'unhealthy' ? limit : status;
}
