import { z } from 'zod';
import type { StateKind, StateStore, StateWrite } from '../../journal/index.ts';
import { labelSet } from '../labels/label-set.ts';
import type { LogEntry, LogKey, ReceiverMemo } from '../pipeline/notification-log.ts';
import { alertOf, type FlushedAlert } from '../received/alert.ts';
import { alertFields, storedAlertFields } from '../received/stored.ts';
import type { Doubt, OutboxItem } from './item.ts';
import { itemKey } from './lanes.ts';

/** What is asked of the StateStore to read. */
export type StateReader = Pick<StateStore, 'get' | 'list'>;

const key = { group: z.string(), receiver: z.string(), integration: z.string() };

/** What changes with every attempt, and is small. */
const itemSchema = z.strictObject({
  ...key,
  id: z.string(),
  route: z.string(),
  groupLabels: z.array(z.tuple([z.string(), z.string()])),
  reason: z.enum(['first', 'new_firing', 'all_resolved', 'new_resolved', 'repeat', 'paged']),
  repeatIntervalMs: z.number(),
  plannedAt: z.number(),
  deadline: z.number(),
  attempts: z.number(),
  phase: z.discriminatedUnion('kind', [
    z.strictObject({ kind: z.literal('waiting'), notBefore: z.number() }),
    z.strictObject({ kind: z.literal('sending'), since: z.number() }),
  ]),
  mayBeDuplicate: z.boolean(),
  done: z.array(z.string()).readonly().optional(),
  parts: z.number().int(),
});

const logSchema = z.strictObject({
  ...key,
  at: z.number(),
  expiresAt: z.number(),
  memo: z.record(z.string(), z.string()).optional(),
  parts: z.number().int(),
});

/** Alerts and fingerprints. A group may have a hundred thousand, a value of the StateStore has an end. */
const partSchema = z.strictObject({
  alerts: z.array(z.strictObject({ ...alertFields, isResolved: z.boolean() })),
  firing: z.array(z.string()),
  resolved: z.array(z.string()),
});

type StoredPart = z.output<typeof partSchema>;

/** Notifications that were decided and not delivered; by `itemKey`. */
const outboxKind: StateKind<z.output<typeof itemSchema>> = {
  name: 'alerts.outbox',
  version: 1,
  schema: itemSchema,
};
/** What each integration knows of each group; by `itemKey`. */
const logKind: StateKind<z.output<typeof logSchema>> = {
  name: 'alerts.notified',
  version: 1,
  schema: logSchema,
};
/** The parts of both; by `partKey`. */
const outboxPartKind: StateKind<StoredPart> = { name: 'alerts.outbox_part', version: 1, schema: partSchema };
const logPartKind: StateKind<StoredPart> = { name: 'alerts.notified_part', version: 1, schema: partSchema };

/** Integrations that may know of what was given up, until they are told for certain; by `itemKey`. */
const doubtKind: StateKind<{ readonly expiresAt: number }> = {
  name: 'alerts.in_doubt',
  version: 1,
  schema: z.strictObject({ expiresAt: z.number() }),
};

/** What stands in parts. */
interface Body {
  readonly alerts: readonly FlushedAlert[];
  readonly firing: readonly string[];
  readonly resolved: readonly string[];
}

/** Characters of JSON in a part: at most three bytes each, and so well below what a value may have. */
const PART_CHARS = 250_000;
/** A fingerprint in quotes, with its comma. */
const NAME_CHARS = 20;

function partsOf({ alerts, firing, resolved }: Body): readonly StoredPart[] {
  const parts: StoredPart[] = [];
  let part: StoredPart = { alerts: [], firing: [], resolved: [] };
  let chars = 0;
  const partFor = (more: number): StoredPart => {
    if (chars > 0 && chars + more > PART_CHARS) {
      parts.push(part);
      part = { alerts: [], firing: [], resolved: [] };
      chars = 0;
    }
    chars += more;
    return part;
  };
  for (const alert of alerts) {
    const stored = { ...storedAlertFields(alert), isResolved: alert.isResolved };
    partFor(JSON.stringify(stored).length).alerts.push(stored);
  }
  for (const fingerprint of firing) partFor(NAME_CHARS).firing.push(fingerprint);
  for (const fingerprint of resolved) partFor(NAME_CHARS).resolved.push(fingerprint);
  return [...parts, part];
}

function partKey(of: string, part: number): string {
  return `${of}#${part}`;
}

/** Puts some parts in the place of others, of which there were so many. */
function partWrites(
  tenant: string,
  of: { readonly kind: StateKind<StoredPart>; readonly key: string },
  parts: readonly StoredPart[],
  before: number,
): readonly StateWrite[] {
  const { kind } = of;
  const puts = parts.map((value, i) => ({ kind, tenant, key: partKey(of.key, i), value }));
  const surplus = Array.from({ length: Math.max(0, before - parts.length) }, (_, i) => parts.length + i);
  return [...puts, ...surplus.map((i) => ({ kind, tenant, key: partKey(of.key, i), value: undefined }))];
}

/** From one state of an item to the next; its parts only where they are others. Null is no item. */
export function itemWrites(
  tenant: string,
  before: OutboxItem | null,
  after: OutboxItem | null,
): readonly StateWrite[] {
  const one = after ?? before;
  if (one === null || after === before) return [];
  const of = { kind: outboxPartKind, key: itemKey(one) };
  const partsBefore = before === null ? 0 : partsOf(before).length;
  if (after === null)
    return [
      { kind: outboxKind, tenant, key: of.key, value: undefined },
      ...partWrites(tenant, of, [], partsBefore),
    ];
  const isSameBody =
    before !== null &&
    before.alerts === after.alerts &&
    before.firing === after.firing &&
    before.resolved === after.resolved;
  const parts = isSameBody ? null : partsOf(after);
  const { alerts: _alerts, firing: _firing, resolved: _resolved, groupLabels, ...head } = after;
  const value = { ...head, groupLabels: [...groupLabels], parts: parts?.length ?? partsBefore };
  return [
    { kind: outboxKind, tenant, key: of.key, value },
    ...(parts === null ? [] : partWrites(tenant, of, parts, partsBefore)),
  ];
}

/** Puts an entry in the place of the one that is there. */
export function logWrites(state: StateReader, tenant: string, entry: LogEntry): readonly StateWrite[] {
  const { firing, resolved, ...head } = entry;
  const of = { kind: logPartKind, key: itemKey(entry) };
  const before = state.get(logKind, tenant, of.key)?.value.parts ?? 0;
  const parts = partsOf({ alerts: [], firing, resolved });
  return [
    { kind: logKind, tenant, key: of.key, value: { ...head, parts: parts.length } },
    ...partWrites(tenant, of, parts, before),
  ];
}

export function doubtWrites(tenant: string, doubt: Doubt): readonly StateWrite[] {
  return [{ kind: doubtKind, tenant, key: itemKey(doubt), value: { expiresAt: doubt.expiresAt } }];
}

/** Once it was told for certain. */
export function settledDoubtWrites(state: StateReader, tenant: string, of: LogKey): readonly StateWrite[] {
  return isInDoubt(state, tenant, of)
    ? [{ kind: doubtKind, tenant, key: itemKey(of), value: undefined }]
    : [];
}

export function isInDoubt(state: StateReader, tenant: string, of: LogKey): boolean {
  return state.get(doubtKind, tenant, itemKey(of)) !== undefined;
}

/** Entries of which nobody needs to know any more, to be removed. */
export function expiredLogWrites(state: StateReader, tenant: string, now: number): readonly StateWrite[] {
  const doubts = state.list(doubtKind, tenant).filter(({ value }) => value.expiresAt <= now);
  const entries = state.list(logKind, tenant).filter(({ value }) => value.expiresAt <= now);
  return [
    ...doubts.map(({ key: ofDoubt }) => ({ kind: doubtKind, tenant, key: ofDoubt, value: undefined })),
    ...entries.flatMap(({ key: entryKey, value }) => [
      { kind: logKind, tenant, key: entryKey, value: undefined },
      ...partWrites(tenant, { kind: logPartKind, key: entryKey }, [], value.parts),
    ]),
  ];
}

function joined(
  state: StateReader,
  tenant: string,
  of: { readonly kind: StateKind<StoredPart>; readonly key: string },
  count: number,
): Body {
  const parts = Array.from(
    { length: count },
    (_, i) => state.get(of.kind, tenant, partKey(of.key, i))?.value,
  );
  const each = parts.flatMap((part) => part ?? []);
  return {
    alerts: each.flatMap(({ alerts }) => alerts.map(flushedAlert)),
    firing: each.flatMap(({ firing }) => firing),
    resolved: each.flatMap(({ resolved }) => resolved),
  };
}

function flushedAlert({
  labels,
  annotations,
  isResolved,
  ...rest
}: StoredPart['alerts'][number]): FlushedAlert {
  return {
    ...alertOf({ ...rest, labels: labelSet(labels), annotations: labelSet(annotations) }),
    isResolved,
  };
}

/** All that was decided and not delivered. */
export function storedItems(state: StateReader, tenant: string): readonly OutboxItem[] {
  return state.list(outboxKind, tenant).map(({ key: ofItem, value: { parts, groupLabels, ...head } }) => ({
    ...head,
    ...joined(state, tenant, { kind: outboxPartKind, key: ofItem }, parts),
    groupLabels: labelSet(groupLabels),
  }));
}

/** What an integration knows of a group; undefined when it was told nothing. */
export function storedLogEntry(state: StateReader, tenant: string, of: LogKey): LogEntry | undefined {
  const ofEntry = itemKey(of);
  const found = state.get(logKind, tenant, ofEntry)?.value;
  if (found === undefined) return undefined;
  const { parts, ...head } = found;
  const { firing, resolved } = joined(state, tenant, { kind: logPartKind, key: ofEntry }, parts);
  return { ...head, firing, resolved };
}

/** The same of what its receiver answered; without reading all that the integration knows. */
export function storedMemo(state: StateReader, tenant: string, of: LogKey): ReceiverMemo | undefined {
  return state.get(logKind, tenant, itemKey(of))?.value.memo;
}
