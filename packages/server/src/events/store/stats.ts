import { type Engine, type Sql, sql, table, tenant as tenantHole } from '../../engine/index.ts';
import { DECISIONS, STATUSES } from '../event.ts';
import { eventsTable } from '../tables.ts';
import { ENGINE_AWAY, type EventReader } from './reader.ts';
import { isAway } from './store.ts';
import type { StoredEvent } from './stored-event.ts';

export interface EventCounts {
  readonly total: number;
  readonly byStatus: ReadonlyMap<string, number>;
  readonly bySource: ReadonlyMap<string, SourceCounts>;
  readonly byType: ReadonlyMap<string, number>;
  readonly byRule: ReadonlyMap<string, number>;
  readonly byDecision: ReadonlyMap<string, number>;
  /** Events by the beginning of their bucket, oldest first, empty ones too. */
  readonly buckets: readonly Bucket[];
  readonly warnings: readonly string[];
}

export interface SourceCounts {
  normal: number;
  warning: number;
  critical: number;
}

interface Bucket {
  /** Epoch ms. */
  readonly at: number;
  normal: number;
  warning: number;
  critical: number;
}

export interface StatsWindow {
  readonly from: number;
  /** Exclusive. */
  readonly to: number;
  readonly sources?: readonly string[] | undefined;
}

const BUCKETS = 24;
const MOST_GROUPS = 10_000;

/** Counts the events of a window by all that they are told apart by. */
export async function countEvents(
  engine: Pick<Engine, 'query'>,
  reader: EventReader,
  tenant: string,
  window: StatsWindow,
): Promise<EventCounts> {
  const { pending, where } = await reader.parts(tenant, window);
  const counts = new Counting(window);
  const warnings: string[] = [];
  try {
    await counts.addStored(engine, tenant, where);
  } catch (error) {
    if (!isAway(error)) throw error;
    warnings.push(ENGINE_AWAY);
  }
  for (const event of pending) counts.addEvent(event);
  return { ...counts.result(), warnings };
}

class Counting {
  readonly #from: number;
  readonly #step: number;
  readonly #bySource = new Map<string, SourceCounts>();
  readonly #byType = new Map<string, number>();
  readonly #byRule = new Map<string, number>();
  readonly #byDecision = new Map<string, number>();
  readonly #buckets: Bucket[];

  constructor({ from, to }: StatsWindow) {
    this.#from = from;
    this.#step = Math.max(1000, Math.ceil((to - from) / BUCKETS));
    this.#buckets = Array.from({ length: Math.ceil((to - from) / this.#step) }, (_, i) => ({
      at: from + i * this.#step,
      normal: 0,
      warning: 0,
      critical: 0,
    }));
  }

  addEvent(event: StoredEvent): void {
    const status = STATUSES.indexOf(event.status);
    this.#addGroup(event.source, status, event.at, 1);
    add(this.#byType, event.eventType, 1);
    add(this.#byDecision, event.decision, 1);
    for (const rule of event.rules) add(this.#byRule, rule, 1);
  }

  async addStored(engine: Pick<Engine, 'query'>, tenant: string, where: Sql): Promise<void> {
    const options = { purpose: 'events.stats', tenant } as const;
    const groups = await engine.query(
      sql`SELECT toString(source) AS src, status, toFloat64(intDiv(toUnixTimestamp64Milli(ts) - ${this.#from}, ${this.#step})) AS bucket, toFloat64(count()) AS events
        FROM ${table(eventsTable)} WHERE tenant = ${tenantHole} ${where} GROUP BY src, status, bucket ORDER BY events DESC LIMIT ${MOST_GROUPS * BUCKETS}`,
      options,
    );
    const [status, bucket, events] = ['status', 'bucket', 'events'].map((name) => groups.numbers(name));
    for (const [row, source] of groups.strings('src').entries())
      this.#addGroup(source, status[row], this.#from + bucket[row] * this.#step, events[row]);
    await this.#addNamed(engine, options, [
      [
        this.#byType,
        sql`SELECT toString(event_type) AS name, toFloat64(count()) AS events FROM ${table(eventsTable)} WHERE tenant = ${tenantHole} ${where} GROUP BY name ORDER BY events DESC LIMIT ${MOST_GROUPS}`,
      ],
      [
        this.#byRule,
        sql`SELECT arrayJoin(rules) AS name, toFloat64(count()) AS events FROM ${table(eventsTable)} WHERE tenant = ${tenantHole} ${where} GROUP BY name ORDER BY events DESC LIMIT ${MOST_GROUPS}`,
      ],
    ]);
    const decisions = await engine.query(
      sql`SELECT decision, toFloat64(count()) AS events FROM ${table(eventsTable)} WHERE tenant = ${tenantHole} ${where} GROUP BY decision`,
      options,
    );
    const of = decisions.numbers('events');
    for (const [row, decision] of decisions.numbers('decision').entries())
      add(this.#byDecision, DECISIONS[decision] ?? 'CONTINUE', of[row]);
  }

  async #addNamed(
    engine: Pick<Engine, 'query'>,
    options: { readonly purpose: string; readonly tenant: string },
    queries: readonly (readonly [Map<string, number>, Sql])[],
  ): Promise<void> {
    for (const [counts, statement] of queries) {
      const block = await engine.query(statement, options);
      const events = block.numbers('events');
      for (const [row, name] of block.strings('name').entries()) add(counts, name, events[row]);
    }
  }

  result(): Omit<EventCounts, 'warnings'> {
    const all = { normal: 0, warning: 0, critical: 0 };
    for (const { normal, warning, critical } of this.#bySource.values()) {
      all.normal += normal;
      all.warning += warning;
      all.critical += critical;
    }
    return {
      total: all.normal + all.warning + all.critical,
      byStatus: new Map([
        ['NORMAL', all.normal],
        ['WARNING', all.warning],
        ['CRITICAL', all.critical],
      ]),
      bySource: this.#bySource,
      byType: this.#byType,
      byRule: this.#byRule,
      byDecision: this.#byDecision,
      buckets: this.#buckets,
    };
  }

  #addGroup(source: string, status: number, at: number, events: number): void {
    let counts = this.#bySource.get(source);
    if (counts === undefined) this.#bySource.set(source, (counts = { normal: 0, warning: 0, critical: 0 }));
    const bucket = this.#buckets[Math.floor((at - this.#from) / this.#step)];
    for (const into of bucket === undefined ? [counts] : [counts, bucket])
      if (status === 2) into.critical += events;
      else if (status === 1) into.warning += events;
      else into.normal += events;
  }
}

function add(counts: Map<string, number>, name: string, events: number): void {
  counts.set(name, (counts.get(name) ?? 0) + events);
}
