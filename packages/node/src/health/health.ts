import type { BreakerHealth, BreakerRegistry } from '../breaker/registry.ts';
import type { BreakerSnapshot } from '../breaker/view.ts';
import type { Clock } from '../clock.ts';
import { maskText } from '../logs/mask.ts';
import { withTimeout } from '../resilience/timeout.ts';

export type HealthStatus = 'healthy' | 'degraded' | 'unhealthy';

export interface CheckResult {
  readonly status: HealthStatus;
  readonly message?: string | undefined;
}

/** Says how a part of the service is; false or a throw is unhealthy, true or nothing healthy. The signal ends with the check's time. */
export type HealthCheck = (
  signal: AbortSignal,
) =>
  | boolean
  | undefined
  | HealthStatus
  | CheckResult
  | Promise<boolean | undefined | void | HealthStatus | CheckResult>;

export interface CheckOptions {
  /** Milliseconds until the check counts as unhealthy. Default 2,000. */
  readonly timeout?: number | undefined;
  /** Whether the service is unhealthy, not just degraded, when this is. Default true. */
  readonly critical?: boolean | undefined;
  /** Also asked for liveness, where a failure makes an orchestrator restart the process. Default false. */
  readonly liveness?: boolean | undefined;
}

/** What `/health` answers. */
export interface HealthReport {
  readonly timestamp: string;
  readonly status: HealthStatus;
  readonly service: string;
  readonly version: string;
  readonly details: Readonly<Record<string, string>>;
  readonly circuit_breaker: BreakerHealth;
  readonly circuit_breakers: readonly BreakerSnapshot[];
}

export interface ProbeReport {
  readonly timestamp: string;
  readonly status: HealthStatus;
  readonly service: string;
  readonly details: Readonly<Record<string, string>>;
}

export interface HealthDeps {
  readonly service: string;
  readonly version: string;
  readonly clock: Clock;
  readonly breakers: BreakerRegistry;
  /** Milliseconds a result is given again; at most 5,000. */
  readonly cacheMs: number;
  readonly timeoutMs: number;
}

interface Registered {
  readonly name: string;
  readonly check: HealthCheck;
  readonly timeoutMs: number;
  readonly critical: boolean;
  readonly liveness: boolean;
}

interface Outcome extends CheckResult {
  readonly check: Registered;
}

const MAX_CACHE_MS = 5_000;
const BREAKER_HEALTH = { CLOSED: 'healthy', HALF_OPEN: 'degraded', OPEN: 'unhealthy' } as const;

/** The health of one service: named checks, its breakers, readiness and liveness. */
export class Health {
  readonly #deps: HealthDeps;
  readonly #cacheMs: number;
  readonly #checks = new Map<string, Registered>();
  #ready = true;
  #cached: { readonly at: number; readonly outcomes: Promise<readonly Outcome[]> } | null = null;

  constructor(deps: HealthDeps) {
    this.#deps = deps;
    this.#cacheMs = Math.min(deps.cacheMs, MAX_CACHE_MS);
  }

  /** Adds a check, `details` shows it as `<name>_status`; a second one of the name takes the first one's place. */
  register(name: string, check: HealthCheck, options: CheckOptions = {}): void {
    const { timeout = this.#deps.timeoutMs, critical = true, liveness = false } = options;
    this.#checks.set(name, { name, check, timeoutMs: timeout, critical, liveness });
    this.#cached = null;
  }

  unregister(name: string): boolean {
    this.#cached = null;
    return this.#checks.delete(name);
  }

  /** Not ready takes the service out of rotation without calling it ill: while it warms up or drains. */
  setReady(ready: boolean): void {
    this.#ready = ready;
  }

  /** Unhealthy when a critical check is; degraded when another check is or a breaker is not closed. Breakers are always current. */
  async report(): Promise<HealthReport> {
    const { service, version, breakers } = this.#deps;
    const outcomes = await this.#outcomes();
    const snapshots = breakers.snapshot();
    const worst = breakers.worst();
    const byBreaker = snapshots.map(({ service: upstream, state }): [string, string] => [
      `${upstream}_status`,
      BREAKER_HEALTH[state],
    ]);
    const details = {
      ...Object.fromEntries(byBreaker),
      ...detailsOf(outcomes),
      circuit_breaker_status: worst.state,
    };
    const byChecks = statusOf(outcomes);
    const status = byChecks === 'healthy' && worst.state !== 'CLOSED' ? 'degraded' : byChecks;
    return {
      timestamp: this.#timestamp(),
      status,
      service,
      version,
      details,
      circuit_breaker: worst,
      circuit_breakers: snapshots,
    };
  }

  /** Whether to send it traffic: not while it says no, nor while a critical check is unhealthy. */
  async readiness(): Promise<ProbeReport> {
    const outcomes = await this.#outcomes();
    const details = detailsOf(outcomes);
    if (!this.#ready) details.ready = 'false';
    return this.#probe(this.#ready ? statusOf(outcomes) : 'unhealthy', details);
  }

  /** Whether the process is alive: that it answers, and the checks marked `liveness`. */
  async liveness(): Promise<ProbeReport> {
    const alive = Array.from(this.#checks.values()).some((check) => check.liveness);
    const outcomes = alive ? (await this.#outcomes()).filter(({ check }) => check.liveness) : [];
    return this.#probe(statusOf(outcomes), detailsOf(outcomes));
  }

  #probe(status: HealthStatus, details: Readonly<Record<string, string>>): ProbeReport {
    return { timestamp: this.#timestamp(), status, service: this.#deps.service, details };
  }

  #timestamp(): string {
    return new Date(this.#deps.clock.now()).toISOString();
  }

  /** One round of checks at a time; its results are given to everyone who asks within the cache's time. */
  #outcomes(): Promise<readonly Outcome[]> {
    const now = this.#deps.clock.monotonic();
    if (this.#cached !== null && now - this.#cached.at < this.#cacheMs) return this.#cached.outcomes;
    const checks = Array.from(this.#checks.values());
    const outcomes = Promise.all(checks.map((check) => run(check, this.#deps.clock)));
    this.#cached = { at: now, outcomes };
    return outcomes;
  }
}

async function run(check: Registered, clock: Clock): Promise<Outcome> {
  try {
    const result = await withTimeout(check.check, check.timeoutMs, { clock });
    return { check, ...normalised(result) };
  } catch (error) {
    const message = error instanceof Error ? error.message : String(error);
    return { check, status: 'unhealthy', message };
  }
}

function normalised(result: Awaited<ReturnType<HealthCheck>>): CheckResult {
  if (result === undefined || result === true) return { status: 'healthy' };
  if (result === false) return { status: 'unhealthy' };
  if (typeof result === 'string') return { status: result };
  return result;
}

function statusOf(outcomes: readonly Outcome[]): HealthStatus {
  let status: HealthStatus = 'healthy';
  for (const { check, status: own } of outcomes) {
    if (own === 'unhealthy' && check.critical) return 'unhealthy';
    if (own !== 'healthy') status = 'degraded';
  }
  return status;
}

function detailsOf(outcomes: readonly Outcome[]): Record<string, string> {
  const details: [string, string][] = [];
  for (const { check, status, message } of outcomes) {
    details.push([`${check.name}_status`, status]);
    if (message !== undefined) details.push([`${check.name}_message`, maskText(message).slice(0, 500)]);
  }
  return Object.fromEntries(details);
}
