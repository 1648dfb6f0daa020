import type { Annotation } from '../annotations/index.ts';
import type { BreakerTransition } from '../breakers/index.ts';
import type { ErrorFinding } from '../errors/index.ts';
import type { ServiceHealth, ServiceTransition } from '../health/index.ts';
import type { Clock } from '../kernel/clock.ts';
import type { ServiceNames } from '../kernel/names.ts';
import type { PromReader } from '../overview/index.ts';

/** What the analysis reads; every part is another slice's published face. Times in epoch ms. */
export interface AnalysisSources {
  readonly clock: Clock;
  readonly names: ServiceNames;
  readonly reader: PromReader;
  /** Whether there can be samples of a metric since then. */
  readonly mayHold: (tenant: string, metric: string, since: number) => boolean;
  readonly services: (tenant: string) => readonly ServiceHealth[];
  /** Changes of state and of their explanations, with each service's last one before; oldest first. */
  readonly told: (tenant: string, since: number) => Promise<readonly ServiceTransition[]>;
  /** New, returning and rising errors; `warnings` say what could not be read. */
  readonly errors: (
    tenant: string,
    times: { readonly from: number; readonly to: number },
    signal: AbortSignal,
  ) => Promise<{ readonly findings: readonly ErrorFinding[]; readonly warnings: readonly string[] }>;
  /** Newest first. */
  readonly breakerChanges: (
    tenant: string,
    since: number,
  ) => Promise<{ readonly list: readonly BreakerTransition[]; readonly partial: boolean }>;
  readonly annotations: (tenant: string, from: number, to: number) => readonly Annotation[];
}

/** What is looked at, and who asks. */
export interface Scope {
  readonly tenant: string;
  readonly from: number;
  readonly to: number;
  /** Duration of PromQL, as it was asked. */
  readonly window: string;
  readonly keep: (service: string) => boolean;
  readonly signal: AbortSignal;
}
