import type { CompiledProbe } from './compile.ts';
import type { ProbeDefinition } from './definition.ts';
import type { ProbeSeries } from './series.ts';
import {
  advance,
  type ProbeState,
  type ProbeStatus,
  type StateEffect,
  type StateInput,
  UNKNOWN,
} from './state.ts';
import type { ProbeMemory } from './store.ts';

/** One failed look. */
export interface Failure {
  readonly at: number;
  readonly reason: string;
}

export interface LastLook {
  /** Epoch ms. */
  readonly at: number;
  readonly seconds: number;
  readonly success: boolean;
}

/** A probe as other parts of Pharos see it. */
export interface ProbeHealth {
  readonly id: string;
  readonly name: string;
  readonly type: ProbeDefinition['type'];
  /** Canonical; undefined when it tells of no service. */
  readonly service: string | undefined;
  readonly status: ProbeStatus;
  readonly reason: string;
  readonly since: number;
  readonly paused: boolean;
  readonly maintenance: boolean;
  readonly last: LastLook | null;
}

const RECENT = 30;
const FAILURES_KEPT = 20;

/** A probe while it runs. */
export class KnownProbe {
  readonly tenant: string;
  readonly id: string;
  readonly definition: ProbeDefinition;
  readonly compiled: CompiledProbe;
  readonly service: string | undefined;
  readonly series: ProbeSeries;
  /** Null for those of the configuration file. */
  readonly version: number | null;
  state: ProbeState = UNKNOWN;
  last: LastLook | null = null;
  maintenance = false;
  failures: readonly Failure[] = [];
  /** When the certificate expires, epoch ms. */
  expiry: number | null = null;
  /** When a heartbeat was heard of last, or began to be waited for, epoch ms. */
  heardAt: number | null = null;
  readonly #recent: (number | null)[] = [];

  constructor(
    made: Pick<KnownProbe, 'tenant' | 'id' | 'definition' | 'compiled' | 'service' | 'series' | 'version'>,
  ) {
    this.tenant = made.tenant;
    this.id = made.id;
    this.definition = made.definition;
    this.compiled = made.compiled;
    this.service = made.service;
    this.series = made.series;
    this.version = made.version;
  }

  /** Milliseconds of the last looks, oldest first; null for failed ones. */
  get recent(): readonly (number | null)[] {
    return this.#recent;
  }

  /** Takes a look's result; during maintenance it says nothing about the state. */
  take(look: LastLook, input: StateInput & { readonly kind: 'look' }, now: number): readonly StateEffect[] {
    this.last = look;
    this.#recent.push(look.success ? Math.round(look.seconds * 1e6) / 1000 : null);
    if (this.#recent.length > RECENT) this.#recent.shift();
    if (!input.success)
      this.failures = [{ at: look.at, reason: input.reason }, ...this.failures].slice(0, FAILURES_KEPT);
    return this.maintenance ? [] : this.advance(input, now);
  }

  advance(input: StateInput, now: number): readonly StateEffect[] {
    const { state, effects } = advance(this.state, input, this.compiled.rules, now);
    this.state = state;
    return effects;
  }

  /** Goes on where another process, or an earlier definition, stopped. */
  restore({ status, since, reason, failures }: ProbeMemory): void {
    this.state = { ...UNKNOWN, status, since, reason };
    this.failures = failures;
  }

  memory(): ProbeMemory {
    const { status, since, reason } = this.state;
    return {
      status,
      since,
      reason,
      failures: this.failures.map(({ at, reason: why }) => ({ at, reason: why })),
    };
  }

  health(): ProbeHealth {
    const { id, definition, service, state, maintenance, last } = this;
    return {
      id,
      service,
      maintenance,
      last,
      name: definition.name,
      type: definition.type,
      paused: definition.paused,
      status: state.status,
      reason: state.reason,
      since: state.since,
    };
  }
}
