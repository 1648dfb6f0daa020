import type { Signal } from './signal.ts';
import type { Status } from './status.ts';

/** What a service's own series say of it over one window. Rates per second, ratios 0..1, seconds, MB; null when unknown. */
export interface Figures {
  readonly requestRate: number;
  readonly errorRatio: number;
  /** Calls of others that failed or were not made since a breaker was open; null where nobody counts them. */
  readonly failedCallRate: number | null;
  /** Requests of half the window. */
  readonly recentRate: number;
  /** Their share by each status of the 400s. */
  readonly refused: ReadonlyMap<string, number>;
  readonly p95: number | null;
  readonly cpuPercent: number | null;
  readonly memoryMb: number | null;
  /** How late the event loop is: the 90th percentile between two scrapes, s. */
  readonly loopLag: number | null;
  /** What the process of that loop took meanwhile, percent of a core. */
  readonly loopCpu: number | null;
  /** The most that the loop of any of its processes lagged in the window, measured alike; null of the past. */
  readonly loopLagMost: number | null;
  /** Half of its accesses to a database take longer, s. */
  readonly databaseTime: number | null;
}

/** What live traffic is held against; see `health.objectives` in docs/configuration.md. Durations in ms. */
export interface Objectives {
  readonly window: number;
  readonly min_requests: number;
  readonly error_ratio: number;
  readonly unhealthy_error_ratio: number;
  readonly latency_p95: number;
  readonly cpu_percent: number;
  readonly event_loop_lag: number;
}

/**
 * How far from usual is worth a word. A latency, a refusal or memory has no limit that fits every service, so these are
 * held against the service's own last ten minutes of health, with a floor below which nobody would call it a trouble.
 */
const TIMES_USUAL = 3;
const LATENCY_FLOOR_S = 0.5;
const REFUSED_FLOOR = 0.1;
/** So few refusals in half the window are none, whatever their share. */
const REFUSED_LEAST = 5;
/** So few failures in the window say nothing of whose they are. */
const OWN_FAILURES_LEAST = 5;
const DATABASE_FLOOR_S = 0.25;
/** Half of the accesses are late by no more than so many turns of a loop that lags: to ask, and to take the answer. */
const TURNS_OF_ACCESS = 2;
/** And most requests by so many: also around what they ask of others, whose loops lag on the same machine. */
export const TURNS_OF_REQUEST = 8;
/** Without a past to compare with. */
const REFUSED_UNSEEN = 0.5;
const CPU_FLOOR = 50;
const LAG_FLOOR_S = 0.1;
/** A process that took less of a core than this was not kept busy by its own work, whatever it usually takes. */
const BUSY_FLOOR = 10;
const MEMORY_TIMES_USUAL = 1.3;
const MEMORY_FLOOR_MB = 32;

/** What a service's traffic and resources say of its health. `usual` is null before anything is known of its past. */
export function judgeFigures(now: Figures, usual: Figures | null, limits: Objectives, at: number): Signal[] {
  const enough = now.requestRate * (limits.window / 1000) >= limits.min_requests;
  const judged = [
    ...(enough ? [errors(now, limits), latency(now, usual, limits), ...refusals(now, usual, limits)] : []),
    cpu(now, usual, limits),
    loopLag(now, usual, limits),
    memory(now, usual),
    database(now, usual),
  ];
  return judged.flatMap((one) => (one === null ? [] : [{ ...one, at }]));
}

type Judged = Omit<Signal, 'at'>;

const well = (kind: 'traffic' | 'resources'): Judged => ({ kind, status: 'healthy', message: '' });

function errors(figures: Figures, limits: Objectives): Judged {
  const { errorRatio } = figures;
  if (errorRatio < limits.error_ratio) return well('traffic');
  const status: Status = errorRatio >= limits.unhealthy_error_ratio ? 'unhealthy' : 'degraded';
  const limit = status === 'unhealthy' ? limits.unhealthy_error_ratio : limits.error_ratio;
  const message = `${percent(errorRatio)} of its requests of the last ${seconds(limits.window)} failed (limit ${percent(limit)})`;
  return { kind: 'traffic', status, message, ...(areOwn(figures, limits) && { isOwn: true }) };
}

/** Whether more requests fail than failed calls of others explain. */
function areOwn({ requestRate, errorRatio, failedCallRate }: Figures, limits: Objectives): boolean {
  if (failedCallRate === null) return false;
  const own = requestRate * errorRatio - failedCallRate;
  return own >= requestRate * limits.error_ratio && own * (limits.window / 1000) >= OWN_FAILURES_LEAST;
}

function latency(now: Figures, usual: Figures | null, limits: Objectives): Judged | null {
  const { p95 } = now;
  if (p95 === null) return null;
  const waited = waitedFor(TURNS_OF_REQUEST, now, usual);
  if (p95 >= limits.latency_p95 / 1000) {
    const message = `95 % of its requests take up to ${took(p95)} (limit ${took(limits.latency_p95 / 1000)})`;
    return { kind: 'traffic', status: 'degraded', message, ...(p95 < waited && { isOfMachine: true }) };
  }
  const before = usual?.p95 ?? null;
  if (before === null || p95 < Math.max(LATENCY_FLOOR_S, before * TIMES_USUAL, waited))
    return well('traffic');
  const message = `95 % of its requests take up to ${took(p95)} (usually ${took(before)})`;
  return { kind: 'traffic', status: 'degraded', message };
}

function refusals({ refused, recentRate }: Figures, usual: Figures | null, limits: Objectives): Judged[] {
  const window = limits.window / 2;
  return [...refused].flatMap(([code, ratio]) => {
    const before = usual === null ? null : (usual.refused.get(code) ?? 0);
    const much =
      before === null ? ratio >= REFUSED_UNSEEN : ratio >= Math.max(REFUSED_FLOOR, before * TIMES_USUAL);
    if (!much || Math.round(ratio * recentRate * (window / 1000)) < REFUSED_LEAST) return [];
    const then = before === null ? '' : ` (usually ${percent(before)})`;
    const message = `${percent(ratio)} of its requests of the last ${seconds(window)} were refused with ${code}${then}`;
    return [{ kind: 'traffic', status: 'degraded', message }];
  });
}

function cpu({ cpuPercent }: Figures, usual: Figures | null, limits: Objectives): Judged | null {
  if (cpuPercent === null) return null;
  const before = usual?.cpuPercent ?? null;
  const busy =
    cpuPercent >= limits.cpu_percent ||
    (before !== null && cpuPercent >= Math.max(CPU_FLOOR, before * TIMES_USUAL));
  if (!busy) return well('resources');
  const then = before === null ? `limit ${limits.cpu_percent} %` : `usually ${Math.round(before)} %`;
  const message = `it takes ${Math.round(cpuPercent)} % of a processor core (${then})`;
  return { kind: 'resources', status: 'degraded', message };
}

/**
 * Seen where the processor is not: a loop that is blocked on a busy machine takes a part of a core, and still answers nobody. One that
 * lags while its process took no more than usual was kept waiting by its machine, as all others there: no trouble of the service.
 */
function loopLag(
  { loopLag: lag, loopCpu }: Figures,
  usual: Figures | null,
  limits: Objectives,
): Judged | null {
  if (lag === null) return null;
  const before = usual?.loopLag ?? null;
  const limit = limits.event_loop_lag / 1000;
  const late = lag >= limit || (before !== null && lag >= Math.max(LAG_FLOOR_S, before * TIMES_USUAL));
  if (!late) return well('resources');
  const then = before === null ? `limit ${took(limit)}` : `usually ${took(before)}`;
  const message = `its event loop lags, a tenth of it by ${took(lag)} and more (${then})`;
  if (isKeptWaiting(loopCpu, usual?.loopCpu ?? null))
    return {
      kind: 'resources',
      status: 'healthy',
      message: `${message}, while it takes ${Math.round(loopCpu ?? 0)} % of a processor core: it waits for its machine`,
    };
  return { kind: 'resources', status: 'degraded', message, isFelt: true };
}

/**
 * Whether a process took too little of a core to have kept its loop busy itself; nobody knows where that is not measured. Both in percent of a
 * core, null where unknown.
 */
export function isKeptWaiting(loopCpu: number | null, before: number | null): boolean {
  if (loopCpu === null) return false;
  return (
    loopCpu < (before === null ? CPU_FLOOR : Math.min(CPU_FLOOR, Math.max(BUSY_FLOOR, before * TIMES_USUAL)))
  );
}

/** How long something of the window may have taken for the only reason that the process waited for its machine, s. */
function waitedFor(turns: number, { loopLagMost: lag, loopCpu }: Figures, usual: Figures | null): number {
  return lag !== null && isKeptWaiting(loopCpu, usual?.loopCpu ?? null) ? lag * turns : 0;
}

function memory({ memoryMb }: Figures, usual: Figures | null): Judged | null {
  const before = usual?.memoryMb ?? null;
  if (memoryMb === null || before === null) return null;
  if (memoryMb < Math.max(before * MEMORY_TIMES_USUAL, before + MEMORY_FLOOR_MB)) return well('resources');
  const message = `it holds ${Math.round(memoryMb)} MB of memory (at most ${Math.round(before)} MB usually)`;
  return { kind: 'resources', status: 'degraded', message };
}

/** Slow accesses are the service's own, whatever those it calls do; and its callers wait for them. */
function database(now: Figures, usual: Figures | null): Judged | null {
  const { databaseTime: time } = now;
  const before = usual?.databaseTime ?? null;
  if (time === null || before === null) return null;
  const waited = waitedFor(TURNS_OF_ACCESS, now, usual);
  if (time < Math.max(DATABASE_FLOOR_S, before * TIMES_USUAL, waited)) return well('resources');
  const message = `its database is slow: half of the accesses take ${took(time)} and more (usually ${took(before)})`;
  return { kind: 'resources', status: 'degraded', message, isFelt: true };
}

function percent(ratio: number): string {
  return `${(ratio * 100).toFixed(ratio < 0.1 ? 1 : 0)} %`;
}

function seconds(ms: number): string {
  return `${Math.round(ms / 1000)} s`;
}

function took(s: number): string {
  return s < 1 ? `${Math.round(s * 1000)} ms` : `${s.toFixed(1)} s`;
}
