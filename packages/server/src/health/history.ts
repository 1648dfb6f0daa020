import { z } from 'zod';
import {
  dateTime64,
  type Engine,
  RowBinaryReader,
  RowBinaryWriter,
  type Sql,
  schemaVersionOf,
  sql,
  table,
  tenant,
} from '../engine/index.ts';
import { type Frame, type Journal, RetriedRows } from '../journal/index.ts';
import type { Clock } from '../kernel/clock.ts';
import type { Log } from '../kernel/log.ts';
import type { ServiceTransition } from './monitor.ts';
import { isChange, RecentTransitions } from './recent-transitions.ts';
import { type Status, worse } from './status.ts';
import { healthTransitions } from './tables.ts';

export interface Segment {
  readonly from: number;
  readonly to: number;
  readonly status: Status;
}

export interface HistoryOptions {
  readonly engine: Pick<Engine, 'query'>;
  readonly journal: Pick<Journal, 'append' | 'replay'>;
  readonly clock: Clock;
  readonly log: Log;
}

/** How far back memory reaches; older windows are read from the engine. */
const MEMORY_MS = 8 * 86_400_000;
const MAX_IN_MEMORY = 20_000;
const MOST_CAUSES = 50;
const DAY_MS = 86_400_000;

/** The transitions of every service: recent ones in memory (they answer while the engine is away), all in the engine. */
export class HealthHistory {
  readonly #options: HistoryOptions;
  readonly #recent = new Map<string, RecentTransitions>();
  readonly #rows: RetriedRows<ServiceTransition>;

  constructor(options: HistoryOptions) {
    this.#options = options;
    this.#rows = new RetriedRows({
      ...options,
      framesOf: (transitions) => transitions.map(frameOf),
      what: 'health transitions',
      most: MAX_IN_MEMORY,
    });
  }

  /**
   * Reads the recent transitions, at start and before the flusher runs: the engine's, and those acknowledged ones that
   * only the journal has. An engine that cannot answer leaves the journal's. Rejects when the journal cannot be read.
   */
  async load(tenantName: string): Promise<readonly ServiceTransition[]> {
    const { clock, journal, log } = this.#options;
    const since = clock.now() - MEMORY_MS;
    const stored = await this.#readFrom(tenantName, since, MAX_IN_MEMORY).catch((error: unknown) => {
      log.warn({ err: error }, 'the health history could not be read from the engine');
      return [];
    });
    const pending: ServiceTransition[] = [];
    await journal.replay((frame) => {
      if (frame.table === healthTransitions.name && frame.tenant === tenantName)
        pending.push(...transitionsOf(frame));
    });
    const list = inOrder([stored, pending, this.#inMemory(tenantName)]);
    this.#recent.set(tenantName, new RecentTransitions(MAX_IN_MEMORY, list));
    return list.filter(isChange);
  }

  /** Keeps a transition in memory at once and durably as soon as the journal takes it. Never throws. */
  async record(transition: ServiceTransition): Promise<void> {
    let recent = this.#recent.get(transition.tenant);
    if (recent === undefined)
      this.#recent.set(transition.tenant, (recent = new RecentTransitions(MAX_IN_MEMORY)));
    recent.add(transition);
    await this.#rows.add([transition]);
  }

  /** One last try for what is not durable yet. Never throws. */
  async stop(): Promise<void> {
    await this.#rows.stop();
  }

  /** Changes of state of one service or all, oldest first, from `since` on. */
  async transitions(
    tenantName: string,
    since: number,
    service?: string,
  ): Promise<readonly ServiceTransition[]> {
    return (await this.explained(tenantName, since, service)).filter(isChange);
  }

  /** Changes of state, and of their explanations, which leave the state as it is. */
  async explained(
    tenantName: string,
    since: number,
    service?: string,
  ): Promise<readonly ServiceTransition[]> {
    const all = await this.reaching(tenantName, since, service);
    return all.filter((t) => t.at >= since);
  }

  /** The same, with each service's last change of state before: what it was in when the time began. */
  async reaching(tenantName: string, since: number, service?: string): Promise<readonly ServiceTransition[]> {
    const memory = this.#inMemory(tenantName, service);
    const recent = since >= this.#options.clock.now() - MEMORY_MS;
    // The last ones are not in the engine before the journal is flushed.
    const all = recent
      ? memory
      : inOrder([await this.#readFrom(tenantName, since, 100_000, service), memory]);
    const before = latestOf(all.filter((t) => t.at < since));
    return all.filter((t) => t.at >= since || before.get(t.service) === t);
  }

  /** One service's states between two times, gap-free; before its first known transition it is unknown. */
  async segments(tenantName: string, service: string, from: number, to: number): Promise<readonly Segment[]> {
    const all = await this.reaching(tenantName, from, service);
    return segmentsOf(all.filter(isChange), from, to);
  }

  /** The worst state of each service between two times; of those of which none is known then, nothing is told. */
  async worst(tenantName: string, from: number, to: number): Promise<ReadonlyMap<string, Status>> {
    const byService = new Map<string, ServiceTransition[]>();
    for (const transition of (await this.reaching(tenantName, from)).filter(isChange)) {
      const of = byService.get(transition.service);
      if (of === undefined) byService.set(transition.service, [transition]);
      else of.push(transition);
    }
    const found = new Map<string, Status>();
    for (const [service, transitions] of byService) {
      const states = segmentsOf(transitions, from, to).map(({ status }) => status);
      const worst = states.reduce<Status>(worse, 'unknown');
      if (worst !== 'unknown') found.set(service, worst);
    }
    return found;
  }

  #inMemory(tenantName: string, service?: string): readonly ServiceTransition[] {
    const recent = this.#recent.get(tenantName);
    return (service === undefined ? recent?.all() : recent?.of(service)) ?? [];
  }

  /** What was told from a time on, and each service's last change of state before it. */
  async #readFrom(
    tenantName: string,
    since: number,
    limit: number,
    service?: string,
  ): Promise<ServiceTransition[]> {
    const from = dateTime64(since);
    const who = service === undefined ? sql`1` : sql`service = ${service}`;
    const [earlier, told] = await Promise.all([
      this.#read(
        tenantName,
        sql`${who} AND ts < ${from} AND from_status != to_status ORDER BY ts DESC LIMIT 1 BY service LIMIT ${MAX_IN_MEMORY}`,
      ),
      this.#read(tenantName, sql`${who} AND ts >= ${from} ORDER BY ts DESC LIMIT ${limit}`),
    ]);
    return [...earlier, ...told];
  }

  async #read(tenantName: string, which: Sql): Promise<ServiceTransition[]> {
    const statement = sql`SELECT service, toFloat64(toUnixTimestamp64Milli(ts)) AS at, from_status, to_status, reason, caused_by
      FROM ${table(healthTransitions)} WHERE tenant = ${tenant} AND ${which}`;
    const block = await this.#options.engine.query(statement, {
      purpose: 'health.history',
      tenant: tenantName,
    });
    const [services, from, to, reasons, causes] = [
      block.strings('service'),
      block.strings('from_status'),
      block.strings('to_status'),
      block.strings('reason'),
      block.strings('caused_by'),
    ];
    const at = block.numbers('at');
    return Array.from(services, (service, i) => ({
      tenant: tenantName,
      service,
      at: at[i] ?? 0,
      from: statusOf(from[i]),
      to: statusOf(to[i]),
      reason: reasons[i] ?? '',
      causedBy: causesOf(causes[i]),
    })).reverse();
  }
}

/** The last change of state of each service. */
function latestOf(transitions: readonly ServiceTransition[]): ReadonlyMap<string, ServiceTransition> {
  return new Map(transitions.filter(isChange).map((t) => [t.service, t]));
}

/** Each once, oldest first. */
function inOrder(lists: readonly (readonly ServiceTransition[])[]): ServiceTransition[] {
  const byIdentity = new Map(lists.flat().map((t) => [`${t.service}\u0000${t.at}\u0000${t.to}`, t]));
  return [...byIdentity.values()].sort((a, b) => a.at - b.at);
}

const names = z.array(z.string());

function causesOf(text: string | undefined): readonly string[] {
  try {
    return names.parse(JSON.parse(text ?? '[]'));
  } catch {
    return [];
  }
}

function statusOf(text: string | undefined): Status {
  return text === 'healthy' || text === 'degraded' || text === 'unhealthy' ? text : 'unknown';
}

function frameOf(transition: ServiceTransition) {
  const writer = new RowBinaryWriter(1024);
  writer.string(transition.tenant);
  writer.string(transition.service);
  writer.dateTime64(transition.at);
  writer.string(transition.from);
  writer.string(transition.to);
  writer.string(transition.reason.slice(0, 4000));
  writer.string(JSON.stringify(transition.causedBy.slice(0, MOST_CAUSES)));
  writer.endRow();
  const { rows, payload } = writer.take();
  return {
    table: healthTransitions.name,
    schemaVersion: schemaVersionOf(healthTransitions),
    tenant: transition.tenant,
    day: Math.floor(transition.at / DAY_MS),
    rows,
    payload,
  };
}

/** The rows that {@link frameOf} wrote. */
function transitionsOf(frame: Frame): ServiceTransition[] {
  const reader = new RowBinaryReader(frame.payload);
  return Array.from({ length: frame.rows }, () => ({
    tenant: reader.string(),
    service: reader.string(),
    at: reader.dateTime64(),
    from: statusOf(reader.string()),
    to: statusOf(reader.string()),
    reason: reader.string(),
    causedBy: frame.schemaVersion >= 2 ? causesOf(reader.string()) : [],
  }));
}

/** Transitions (oldest first) as the states they led through between two times. */
export function segmentsOf(
  transitions: readonly Pick<ServiceTransition, 'at' | 'to' | 'from'>[],
  from: number,
  to: number,
): Segment[] {
  const segments: Segment[] = [];
  let status: Status = transitions[0]?.from ?? 'unknown';
  let start = from;
  for (const transition of transitions) {
    if (transition.at > to) break;
    if (transition.at > start) segments.push({ from: start, to: transition.at, status });
    start = Math.max(start, transition.at);
    status = transition.to;
  }
  if (start < to) segments.push({ from: start, to, status });
  return segments.filter((segment) => segment.to > segment.from);
}

/** Share of the known time in which the service worked (healthy or degraded), 0..1; null when nothing is known. */
export function uptimeOf(segments: readonly Segment[]): number | null {
  let known = 0;
  let worked = 0;
  for (const { from, to, status } of segments) {
    if (status === 'unknown') continue;
    known += to - from;
    if (status !== 'unhealthy') worked += to - from;
  }
  return known === 0 ? null : worked / known;
}
