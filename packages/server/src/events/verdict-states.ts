import { STATUSES, type Status } from './event.ts';
import { type EventChunk, readEvent, statusAt } from './store/chunk.ts';
import type { StoredEvent } from './store/stored-event.ts';
import { type Bands, statusOf } from './verdict.ts';

/** What the verdicts of one source say of the last fifteen minutes. */
export interface SourceVerdicts {
  readonly source: string;
  readonly events: number;
  readonly warnings: number;
  readonly criticals: number;
  /** The highest score, and what it means. */
  readonly score: number;
  readonly status: Status;
  /** Counts of this minute and the one before it. */
  readonly recent: { readonly events: number; readonly warnings: number; readonly criticals: number };
  /** Epoch ms of the newest event. */
  readonly lastAt: number;
  /** Epoch ms of the newest event that was judged CRITICAL, and WARNING; null when the window has none. */
  readonly lastCriticalAt: number | null;
  readonly lastWarningAt: number | null;
  /** What was found last, newest first. */
  readonly recentIssues: readonly string[];
}

/** For whoever judges services by their events. */
export interface VerdictSource {
  /** The sources of a tenant that sent events in the last fifteen minutes, by name. */
  verdicts(tenant: string): readonly SourceVerdicts[];
}

export const WINDOW_MINUTES = 15;
/** The minutes that count as recent: the one that runs and the one before. */
const RECENT_MINUTES = 2;
const MINUTE_MS = 60_000;
const MOST_SOURCES = 5000;
const MOST_ISSUES = 20;
/** Events of a chunk whose issues are read: the rest is like them. */
const MOST_READ = 50;

interface Minute {
  minute: number;
  readonly counts: number[];
  score: number;
}

interface SourceState {
  readonly minutes: Minute[];
  lastAt: number;
  /** Of each status, as in STATUSES; 0 for none. */
  readonly lastOf: number[];
  issues: { readonly at: number; readonly text: string }[];
}

/** Counts verdicts by source and minute, for the last fifteen minutes. */
export class VerdictStates implements VerdictSource {
  readonly #bands: Bands;
  readonly #now: () => number;
  readonly #tenants = new Map<string, Map<string, SourceState>>();
  /** Of tenants that have no room: the first minute of the window when what is past it was last dropped. */
  readonly #swept = new Map<string, number>();

  constructor(bands: Bands, now: () => number) {
    this.#bands = bands;
    this.#now = now;
  }

  observe(chunk: EventChunk): void {
    const oldest = this.#oldest();
    let read = 0;
    for (let row = 0; row < chunk.rows; row++) {
      const at = chunk.ms[row];
      if (at < oldest) continue;
      const state = this.#state(chunk.tenant, chunk.sources[row], oldest);
      if (state === undefined) continue;
      count(state, at, chunk.statuses[row], chunk.scores[row]);
      if (statusAt(chunk, row) !== 'NORMAL' && read < MOST_READ) {
        read++;
        note(state, readEvent(chunk, row));
      }
    }
  }

  /** An event of before this process began. */
  recall(tenant: string, event: StoredEvent): void {
    const oldest = this.#oldest();
    if (event.at < oldest) return;
    const state = this.#state(tenant, event.source, oldest);
    if (state === undefined) return;
    count(state, event.at, STATUSES.indexOf(event.status), event.score);
    if (event.status !== 'NORMAL') note(state, event);
  }

  verdicts(tenant: string): readonly SourceVerdicts[] {
    const since = Math.floor(this.#oldest() / MINUTE_MS);
    const recently = Math.floor(this.#now() / MINUTE_MS) - RECENT_MINUTES;
    const all: SourceVerdicts[] = [];
    for (const [source, state] of this.#tenants.get(tenant) ?? []) {
      const minutes = state.minutes.filter(({ minute }) => minute > since);
      if (minutes.length === 0) {
        this.#tenants.get(tenant)?.delete(source);
        continue;
      }
      const recent = minutes.filter(({ minute }) => minute > recently);
      const lastOf = (status: Status): number | null => {
        const at = state.lastOf[STATUSES.indexOf(status)];
        return Math.floor(at / MINUTE_MS) > since ? at : null;
      };
      const score = Math.max(...minutes.map((minute) => minute.score));
      all.push({
        source,
        ...countsOf(minutes),
        recent: countsOf(recent),
        score,
        status: statusOf(score, this.#bands),
        lastAt: state.lastAt,
        lastCriticalAt: lastOf('CRITICAL'),
        lastWarningAt: lastOf('WARNING'),
        recentIssues: state.issues.filter(({ at }) => at / MINUTE_MS > since).map(({ text }) => text),
      });
    }
    return all.sort((a, b) => (a.source < b.source ? -1 : 1));
  }

  #oldest(): number {
    return this.#now() - WINDOW_MINUTES * MINUTE_MS;
  }

  #state(tenant: string, source: string, oldest: number): SourceState | undefined {
    let sources = this.#tenants.get(tenant);
    if (sources === undefined) this.#tenants.set(tenant, (sources = new Map<string, SourceState>()));
    let state = sources.get(source);
    if (state === undefined) {
      if (sources.size >= MOST_SOURCES) this.#sweep(tenant, sources, Math.floor(oldest / MINUTE_MS));
      if (sources.size >= MOST_SOURCES) return undefined;
      sources.set(source, (state = { minutes: [], lastAt: 0, lastOf: [0, 0, 0], issues: [] }));
    }
    return state;
  }

  /** Drops who is past the window, once a minute: nobody else passes it before the next one begins. */
  #sweep(tenant: string, sources: Map<string, SourceState>, since: number): void {
    if (this.#swept.get(tenant) === since) return;
    this.#swept.set(tenant, since);
    for (const [source, { lastAt }] of sources)
      if (Math.floor(lastAt / MINUTE_MS) <= since) sources.delete(source);
  }
}

function count(state: SourceState, at: number, status: number, score: number): void {
  const minute = Math.floor(at / MINUTE_MS);
  let bucket = state.minutes.find((one) => one.minute === minute);
  if (bucket === undefined) {
    state.minutes.push((bucket = { minute, counts: [0, 0, 0], score: 0 }));
    // A minute more than the window has, and those that senders' clocks are ahead.
    if (state.minutes.length > 2 * WINDOW_MINUTES) {
      state.minutes.sort((a, b) => a.minute - b.minute);
      state.minutes.shift();
    }
  }
  bucket.counts[status]++;
  bucket.score = Math.max(bucket.score, score);
  state.lastAt = Math.max(state.lastAt, at);
  state.lastOf[status] = Math.max(state.lastOf[status], at);
}

function countsOf(minutes: readonly Minute[]): SourceVerdicts['recent'] {
  const sum = (status: Status): number =>
    minutes.reduce((total, { counts }) => total + counts[STATUSES.indexOf(status)], 0);
  const [warnings, criticals] = [sum('WARNING'), sum('CRITICAL')];
  return { events: sum('NORMAL') + warnings + criticals, warnings, criticals };
}

function note(state: SourceState, event: StoredEvent): void {
  state.issues = [
    { at: event.at, text: `${event.source}: ${event.reasoning.slice(0, 300)}` },
    ...state.issues,
  ].slice(0, MOST_ISSUES);
}
