import type { LabelFilter } from '@pharos/logql';
import type { Labels, Matcher } from '@pharos/promql';
import { inList, join, MAX_LIST, type Sql, sql, uint64 } from '../../engine/index.ts';
import { type Conditions, isPortable, isWellFormed, NEVER } from './line-conditions.ts';

/** The structured metadata that every line has: its level, whatever it was sent as (compat LP-4). */
export const LEVEL_LABEL = 'detected_level';

/** Ids that still fit a statement. */
const MOST_IDS = 10 * MAX_LIST;

/** `stream` is one of these; null when they are too many to be named. */
function streamCondition(ids: readonly bigint[]): Sql | null {
  if (ids.length > MOST_IDS) return null;
  if (ids.length === 1 && ids[0] !== undefined) return sql`stream = ${uint64(ids[0])}`;
  const lists: Sql[] = [];
  for (let at = 0; at < ids.length; at += MAX_LIST)
    lists.push(sql`stream IN ${inList(ids.slice(at, at + MAX_LIST))}`);
  return lists.length === 0 ? NEVER : sql`(${join(lists, ' OR ')})`;
}

/**
 * What the engine can tell of some streams and of label filters on text. A label of the stream decides by itself, whatever the metadata says: streams that
 * differ in which labels they have are asked for apart. `all`: there are no other streams, so that they need no naming.
 */
export function labelConditions(
  filters: readonly LabelFilter[],
  streams: ReadonlyMap<bigint, Labels>,
  all: boolean,
): Conditions {
  if (streams.size === 0) return { sql: [NEVER], exact: true };
  const leaves = filters.flatMap(leavesOf);
  const classes = new Map<string, { readonly labels: Labels; readonly ids: bigint[] }>();
  for (const [id, labels] of streams) {
    const key = leaves
      .map((matcher) =>
        labels.has(matcher.name) ? (matcher.matches(labels.get(matcher.name)) ? '1' : '0') : '?',
      )
      .join('');
    const known = classes.get(key);
    if (known === undefined) classes.set(key, { labels, ids: [id] });
    else known.ids.push(id);
  }
  const parts: Sql[] = [];
  let exact = true;
  for (const { labels, ids: members } of classes.values()) {
    const verdicts = filters.map((filter) => verdictOf(filter, labels));
    if (verdicts.some((verdict) => verdict.value === false)) continue;
    exact &&= verdicts.every((verdict) => verdict.exact);
    const own = verdicts.flatMap(({ test }) => (test === undefined ? [] : [test]));
    const named = all && classes.size === 1 ? sql`1 = 1` : streamCondition(members);
    // Too many to be named: nothing is said of them, which is true of more lines than these.
    exact &&= named !== null;
    parts.push(join([named ?? sql`1 = 1`, ...own], ' AND '));
  }
  const [only] = parts;
  if (parts.length === 0 || only === undefined) return { sql: [NEVER], exact: true };
  return { sql: parts.length === 1 ? [only] : [sql`(${join(parts, ' OR ')})`], exact };
}

function leavesOf(filter: LabelFilter): readonly Matcher[] {
  if (filter.kind === 'and' || filter.kind === 'or')
    return [...leavesOf(filter.left), ...leavesOf(filter.right)];
  return filter.kind === 'string' ? [filter.matcher] : [];
}

/** What a filter says of a class of streams: decided, or a test of the line's row. Without either it may be anything. */
interface Verdict {
  readonly value?: boolean;
  readonly test?: Sql;
  readonly exact: boolean;
}

const UNKNOWN: Verdict = { exact: false };

function verdictOf(filter: LabelFilter, labels: Labels): Verdict {
  if (filter.kind === 'string') return matcherVerdict(filter.matcher, labels);
  if (filter.kind !== 'and' && filter.kind !== 'or') return UNKNOWN;
  const left = verdictOf(filter.left, labels);
  const right = verdictOf(filter.right, labels);
  const decides = filter.kind === 'or';
  if (left.value === decides || right.value === decides) return { value: decides, exact: true };
  if (left.value !== undefined) return right;
  if (right.value !== undefined) return left;
  const exact = left.exact && right.exact;
  if (filter.kind === 'and') {
    const tests = [left.test, right.test].filter((test) => test !== undefined);
    return tests.length === 0 ? UNKNOWN : { test: sql`(${join(tests, ' AND ')})`, exact };
  }
  if (left.test === undefined || right.test === undefined) return UNKNOWN;
  return { test: sql`(${join([left.test, right.test], ' OR ')})`, exact };
}

function matcherVerdict(matcher: Matcher, labels: Labels): Verdict {
  const { name, op, value, literals } = matcher;
  if (labels.has(name)) return { value: matcher.matches(labels.get(name)), exact: true };
  if (!isWellFormed(name) || !isWellFormed(value)) return UNKNOWN;
  const stored = name === LEVEL_LABEL ? sql`level` : sql`metadata[${name}]`;
  if (op === '=' || op === '!=') {
    if (op === '!=') return { test: sql`${stored} != ${value}`, exact: true };
    return { test: sql`(${equals(name, stored, value)})`, exact: true };
  }
  if (literals !== undefined && literals.length <= MAX_LIST)
    return { test: sql`${stored} IN ${inList([...literals])}`, exact: true };
  // A pattern is matched as a whole, and `.` is any character.
  if (!isPortable(value)) return UNKNOWN;
  const flags = value.startsWith('(?i)') ? 'is' : 's';
  const pattern = `(?${flags})^(?:${value.replace(/^\(\?i\)/, '')})$`;
  const test = sql`match(${stored}, ${pattern})`;
  return { test: op === '=~' ? test : sql`NOT (${test})`, exact: true };
}

/** The pair is looked for in the index first: `a=b=c` may be two pairs, so that the value is compared as well. */
function equals(name: string, stored: Sql, value: string): Sql {
  if (name === LEVEL_LABEL || value === '') return sql`${stored} = ${value}`;
  return sql`has(arrayMap((k, v) -> concat(k, '=', v), mapKeys(metadata), mapValues(metadata)), ${`${name}=${value}`}) AND ${stored} = ${value}`;
}
