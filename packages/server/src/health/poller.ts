import type { Clock, Timer } from '../kernel/clock.ts';
import { jitter, type Random } from '../kernel/random.ts';
import type { Look } from './looks.ts';
import type { HealthTelemetry } from './telemetry.ts';

/** One GET under a timeout and a size limit; the egress door implements it. Rejects when no answer came. */
export type HealthFetcher = (
  url: string,
  limits: { readonly timeoutMs: number; readonly maxBytes: number },
) => Promise<{ readonly status: number; readonly body: string }>;

export interface PollTarget {
  readonly service: string;
  readonly instance: string;
  readonly url: string;
}

interface Entry {
  target: PollTarget;
  look: Look | null;
  /** Monotonic ms of the latest look. */
  lookedAt: number;
  /** Monotonic ms of the next look; far ahead for a target without a health endpoint. */
  dueAt: number;
  running: boolean;
}

const MAX_BODY = 256 * 1024;
const ABSENT_RECHECK_MS = 300_000;
const MAX_CONCURRENT = 32;
/** A look is too old after so many intervals. */
const MISSED_TURNS = 5;
/** Looks that are due this close together go out together. */
const SLOT_MS = 250;

export interface PollerOptions {
  readonly clock: Clock;
  readonly random: Random;
  readonly telemetry: HealthTelemetry;
  readonly fetch: HealthFetcher;
  readonly intervalMs: number;
  readonly timeoutMs: number;
}

/** Asks every known `/health` on an interval. Where more hang than may be asked at once all take turns, whoever waits longest first. */
export class HealthPoller {
  readonly #options: PollerOptions;
  readonly #entries = new Map<string, Entry>();
  #started = false;
  #timer: Timer | null = null;
  #running = 0;

  constructor(options: PollerOptions) {
    this.#options = options;
  }

  /** Replaces the target list; what is known of targets that stay is kept. */
  setTargets(targets: readonly PollTarget[]): void {
    const wanted = new Map(targets.map((target) => [target.url, target]));
    for (const url of this.#entries.keys()) if (!wanted.has(url)) this.#entries.delete(url);
    for (const [url, target] of wanted) {
      const known = this.#entries.get(url);
      if (known !== undefined) {
        // Its service may have got another name by a new configuration.
        known.target = target;
        continue;
      }
      this.#entries.set(url, { target, look: null, lookedAt: 0, dueAt: 0, running: false });
      this.#arm(SLOT_MS);
    }
  }

  /** The latest look at each target that has a health endpoint; that one was well says nothing when nobody could ask it for long. */
  looks(): readonly { readonly target: PollTarget; readonly look: Look }[] {
    const { clock, intervalMs, timeoutMs } = this.#options;
    const oldest = clock.monotonic() - (intervalMs + timeoutMs) * MISSED_TURNS;
    return [...this.#entries.values()].flatMap(({ target, look, lookedAt }) =>
      look === null || (look.ok && lookedAt < oldest) ? [] : [{ target, look }],
    );
  }

  start(): void {
    this.#started = true;
    if (this.#entries.size > 0) this.#arm(SLOT_MS);
  }

  stop(): void {
    this.#started = false;
    this.#timer?.cancel();
    this.#timer = null;
  }

  /** One timer for the earliest look; without targets none, so that nothing wakes the process up. */
  #arm(delayMs: number): void {
    if (!this.#started) return;
    this.#timer?.cancel();
    this.#timer = this.#options.clock.after(delayMs, () => {
      this.#timer = null;
      this.#slot();
    });
  }

  #slot(): void {
    const now = this.#options.clock.monotonic();
    const due = [...this.#entries.values()].filter((entry) => !entry.running && now >= entry.dueAt);
    due.sort((a, b) => a.dueAt - b.dueAt);
    for (const entry of due.slice(0, MAX_CONCURRENT - this.#running)) void this.#ask(entry);
    let next = Number.POSITIVE_INFINITY;
    for (const { dueAt } of this.#entries.values()) next = Math.min(next, dueAt);
    if (next < Number.POSITIVE_INFINITY) this.#arm(Math.max(SLOT_MS, next - now));
  }

  async #ask(entry: Entry): Promise<void> {
    const { clock, fetch, timeoutMs, intervalMs, random, telemetry } = this.#options;
    entry.running = true;
    const startedAt = clock.monotonic();
    if (entry.dueAt > 0) telemetry.lag.observe((startedAt - entry.dueAt) / 1000);
    // Many targets that were found together would else be asked together for ever.
    entry.dueAt = startedAt + jitter(random, intervalMs);
    this.#running++;
    try {
      const answer = await fetch(entry.target.url, { timeoutMs, maxBytes: MAX_BODY });
      const read = readHealthAnswer(answer.status, answer.body);
      telemetry.polls.inc({ outcome: read === null ? 'absent' : read?.status });
      if (read === null) {
        entry.look = null;
        entry.dueAt = clock.monotonic() + ABSENT_RECHECK_MS;
      } else entry.look = next(entry, clock.now(), true, undefined, read);
    } catch (error) {
      // A target that never had a health endpoint is not held to have lost it: scraping tells whether it lives.
      telemetry.polls.inc({ outcome: 'failed' });
      const known = entry.look !== null;
      if (known)
        entry.look = next(entry, clock.now(), false, error instanceof Error ? error.message : String(error));
    } finally {
      entry.running = false;
      entry.lookedAt = clock.monotonic();
      this.#running--;
      telemetry.duration.observe((clock.monotonic() - startedAt) / 1000);
    }
  }
}

function next(entry: Entry, at: number, ok: boolean, error?: string, says?: Look['says']): Look {
  const before = entry.look;
  return {
    instance: entry.target.instance,
    ok,
    at,
    error,
    says,
    inARow: before?.ok === ok ? before.inARow + 1 : 1,
  };
}

/**
 * What a `/health` answer says: its JSON `status` (with the parts of `details` that are not well), else its HTTP status.
 * Null when there is no health endpoint (404, 405, or something that is plainly not a health answer).
 */
export function readHealthAnswer(httpStatus: number, body: string): Look['says'] | null {
  const parsed = parseJson(body);
  const word = typeof parsed?.['status'] === 'string' ? parsed['status'].toLowerCase() : '';
  const status = STATUS_WORDS.get(word);
  if (status !== undefined) return { status, details: unwellDetails(parsed?.['details']) };
  if (httpStatus === 200 && PLAIN_WELL.test(body)) return { status: 'healthy', details: '' };
  if (httpStatus >= 500) return { status: 'unhealthy', details: `HTTP ${httpStatus}` };
  return null;
}

const STATUS_WORDS = new Map<string, 'healthy' | 'degraded' | 'unhealthy'>([
  ['healthy', 'healthy'],
  ['ok', 'healthy'],
  ['up', 'healthy'],
  ['pass', 'healthy'],
  ['degraded', 'degraded'],
  ['warn', 'degraded'],
  ['unhealthy', 'unhealthy'],
  ['down', 'unhealthy'],
  ['fail', 'unhealthy'],
  ['error', 'unhealthy'],
]);

const PLAIN_WELL = /^\W*(ok|healthy|up|alive|ready|pong)\W*$/i;

function parseJson(body: string): Readonly<Record<string, unknown>> | null {
  try {
    const value: unknown = JSON.parse(body);
    return typeof value === 'object' && value !== null && !Array.isArray(value)
      ? Object.fromEntries(Object.entries(value))
      : null;
  } catch {
    return null;
  }
}

const WELL = new Set(['healthy', 'ok', 'up', 'pass', 'closed', 'connected', 'true']);

function unwellDetails(details: unknown): string {
  if (typeof details !== 'object' || details === null) return '';
  return Object.entries(details)
    .filter(
      (entry): entry is [string, string] => typeof entry[1] === 'string' && !WELL.has(entry[1].toLowerCase()),
    )
    .slice(0, 5)
    .map(([name, value]) => `${name}: ${value.slice(0, 100)}`)
    .join(', ');
}
