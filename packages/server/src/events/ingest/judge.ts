import type { Clock } from '../../kernel/clock.ts';
import type { EventsConfig } from '../config.ts';
import { eventsErrors } from '../errors.ts';
import type { IncomingEvent } from '../event.ts';
import { BaselineBuffer } from '../history/baseline.ts';
import type { Histories } from '../history/histories.ts';
import type { Mask } from '../mask.ts';
import { issuesText, suggestionsText } from '../routes/texts.ts';
import type { RuleSet } from '../rule-set.ts';
import type { StoredEvent } from '../store/stored-event.ts';
import { suggestionsOf } from '../verdict.ts';
import type { BodyText } from './body-text.ts';
import { parseEvent } from './parse-event.ts';

export interface JudgeDeps {
  readonly clock: Clock;
  readonly config: EventsConfig;
  readonly mask: Mask;
  readonly histories: Histories;
  readonly ruleSet: (tenant: string) => RuleSet;
  readonly newId: () => string;
}

/** An event that was read and may be judged. */
export interface ReadEvent {
  readonly event: IncomingEvent;
  /** See {@link Mask.mayHide}. */
  readonly mayHide: number;
}

/** Reads events and judges them: parse, mask, compare with the source's history, apply the rules. */
export class Judge {
  readonly #deps: JudgeDeps;
  readonly #baseline = new BaselineBuffer();

  constructor(deps: JudgeDeps) {
    this.#deps = deps;
  }

  /** Reads one event from a part of a body. Throws `events.badEvent`. */
  read(body: BodyText, start: number, end: number): ReadEvent {
    const { config, mask } = this.#deps;
    if (end - start > config.max_event)
      throw eventsErrors.make(
        'badEvent',
        `the event has ${end - start} bytes, expected at most ${config.max_event}`,
      );
    const event = parseEvent(parsedJson(body.text(start, end)));
    this.#checkTime(event.at);
    return { event, mayHide: mask.mayHide(body.bytes, start, end) };
  }

  /**
   * The event with its verdict. Its baseline is a buffer that the next call fills anew: it must be written or copied before. The
   * source's history has then learnt from it.
   */
  judge(tenant: string, { event, mayHide }: ReadEvent): StoredEvent {
    const { clock, mask, histories, ruleSet, newId } = this.#deps;
    const now = clock.now();
    const data = mask.apply(event.data, mayHide);
    const metadata = mask.apply(event.metadata, mayHide);
    const judged = { source: event.source, eventType: event.eventType, data, metadata };
    histories.observe(tenant, judged, now, this.#baseline);
    const rules = ruleSet(tenant);
    const { status, score, decision, reasoning, findings } = rules.judge(judged, this.#baseline);
    return {
      seq: 0,
      at: event.at ?? now,
      received: now,
      id: event.id === '' ? newId() : event.id,
      given: event.id !== '',
      source: event.source,
      eventType: event.eventType,
      status,
      score,
      decision,
      reasoning,
      rules: findings.length === 0 ? NONE : [...new Set(findings.map(({ rule }) => rule))],
      issues: findings.length === 0 ? '[]' : issuesText(findings),
      suggestions: findings.length === 0 ? '[]' : suggestionsText(suggestionsOf(findings)),
      data: JSON.stringify(data),
      metadata: JSON.stringify(metadata),
      ruleVersion: rules.version,
      baseline: this.#baseline,
    };
  }

  #checkTime(at: number | undefined): void {
    if (at === undefined) return;
    const { clock, config } = this.#deps;
    const now = clock.now();
    const [oldest, newest] = [now - config.accept_past, now + config.accept_future];
    if (at >= Math.max(0, oldest) && at <= newest) return;
    const iso = new Date(at).toISOString();
    throw eventsErrors.make(
      'badEvent',
      at > newest
        ? `timestamp ${iso} is later than ${new Date(newest).toISOString()}`
        : `timestamp ${iso} is before ${new Date(oldest).toISOString()}`,
    );
  }
}

const NONE: readonly string[] = [];

function parsedJson(text: string): unknown {
  try {
    return JSON.parse(text);
  } catch (cause) {
    const why = cause instanceof Error ? cause.message : String(cause);
    throw eventsErrors.make('badEvent', `the event is no JSON: ${why.slice(0, 200)}`, { cause });
  }
}
