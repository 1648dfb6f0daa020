import { z } from 'zod';
import { type Engine, sql, table, tenant } from '../../engine/index.ts';
import { type Journal, journalErrors } from '../../journal/index.ts';
import type { Clock } from '../../kernel/clock.ts';
import type { Log } from '../../kernel/log.ts';
import type { Service } from '../../kernel/services.ts';
import { type Decision, outcomeOf } from './decision.ts';
import {
  type DeliveryEvent,
  type DeliverySpan,
  deliveryEventsOf,
  joinDeliveryEvents,
  readDeliveryEvents,
} from './delivery-events.ts';
import { DECISIONS_AT_ONCE, OwedDecisions } from './owed-decisions.ts';
import { decisionFrames, decisionsOfFrame, deliveryFacts, type NumberedDecision } from './rows.ts';
import { alertDecisions } from './table.ts';
import { joinTold, readTold, type Told, toldOf } from './told.ts';

export interface DecisionLogDeps {
  readonly engine: Pick<Engine, 'query'>;
  readonly journal: Pick<Journal, 'append' | 'replay'>;
  readonly clock: Clock;
  readonly log: Log;
  readonly tenant: string;
  /** So many decisions will never be written. */
  lose(count: number): void;
}

/** Decisions in memory, the newest: they answer before the engine has them, and while it is away. */
const MOST_IN_MEMORY = 100_000;
/** Threads whose last decision is known; beyond, a repetition may be written again. */
const MOST_THREADS = 500_000;
/** Decisions about one alert in an answer. */
const MOST_OF_ONE = 5000;
/** Numbers of decisions rise with the time, so that they rise over restarts: a thousand for each millisecond. */
const NUMBERS_PER_MS = 1000;

const texts = z.array(z.string());

/**
 * Every decision about every alert, kept for good. A group that is flushed again and again decides the same again and again: what repeats the
 * last decision of the same alert, group and integration says nothing new, and is not written.
 */
export class DecisionLog implements Service {
  readonly name = 'alert-decisions';
  readonly dependsOn = ['journal'];
  readonly #deps: DecisionLogDeps;
  readonly #owed: OwedDecisions;
  /** By fingerprint, oldest alert first; each list in order. */
  readonly #recent = new Map<string, NumberedDecision[]>();
  #inMemory = 0;
  /** By alert, group and integration: what was decided last, in one text. */
  readonly #last = new Map<string, string>();
  #lastSeq = 0;

  constructor(deps: DecisionLogDeps) {
    this.#deps = deps;
    const { clock, log, lose } = deps;
    this.#owed = new OwedDecisions({ clock, log, lose, append: (some) => this.#append(some) });
  }

  /** Decisions that are not written yet, because the journal did not take them. */
  get owed(): number {
    return this.#owed.size;
  }

  /** Reads back what the journal has and the engine has not yet. */
  async start(): Promise<void> {
    await this.#deps.journal.replay((frame) => {
      if (frame.table === alertDecisions.name && frame.tenant === this.#deps.tenant)
        this.#keep(decisionsOfFrame(frame));
    });
  }

  async stop(): Promise<void> {
    await this.#owed.stop();
  }

  /** Resolves when what is new of them is durable, or owed: history keeps nobody from being told. */
  async decide(decisions: readonly Decision[]): Promise<void> {
    const news = decisions.filter((decision) => this.#last.get(threadOf(decision)) !== saidBy(decision));
    if (news.length === 0) return;
    const numbered = news.map((decision) => {
      this.#lastSeq = Math.max(this.#lastSeq + 1, decision.at * NUMBERS_PER_MS);
      return { ...decision, seq: this.#lastSeq };
    });
    for (let from = 0; from < numbered.length; from += DECISIONS_AT_ONCE)
      await this.#write(numbered.slice(from, from + DECISIONS_AT_ONCE));
    this.#keep(numbered);
  }

  async #write(decisions: readonly NumberedDecision[]): Promise<void> {
    try {
      await this.#append(decisions);
    } catch (error) {
      // Nothing is told any more either.
      if (journalErrors.is(error, 'stopped')) throw error;
      this.#owed.add(decisions, error);
    }
  }

  async #append(decisions: readonly NumberedDecision[]): Promise<void> {
    const { journal, tenant: name } = this.#deps;
    await journal.append(decisionFrames(name, decisions));
  }

  /** What was decided of an alert, in order; `isPartial` when the engine could not be asked for what is older. */
  async of(
    fingerprint: string,
  ): Promise<{ readonly decisions: readonly Decision[]; readonly isPartial: boolean }> {
    const memory = this.#recent.get(fingerprint) ?? [];
    try {
      return { decisions: inOrder([...(await this.#read(fingerprint)), ...memory]), isPartial: false };
    } catch (error) {
      this.#deps.log.warn({ err: error, fingerprint }, 'the decisions about an alert could not be read');
      return { decisions: inOrder(memory), isPartial: true };
    }
  }

  /** What happened to deliveries in a span, in order; `isPartial` when the engine could not be asked for what is older. */
  async deliveries(
    span: DeliverySpan,
  ): Promise<{ readonly events: readonly DeliveryEvent[]; readonly isPartial: boolean }> {
    const { engine, tenant: name, log } = this.#deps;
    const memory = deliveryEventsOf([...this.#recent.values()].flat(), span);
    try {
      const stored = await readDeliveryEvents(engine, name, span);
      return { events: joinDeliveryEvents(stored, memory), isPartial: false };
    } catch (error) {
      log.warn({ err: error }, 'deliveries could not be read');
      return { events: joinDeliveryEvents(memory), isPartial: true };
    }
  }

  /** What people were told of alerts in a span, and what they did; in order. `isPartial` as above. */
  async told(
    fingerprints: readonly string[],
    span: DeliverySpan,
  ): Promise<{ readonly told: readonly Told[]; readonly isPartial: boolean }> {
    const { engine, tenant: name, log } = this.#deps;
    const memory = toldOf(
      fingerprints.flatMap((fingerprint) => this.#recent.get(fingerprint) ?? []),
      span,
    );
    try {
      return {
        told: joinTold(await readTold(engine, name, { fingerprints, span }), memory),
        isPartial: false,
      };
    } catch (error) {
      log.warn({ err: error }, 'what people were told could not be read');
      return { told: joinTold(memory), isPartial: true };
    }
  }

  #keep(decisions: readonly NumberedDecision[]): void {
    for (const decision of decisions) {
      this.#lastSeq = Math.max(this.#lastSeq, decision.seq);
      if (this.#last.size >= MOST_THREADS) this.#last.clear();
      this.#last.set(threadOf(decision), saidBy(decision));
      const of = this.#recent.get(decision.fingerprint) ?? [];
      of.push(decision);
      // At the end of the order: it is the one that was decided of last.
      this.#recent.delete(decision.fingerprint);
      this.#recent.set(decision.fingerprint, of);
      this.#inMemory++;
    }
    for (const [fingerprint, of] of this.#recent) {
      if (this.#inMemory <= MOST_IN_MEMORY) break;
      this.#recent.delete(fingerprint);
      this.#inMemory -= of.length;
    }
  }

  async #read(fingerprint: string): Promise<readonly NumberedDecision[]> {
    const statement = sql`SELECT toFloat64(toUnixTimestamp64Milli(ts)) AS at, toFloat64(seq) AS number, outcome, route, group_key, receiver,
        integration, reason, toJSONString(decided_by) AS decided, toFloat64(attempts) AS tries, toFloat64(may_be_duplicate) AS twice, title
      FROM ${table(alertDecisions)} WHERE tenant = ${tenant} AND fingerprint = ${fingerprint}
      ORDER BY ts DESC, seq DESC LIMIT ${MOST_OF_ONE}`;
    const block = await this.#deps.engine.query(statement, {
      purpose: 'alerts.decisions',
      tenant: this.#deps.tenant,
    });
    const [at, seq] = [block.numbers('at'), block.numbers('number')];
    const [route, group, receiver] = [
      block.strings('route'),
      block.strings('group_key'),
      block.strings('receiver'),
    ];
    const [integration, reason, by] = [
      block.strings('integration'),
      block.strings('reason'),
      block.strings('decided'),
    ];
    const [tries, twice, title] = [block.numbers('tries'), block.numbers('twice'), block.strings('title')];
    return block.strings('outcome').map((outcome, i) => ({
      seq: seq[i],
      at: at[i],
      outcome: outcomeOf(outcome),
      fingerprint,
      route: route[i],
      group: group[i],
      receiver: receiver[i],
      integration: integration[i],
      reason: reason[i],
      by: texts.parse(JSON.parse(by[i])),
      ...deliveryFacts(tries[i], twice[i] === 1, title[i]),
    }));
  }
}

function threadOf({ fingerprint, receiver, integration, group, outcome }: Decision): string {
  // The beginning is decided apart: alerts that find their groups anew after a start say nothing new.
  const part = outcome === 'routed' || outcome === 'grouped' ? outcome : '';
  return JSON.stringify([fingerprint, receiver, integration, group, part]);
}

function saidBy({ outcome, reason, by }: Decision): string {
  return JSON.stringify([outcome, reason, by]);
}

/** Each once: what memory has the engine may have, too. */
function inOrder(decisions: readonly NumberedDecision[]): readonly Decision[] {
  const once = new Map(decisions.map((decision) => [decision.seq, decision]));
  return [...once.values()].sort((a, b) => a.at - b.at || a.seq - b.seq);
}
