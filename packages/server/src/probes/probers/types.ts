import type { Egress, Purpose, Trust } from '../../egress/index.ts';

/** One figure of a probe, under blackbox_exporter's names. */
export interface ProbeSample {
  readonly name: string;
  readonly labels?: Readonly<Record<string, string>>;
  readonly value: number;
  /** Told by `/probe` only: too rarely asked for to be a series of every scheduled probe. */
  readonly detail?: boolean;
}

export interface ProbeResult {
  readonly success: boolean;
  /** What failed, naming what was expected and what came; empty on success. */
  readonly reason: string;
  /** What will fail before long, such as a certificate that expires; null when nothing does. */
  readonly warning: string | null;
  readonly samples: readonly ProbeSample[];
}

export interface ProbeContext {
  readonly egress: Egress;
  readonly trust: Trust;
  readonly purpose: Purpose;
  readonly timeoutMs: number;
  /** Epoch ms. */
  readonly now: () => number;
  readonly ping: Ping;
}

/** One echo to a literal address. Rejects with an Error whose message says why there was none. */
export type Ping = (
  address: string,
  options: { readonly timeoutMs: number; readonly bytes: number },
) => Promise<{ readonly seconds: number }>;

/** Looks once. Never rejects: what goes wrong is the result. */
export type Prober<Spec> = (spec: Spec, context: ProbeContext) => Promise<ProbeResult>;

/** Addresses of which family are used, and whether those of the other one will do. */
export interface FamilyChoice {
  readonly family: 4 | 6;
  readonly fallback: boolean;
}
