import {
  dateTime64,
  type Engine,
  RowBinaryReader,
  RowBinaryWriter,
  schemaVersionOf,
  sql,
  table,
  tenant,
} from '../engine/index.ts';
import type { Frame, Journal } from '../journal/index.ts';
import type { Clock } from '../kernel/clock.ts';
import type { Log } from '../kernel/log.ts';
import { STATES, type State, type Transition } from './model.ts';
import { breakerTransitions } from './tables.ts';

export interface HistoryOptions {
  readonly engine: Pick<Engine, 'query'>;
  readonly journal: Pick<Journal, 'append' | 'replay'>;
  readonly clock: Clock;
  readonly log: Log;
}

/** How far back memory reaches; older windows are read from the engine. */
const MEMORY_MS = 8 * 86_400_000;
const MAX_IN_MEMORY = 10_000;
const DAY_MS = 86_400_000;
const MAX_UINT32 = 2 ** 32 - 1;

/** The changes of state of all breakers: the last ones in memory (they answer while the engine is away), all in the engine. */
export class BreakerHistory {
  readonly #options: HistoryOptions;
  readonly #recent = new Map<string, Transition[]>();

  constructor(options: HistoryOptions) {
    this.#options = options;
  }

  /** Reads back what the journal has and the engine has not yet, at start and before the flusher runs. */
  async load(): Promise<void> {
    await this.#options.journal.replay((frame) => {
      if (frame.table === breakerTransitions.name) this.#keep(transitionsOf(frame));
    });
  }

  /** Durable when it resolves. Rejects with a journal error, and keeps nothing then: who told of them tells again. */
  async record(transitions: readonly Transition[]): Promise<void> {
    if (transitions.length === 0) return;
    await this.#options.journal.append(framesOf(transitions));
    this.#keep(transitions);
  }

  /**
   * Newest first, from `since` on, at most `limit`. What memory does not reach is read from the engine; `partial` says that it
   * could not be.
   */
  async transitions(
    tenantName: string,
    filter: {
      readonly since: number;
      readonly limit: number;
      readonly service?: string | undefined;
      readonly name?: string | undefined;
    },
  ): Promise<{ readonly list: readonly Transition[]; readonly partial: boolean }> {
    const { since, limit, service, name } = filter;
    const wanted = (t: Transition): boolean =>
      t.at >= since &&
      (service === undefined || t.service === service) &&
      (name === undefined || t.name === name);
    const memory = (this.#recent.get(tenantName) ?? []).filter(wanted);
    if (memory.length >= limit) return { list: newestFirst([memory], limit), partial: false };
    try {
      return { list: newestFirst([await this.#read(tenantName, filter), memory], limit), partial: false };
    } catch (error) {
      this.#options.log.warn({ err: error }, 'the history of breakers could not be read from the engine');
      return { list: newestFirst([memory], limit), partial: true };
    }
  }

  #keep(transitions: readonly Transition[]): void {
    const oldest = this.#options.clock.now() - MEMORY_MS;
    for (const transition of transitions) {
      const list = this.#recent.get(transition.tenant) ?? [];
      list.push(transition);
      // Oldest first: they come nearly so.
      for (let i = list.length - 1; i > 0 && list[i - 1].at > transition.at; i--)
        [list[i - 1], list[i]] = [transition, list[i - 1]];
      const surplus = Math.max(
        list.length - MAX_IN_MEMORY,
        list.findIndex((t) => t.at >= oldest),
      );
      if (surplus > 0) list.splice(0, surplus);
      this.#recent.set(transition.tenant, list);
    }
  }

  async #read(
    tenantName: string,
    { since, limit, service, name }: Parameters<BreakerHistory['transitions']>[1],
  ): Promise<Transition[]> {
    const ofService = service === undefined ? sql`` : sql`AND service = ${service}`;
    const ofName = name === undefined ? sql`` : sql`AND name = ${name}`;
    const statement = sql`SELECT service, name, instance, upstream, toFloat64(toUnixTimestamp64Milli(ts)) AS at, from_state, to_state,
        reason, requests, successes, failures, run_of_failures
      FROM ${table(breakerTransitions)} WHERE tenant = ${tenant} AND ts >= ${dateTime64(since)} ${ofService} ${ofName}
      ORDER BY ts DESC LIMIT ${limit}`;
    const block = await this.#options.engine.query(statement, {
      purpose: 'breakers.history',
      tenant: tenantName,
    });
    const text = (column: string): readonly string[] => block.strings(column);
    const [names, instances, upstreams, reasons] = [
      text('name'),
      text('instance'),
      text('upstream'),
      text('reason'),
    ];
    const [from, to] = [text('from_state'), text('to_state')];
    const number = (column: string): Float64Array => block.numbers(column);
    const [at, requests, successes] = [number('at'), number('requests'), number('successes')];
    const [failures, runs] = [number('failures'), number('run_of_failures')];
    return text('service').map((owner, i) => ({
      tenant: tenantName,
      service: owner,
      name: names[i],
      instance: instances[i],
      upstream: upstreams[i],
      at: at[i],
      from: stateOf(from[i]),
      to: stateOf(to[i]),
      reason: reasons[i],
      counts: countsOf(requests[i], successes[i], failures[i], runs[i]),
    }));
  }
}

function countsOf(requests: number, successes: number, failures: number, run: number): Transition['counts'] {
  return {
    requests,
    total_successes: successes,
    total_failures: failures,
    consecutive_successes: 0,
    consecutive_failures: run,
  };
}

/** Each transition once. */
function newestFirst(lists: readonly (readonly Transition[])[], limit: number): Transition[] {
  const identity = (t: Transition): string => [t.service, t.name, t.instance, t.at, t.to].join('\u0000');
  const once = new Map(lists.flat().map((t) => [identity(t), t]));
  return [...once.values()].sort((a, b) => b.at - a.at).slice(0, limit);
}

function stateOf(text: string): State {
  return STATES.find((known) => known === text) ?? 'CLOSED';
}

/** One frame per tenant and day. */
function framesOf(transitions: readonly Transition[]): Frame[] {
  const groups = new Map<string, Transition[]>();
  for (const t of transitions) {
    const key = `${Math.floor(t.at / DAY_MS)}\u0000${t.tenant}`;
    const group = groups.get(key);
    if (group === undefined) groups.set(key, [t]);
    else group.push(t);
  }
  return Array.from(groups.values(), (group) => {
    const writer = new RowBinaryWriter(1024);
    for (const t of group) writeRow(writer, t);
    const { rows, payload } = writer.take();
    return {
      table: breakerTransitions.name,
      schemaVersion: schemaVersionOf(breakerTransitions),
      tenant: group[0].tenant,
      day: Math.floor(group[0].at / DAY_MS),
      rows,
      payload,
    };
  });
}

function writeRow(writer: RowBinaryWriter, t: Transition): void {
  for (const text of [t.tenant, t.service, t.name, t.instance, t.upstream]) writer.string(text);
  writer.dateTime64(t.at);
  for (const text of [t.from, t.to, t.reason]) writer.string(text);
  const { requests, total_successes, total_failures, consecutive_failures } = t.counts;
  for (const count of [requests, total_successes, total_failures, consecutive_failures])
    writer.uint32(Math.min(count, MAX_UINT32));
  writer.endRow();
}

/** The rows that {@link framesOf} wrote. */
function transitionsOf(frame: Frame): Transition[] {
  const reader = new RowBinaryReader(frame.payload);
  return Array.from({ length: frame.rows }, () => {
    const [tenantName, service, name] = [reader.string(), reader.string(), reader.string()];
    const [instance, upstream] = [reader.string(), reader.string()];
    const at = reader.dateTime64();
    const [from, to] = [stateOf(reader.string()), stateOf(reader.string())];
    const reason = reader.string();
    const counts = countsOf(reader.uint32(), reader.uint32(), reader.uint32(), reader.uint32());
    return { tenant: tenantName, service, name, instance, upstream, at, from, to, reason, counts };
  });
}
