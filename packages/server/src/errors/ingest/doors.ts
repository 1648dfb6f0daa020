import type { Clock } from '../../kernel/clock.ts';
import type { Log } from '../../kernel/log.ts';
import type { ServiceNames } from '../../kernel/names.ts';
import { Refusals, type RefusedCount } from '../../kernel/refusals.ts';
import type { ErrorsConfig } from '../config.ts';
import { errorsErrors } from '../errors.ts';
import type { ErrorEvent } from '../event.ts';
import { MOST_ERRORS, SLICE_ERRORS } from '../limits.ts';
import type { ErrorStore } from '../store/store.ts';
import { fromJson } from './json.ts';
import { RateLimit } from './rate.ts';
import { jsonObject, parseEnvelope } from './sentry/envelope.ts';
import { fromSentry } from './sentry/event.ts';

export type RefusalReason = 'malformed' | 'too_large' | 'too_old' | 'envelope';

export interface DoorReport {
  readonly stored: number;
  readonly duplicates: number;
  readonly refused: readonly RefusedCount<RefusalReason>[];
}

/** Who sent an envelope. */
export interface SentryProject {
  readonly id: string;
  readonly tenant: string;
  /** What its events belong to where they name no service. */
  readonly service: string;
}

export interface ErrorDoorsDeps {
  readonly store: Pick<ErrorStore, 'submit' | 'telemetry'>;
  readonly clock: Clock;
  readonly names: ServiceNames;
  readonly log: Log;
  readonly config: ErrorsConfig;
  /** How long errors are kept, ms. */
  readonly keepMs: number;
  /** Lets others run. */
  readonly breathe: () => Promise<void>;
  /** 32 hex digits, never the same. */
  readonly newId: () => string;
}

/** A sender whose clock is ahead by more than this is not believed. */
const AHEAD_MS = 10 * 60_000;
/** Items of envelopes that have a meaning for Sentry and are counted here, not kept. */
const KNOWN_ITEMS = new Set([
  'attachment',
  'check_in',
  'client_report',
  'feedback',
  'log',
  'profile',
  'profile_chunk',
  'replay_event',
  'replay_recording',
  'replay_video',
  'session',
  'sessions',
  'span',
  'statsd',
  'trace_metric',
  'transaction',
  'user_report',
]);

const decoder = new TextDecoder('utf-8');

/** Every way in for errors: reads what came, leaves out what cannot be, stores the rest. */
export class ErrorDoors {
  readonly #deps: ErrorDoorsDeps;
  readonly #rate: RateLimit;

  constructor(deps: ErrorDoorsDeps) {
    this.#deps = deps;
    this.#rate = new RateLimit(deps.config.rate_limit);
  }

  /** One error, a list, `{errors: […]}`, or one object a line. Rejects with malformed when nothing of it is JSON, with tooLarge when they are too many. */
  async json(tenant: string, bytes: Uint8Array, service: string): Promise<DoorReport> {
    const refusals = new Refusals<RefusalReason>();
    const { clock, names, newId, breathe } = this.#deps;
    const serviceOf = (named: string): string => names.canonical(named === '' ? service : named);
    const events: ErrorEvent[] = [];
    const values = jsonValues(decoder.decode(bytes), refusals);
    if (values.length > MOST_ERRORS)
      throw errorsErrors.make(
        'tooLarge',
        `the body has ${values.length} errors, expected at most ${MOST_ERRORS}; nothing of it was stored`,
      );
    for (const [i, value] of values.entries()) {
      if (i > 0 && i % SLICE_ERRORS === 0) await breathe();
      const event = fromJson(value, { id: newId(), now: clock.now(), serviceOf });
      if (typeof event === 'string') refusals.add({ reason: 'malformed', message: event });
      else events.push(event);
    }
    return this.#take(tenant, events, refusals, bytes.length);
  }

  /** An envelope; the id of its event, where it has one. Rejects with malformed when it is none. */
  async envelope(
    project: SentryProject,
    bytes: Uint8Array,
  ): Promise<DoorReport & { readonly id: string | null }> {
    const envelope = parseEnvelope(bytes);
    if (envelope === null)
      throw errorsErrors.make(
        'malformed',
        'the first line of an envelope is a JSON object, and here is none',
      );
    const { config, store } = this.#deps;
    const refusals = new Refusals<RefusalReason>();
    if (envelope.problem !== null) refusals.add({ reason: 'envelope', message: envelope.problem });
    const events: ErrorEvent[] = [];
    for (const { type, payload } of envelope.items) {
      if (type !== 'event') {
        store.telemetry.ignored.inc({ item: KNOWN_ITEMS.has(type) ? type : 'other' });
        continue;
      }
      const event = payload.length > config.max_event ? null : jsonObject(payload);
      if (event !== null) events.push(this.#sentry(project, event));
      else if (payload.length > config.max_event)
        refusals.add({
          reason: 'too_large',
          message: `an event has ${payload.length} bytes, expected at most ${config.max_event}`,
        });
      else refusals.add({ reason: 'malformed', message: 'the payload of an event is no JSON object' });
    }
    const report = await this.#take(project.tenant, events, refusals, bytes.length);
    return { ...report, id: events[0]?.id ?? null };
  }

  /** One event as older SDKs send it. */
  async event(project: SentryProject, bytes: Uint8Array): Promise<DoorReport & { readonly id: string }> {
    const { config } = this.#deps;
    if (bytes.length > config.max_event)
      throw errorsErrors.make(
        'tooLarge',
        `an event has ${bytes.length} bytes, expected at most ${config.max_event}`,
      );
    const value = jsonObject(bytes);
    if (value === null)
      throw errorsErrors.make('malformed', 'an event is a JSON object, and the body is none');
    const event = this.#sentry(project, value);
    return { ...(await this.#take(project.tenant, [event], new Refusals(), bytes.length)), id: event.id };
  }

  /** Errors that other signals tell of. What cannot be stored is counted and let go: its span or line is there. */
  async derived(tenant: string, events: readonly ErrorEvent[]): Promise<void> {
    if (events.length === 0) return;
    try {
      await this.#take(tenant, events, new Refusals(), events.length * 4096);
    } catch (error) {
      this.#deps.store.telemetry.events.inc(
        { origin: events[0]?.origin ?? 'span', result: 'dropped' },
        events.length,
      );
      this.#deps.log.debug(
        { err: error, events: events.length },
        'errors of spans and log lines were not stored',
      );
    }
  }

  #sentry(project: SentryProject, event: Parameters<typeof fromSentry>[0]): ErrorEvent {
    const { clock, names, newId } = this.#deps;
    return fromSentry(event, {
      id: newId(),
      now: clock.now(),
      serviceOf: (named) => names.canonical(named === '' ? project.service : named),
    });
  }

  async #take(
    tenant: string,
    events: readonly ErrorEvent[],
    refusals: Refusals<RefusalReason>,
    bytes: number,
  ): Promise<DoorReport> {
    const { store, clock, config, keepMs } = this.#deps;
    const now = clock.now();
    const oldest = now - Math.min(config.accept_past, keepMs);
    const kept: ErrorEvent[] = [];
    for (const event of events) {
      if (event.time < oldest)
        refusals.add({
          reason: 'too_old',
          message: `an error is of ${new Date(event.time).toISOString()}, before ${new Date(oldest).toISOString()}`,
        });
      else kept.push(event.time > now + AHEAD_MS ? { ...event, time: now } : event);
    }
    const refused = refusals.list();
    for (const { reason, count } of refused) store.telemetry.refused.inc({ reason }, count);
    if (kept.length === 0) return { stored: 0, duplicates: 0, refused };
    const wait = this.#rate.take(tenant, kept.length, clock.monotonic());
    if (wait > 0) {
      store.telemetry.refused.inc({ reason: 'rate_limit' }, kept.length);
      throw errorsErrors.make('rateLimited', `more than ${config.rate_limit} errors a minute`, {
        retryAfterSeconds: wait,
      });
    }
    const { stored, duplicates } = await store.submit(tenant, kept, bytes);
    const origin = kept[0]?.origin ?? 'json';
    store.telemetry.events.inc({ origin, result: 'stored' }, stored);
    store.telemetry.events.inc({ origin, result: 'duplicate' }, duplicates);
    return { stored, duplicates, refused };
  }
}

/** The values of a body; lines that are no JSON are refused one by one. */
function jsonValues(text: string, refusals: Refusals<RefusalReason>): readonly unknown[] {
  const whole = parsed(text);
  if (whole !== undefined) {
    if (Array.isArray(whole)) return whole;
    const list = typeof whole === 'object' && whole !== null && 'errors' in whole ? whole.errors : undefined;
    return Array.isArray(list) && typeof whole === 'object' && whole !== null && !('message' in whole)
      ? list
      : [whole];
  }
  const values: unknown[] = [];
  let wrong = 0;
  // Line by line: a body may be nothing but ends of lines.
  for (let start = 0; start < text.length; ) {
    const found = text.indexOf('\n', start);
    const end = found < 0 ? text.length : found;
    const line = text.slice(start, end);
    start = end + 1;
    if (line.trim() === '') continue;
    const value = parsed(line);
    if (value === undefined) wrong++;
    else values.push(value);
    if (values.length > MOST_ERRORS)
      throw errorsErrors.make(
        'tooLarge',
        `the body has more than ${MOST_ERRORS} errors; nothing of it was stored`,
      );
  }
  if (values.length === 0)
    throw errorsErrors.make('malformed', 'the body is no JSON, and has no line that is');
  if (wrong > 0) refusals.add({ reason: 'malformed', message: 'a line of the body is no JSON' }, wrong);
  return values;
}

function parsed(text: string): unknown {
  try {
    return JSON.parse(text);
  } catch {
    return undefined;
  }
}
