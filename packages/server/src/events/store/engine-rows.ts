import {
  type ColumnBlock,
  type Engine,
  type Sql,
  sql,
  table,
  tenant as tenantHole,
} from '../../engine/index.ts';
import { DECISIONS, STATUSES } from '../event.ts';
import { eventsTable } from '../tables.ts';
import type { StoredEvent } from './stored-event.ts';

export interface RowQuery {
  readonly tenant: string;
  /** Conditions after the tenant's, each led by AND. */
  readonly where: Sql;
  /** What follows them: order and limit. */
  readonly rest: Sql;
  readonly purpose: string;
  readonly signal?: AbortSignal | undefined;
}

/** Events as the engine has them. Lists cross as JSON: of few rows, their decoding is nothing. */
export async function engineRows(
  engine: Pick<Engine, 'query'>,
  query: RowQuery,
): Promise<readonly StoredEvent[]> {
  const block = await engine.query(
    sql`SELECT seq, toFloat64(toUnixTimestamp64Milli(ts)) AS at, toFloat64(toUnixTimestamp64Milli(received)) AS got, id, given, toString(source) AS src, toString(event_type) AS kind,
        status, score, decision, reasoning, toJSONString(rules) AS rule_names, issues, suggestions, data, metadata, rule_version,
        toJSONString(base_names) AS names, toJSONString(base_values) AS vals, toJSONString(base_counts) AS counts,
        toJSONString(base_means) AS means, toJSONString(base_variances) AS variances, toJSONString(base_fasts) AS fasts,
        toString(shape) AS shape_text, shape_events, shape_seen, shape_kinds, shape_differs
      FROM ${table(eventsTable)} WHERE tenant = ${tenantHole} ${query.where} ${query.rest}`,
    {
      purpose: query.purpose,
      tenant: query.tenant,
      ...(query.signal !== undefined && { signal: query.signal }),
    },
  );
  return block.rows === 0 ? [] : Array.from({ length: block.rows }, (_, row) => rowOf(block, row));
}

function rowOf(block: ColumnBlock, row: number): StoredEvent {
  const text = (name: string): string => block.strings(name)[row] ?? '';
  const number = (name: string): number => block.numbers(name)[row] ?? 0;
  return {
    seq: number('seq'),
    at: number('at'),
    received: number('got'),
    id: text('id'),
    given: number('given') === 1,
    source: text('src'),
    eventType: text('kind'),
    status: STATUSES[number('status')] ?? 'NORMAL',
    score: number('score'),
    decision: DECISIONS[number('decision')] ?? 'CONTINUE',
    reasoning: text('reasoning'),
    rules: textsOf(text('rule_names')),
    issues: text('issues'),
    suggestions: text('suggestions'),
    data: text('data'),
    metadata: text('metadata'),
    ruleVersion: number('rule_version'),
    baseline: {
      names: textsOf(text('names')),
      values: numbersOf(text('vals')),
      counts: numbersOf(text('counts')),
      means: numbersOf(text('means')),
      variances: numbersOf(text('variances')),
      fasts: numbersOf(text('fasts')),
      shape: text('shape_text'),
      shapeEvents: number('shape_events'),
      shapeSeen: number('shape_seen'),
      shapeKinds: number('shape_kinds'),
      shapeDiffers: text('shape_differs'),
    },
  };
}

/** JSON that the engine wrote of a list of texts. */
function textsOf(json: string): readonly string[] {
  const list: unknown = JSON.parse(json);
  return Array.isArray(list) ? list.filter((item) => typeof item === 'string') : [];
}

function numbersOf(json: string): readonly number[] {
  const list: unknown = JSON.parse(json);
  return Array.isArray(list) ? list.map(Number) : [];
}
