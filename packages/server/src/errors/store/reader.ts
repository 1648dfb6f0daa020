import {
  dateTime64,
  type Engine,
  engineErrors,
  inList,
  join,
  type Sql,
  sql,
  table,
  tenant,
} from '../../engine/index.ts';
import type { GroupRegistry } from '../groups/registry.ts';
import type { ErrorType, Severity } from '../kinds.ts';
import { isErrorType, isSeverity } from '../kinds.ts';
import { errorEventsTable } from '../tables.ts';
import { type ErrorChunk, errorOf, type StoredError } from './chunk.ts';

export interface ReaderDeps {
  readonly engine: Engine;
  /** The tenant's errors that are not in the engine yet. */
  readonly pending: (tenant: string) => readonly ErrorChunk[];
  /** Which group an error is in now, and under which ids errors of a group were stored. */
  readonly groups: Pick<GroupRegistry, 'currentId' | 'idsOf'>;
}

/** Which errors; times in epoch ms, both inclusive. */
export interface ErrorQuery {
  readonly tenant: string;
  readonly from: number;
  readonly to: number;
  /** Canonical. */
  readonly services?: readonly string[] | undefined;
  readonly group?: string | undefined;
  readonly types?: readonly ErrorType[] | undefined;
  readonly severities?: readonly Severity[] | undefined;
  readonly traceId?: string | undefined;
  readonly requestId?: string | undefined;
  readonly id?: string | undefined;
}

/** Where a page ended. */
export interface ErrorPlace {
  readonly time: number;
  readonly id: string;
}

export interface ErrorPage {
  /** Newest first. */
  readonly errors: readonly StoredError[];
  readonly more: boolean;
  readonly warnings: readonly string[];
}

/** How many errors of one service, type and severity were in one step of time. */
export interface ErrorCount {
  readonly service: string;
  readonly group: string;
  readonly type: ErrorType;
  readonly severity: Severity;
  /** Epoch ms of the step's start. */
  readonly start: number;
  readonly count: number;
}

const ENGINE_AWAY = 'storage: the engine is not available; only errors of the last moments are here';
const MOST_COUNTS = 200_000;

/** Reads what was stored, with what the engine does not have yet, each error once. */
export class ErrorReader {
  readonly #deps: ReaderDeps;

  constructor(deps: ReaderDeps) {
    this.#deps = deps;
  }

  /** Newest first, from after a place on. */
  async page(query: ErrorQuery, limit: number, after?: ErrorPlace, signal?: AbortSignal): Promise<ErrorPage> {
    const { recent, below } = this.#recent(query);
    const memory = recent.filter(({ event }) => after === undefined || isAfter(event, after));
    const warnings: string[] = [];
    const conditions = this.#conditions(query, below);
    if (after !== undefined) conditions.push(sql`(ts, id) < (${dateTime64(after.time)}, ${after.id})`);
    const stored = await this.#ask(
      sql`SELECT sequence, group_id, body FROM ${table(errorEventsTable)} WHERE ${join(conditions, ' AND ')}
        ORDER BY ts DESC, id DESC LIMIT ${limit + 1}`,
      query,
      'errors.page',
      warnings,
      signal,
    );
    const errors: StoredError[] = [...memory];
    if (stored !== null && stored.rows > 0) {
      const [groups, bodies] = [stored.strings('group_id'), stored.strings('body')];
      for (const [row, sequence] of stored.bigints('sequence').entries()) {
        const group = this.#deps.groups.currentId(query.tenant, groups[row] ?? '');
        const error = errorOf(Number(sequence), group, bodies[row] ?? '');
        if (error !== null) errors.push(error);
      }
    }
    errors.sort((a, b) => b.event.time - a.event.time || (a.event.id < b.event.id ? 1 : -1));
    return { errors: errors.slice(0, limit), more: errors.length > limit, warnings };
  }

  /** Counts by service, group, type and severity in steps of time. */
  async counts(
    query: ErrorQuery,
    stepMs: number,
    signal?: AbortSignal,
  ): Promise<{ readonly counts: readonly ErrorCount[]; readonly warnings: readonly string[] }> {
    const { recent, below } = this.#recent(query);
    const warnings: string[] = [];
    const found = new Map<string, { -readonly [Key in keyof ErrorCount]: ErrorCount[Key] }>();
    const add = (count: ErrorCount): void => {
      const key = `${count.start} ${count.group} ${count.type} ${count.severity} ${count.service}`;
      const known = found.get(key);
      if (known === undefined) found.set(key, { ...count });
      else known.count += count.count;
    };
    for (const { event, group } of recent) {
      const { service, type, severity } = event;
      add({ service, group, type, severity, start: Math.floor(event.time / stepMs) * stepMs, count: 1 });
    }
    const block = await this.#ask(
      sql`SELECT service, group_id, type, severity, intDiv(toUnixTimestamp64Milli(ts), ${stepMs}) AS step, toFloat64(count()) AS many
        FROM ${table(errorEventsTable)} WHERE ${join(this.#conditions(query, below), ' AND ')}
        GROUP BY service, group_id, type, severity, step ORDER BY many DESC LIMIT ${MOST_COUNTS}`,
      query,
      'errors.counts',
      warnings,
      signal,
    );
    if (block !== null && block.rows === MOST_COUNTS)
      warnings.push(
        `there are more than ${MOST_COUNTS} counts: the smallest are left out, narrow the window`,
      );
    if (block !== null && block.rows > 0) {
      const [services, groups] = [block.strings('service'), block.strings('group_id')];
      const [types, severities] = [block.strings('type'), block.strings('severity')];
      const [steps, many] = [block.bigints('step'), block.numbers('many')];
      for (const [row, service] of services.entries()) {
        const [type, severity] = [types[row], severities[row]];
        if (!isErrorType(type) || !isSeverity(severity)) continue;
        add({
          service,
          group: this.#deps.groups.currentId(query.tenant, groups[row] ?? ''),
          type,
          severity,
          start: Number(steps[row]) * stepMs,
          count: many[row] ?? 0,
        });
      }
    }
    return { counts: [...found.values()], warnings };
  }

  /** What memory has, looked at first; the engine is asked only for what became durable before it, so that no error is read twice. */
  #recent(query: ErrorQuery): { readonly recent: readonly StoredError[]; readonly below: number | null } {
    const { groups, pending } = this.#deps;
    const all = pending(query.tenant)
      .flatMap(({ errors }) => errors)
      .map((error) => {
        const group = groups.currentId(query.tenant, error.group);
        return group === error.group ? error : { ...error, group };
      });
    const below = all.reduce<number | null>(
      (least, { sequence }) => (least === null || sequence < least ? sequence : least),
      null,
    );
    return { recent: all.filter((error) => matches(error, query)), below };
  }

  #conditions(query: ErrorQuery, below: number | null): Sql[] {
    const { tenant: of, group } = query;
    return conditionsOf(query, below, group === undefined ? undefined : this.#deps.groups.idsOf(of, group));
  }

  async #ask(
    statement: Sql,
    query: ErrorQuery,
    purpose: string,
    warnings: string[],
    signal: AbortSignal | undefined,
  ) {
    const { engine } = this.#deps;
    try {
      if (engine.state() !== 'ready') throw engineErrors.make('gone', `the engine is ${engine.state()}`);
      return await engine.query(statement, {
        purpose,
        tenant: query.tenant,
        ...(signal !== undefined && { signal }),
      });
    } catch (error) {
      if (!engineErrors.is(error, 'gone') && !engineErrors.is(error, 'retryable')) throw error;
      warnings.push(ENGINE_AWAY);
      return null;
    }
  }
}

function isAfter({ time, id }: { readonly time: number; readonly id: string }, place: ErrorPlace): boolean {
  return time < place.time || (time === place.time && id < place.id);
}

function matches({ event, group }: StoredError, query: ErrorQuery): boolean {
  return (
    event.time >= query.from &&
    event.time <= query.to &&
    (query.services === undefined || query.services.includes(event.service)) &&
    (query.group === undefined || query.group === group) &&
    (query.types === undefined || query.types.includes(event.type)) &&
    (query.severities === undefined || query.severities.includes(event.severity)) &&
    (query.traceId === undefined || query.traceId === event.traceId) &&
    (query.requestId === undefined || query.requestId === event.requestId) &&
    (query.id === undefined || query.id === event.id)
  );
}

function conditionsOf(query: ErrorQuery, below: number | null, groups?: readonly string[]): Sql[] {
  const { from, to, services, types, severities, traceId, requestId, id } = query;
  return [
    sql`tenant = ${tenant}`,
    sql`ts >= ${dateTime64(from)}`,
    sql`ts <= ${dateTime64(to)}`,
    ...(below === null ? [] : [sql`sequence < ${below}`]),
    ...(services === undefined ? [] : [sql`service IN ${inList(services)}`]),
    ...(groups === undefined ? [] : [sql`group_id IN ${inList(groups)}`]),
    ...(types === undefined ? [] : [sql`type IN ${inList(types)}`]),
    ...(severities === undefined ? [] : [sql`severity IN ${inList(severities)}`]),
    ...(traceId === undefined ? [] : [sql`trace_id = ${traceId}`]),
    ...(requestId === undefined ? [] : [sql`request_id = ${requestId}`]),
    ...(id === undefined ? [] : [sql`id = ${id}`]),
  ];
}
