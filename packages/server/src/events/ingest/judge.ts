import type { Clock } from '../../kernel/clock.ts';
import type { EventsConfig } from '../config.ts';
import { eventsErrors } from '../errors.ts';
import type { JsonObject } from '../event.ts';
import { BaselineBuffer } from '../history/baseline.ts';
import type { Lesson } from '../history/lesson.ts';
import type { Mask } from '../mask.ts';
import { issuesText, suggestionsText } from '../routes/texts.ts';
import type { RuleSet } from '../rule-set.ts';
import type { StoredEvent } from '../store/stored-event.ts';
import { suggestionsOf } from '../verdict.ts';
import type { BodyText } from './body-text.ts';
import { type MemberText, memberTexts } from './member-texts.ts';
import { type ParsedEvent, parseEvent } from './parse-event.ts';

export interface JudgeDeps {
  readonly clock: Clock;
  readonly config: EventsConfig;
  readonly mask: Mask;
  readonly ruleSet: (tenant: string) => RuleSet;
  readonly newId: () => string;
}

/** An event that was read and may be judged. */
export interface ReadEvent {
  readonly event: ParsedEvent;
  /** `data` and `metadata` as JSON; null where they are to be written anew. */
  readonly dataText: string | null;
  readonly metadataText: string | null;
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
    const text = body.text(start, end);
    const event = parseEvent(parsedJson(text));
    this.#checkTime(event.at);
    const texts = memberTexts(body.bytes, start, end);
    const data = texts?.data;
    const metadata = texts?.metadata;
    return {
      event,
      dataText: isTakenOver(body.bytes, data, event.dataMembers)
        ? body.within(text, start, data.start, data.end)
        : null,
      metadataText: isTakenOver(body.bytes, metadata, event.metadataMembers)
        ? body.within(text, start, metadata.start, metadata.end)
        : null,
      mayHide: mask.mayHide(body.bytes, start, end),
    };
  }

  /**
   * The event with its verdict. Its baseline is a buffer that the next call fills anew: it must be written or copied before. The
   * lesson is that of the events that it is stored with.
   */
  judge(tenant: string, lesson: Lesson, { event, dataText, metadataText, mayHide }: ReadEvent): StoredEvent {
    const { clock, mask, ruleSet, newId } = this.#deps;
    const now = clock.now();
    const data = mask.apply(event.data, mayHide);
    const metadata = mask.apply(event.metadata, mayHide);
    const judged = { source: event.source, eventType: event.eventType, data, metadata };
    lesson.observe(judged, now, this.#baseline);
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
      data: textOf(data, event.data, dataText),
      metadata: textOf(metadata, event.metadata, metadataText),
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
const OPEN_OBJECT = 0x7b;

/**
 * Whether a member's own text may be stored: not when it is no object, or has a name twice in one object. The parser keeps the last, so
 * that what the others hold was not looked at for what must not be stored.
 */
function isTakenOver(bytes: Uint8Array, found: MemberText | undefined, parsed: number): found is MemberText {
  return found !== undefined && found.members === parsed && bytes[found.start] === OPEN_OBJECT;
}

/** What is stored of an object: its own text when nothing was taken out of it. */
function textOf(masked: JsonObject, original: JsonObject, text: string | null): string {
  return masked === original && text !== null ? text : JSON.stringify(masked);
}

function parsedJson(text: string): unknown {
  try {
    return JSON.parse(text);
  } catch (cause) {
    const why = cause instanceof Error ? cause.message : String(cause);
    throw eventsErrors.make('badEvent', `the event is no JSON: ${why.slice(0, 200)}`, { cause });
  }
}
