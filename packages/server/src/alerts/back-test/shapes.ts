import { formatValue } from '@pharos/promql';
import { z } from 'zod';
import { instant, windowParam } from '../../http/times.ts';
import { RULE_LANGUAGES } from '../rules/definition.ts';
import { drawableOf } from '../rules/drawable.ts';
import { listenersOf, type Told } from './audience.ts';
import type { BackTest } from './back-test.ts';
import type { Change } from './compare.ts';
import type { Preview } from './preview.ts';
import { isFiring, type Spell } from './spell.ts';
import { type ReadRule, writtenRule } from './written-rule.ts';

const texts = z.record(z.string(), z.string());
const USUAL_SHOWN = 500;
const MOST_SHOWN = 5000;

export const question = z.strictObject({
  rule: writtenRule,
  window: windowParam('24h'),
  end: instant.optional().describe('Where the time ends that is looked at; now when absent.'),
  against: z
    .union([z.strictObject({ id: z.string().max(64) }), writtenRule])
    .optional()
    .describe(
      'Another version to compare with: a rule that is in force, by its id, or one as it is written.',
    ),
  limit: z
    .number()
    .int()
    .min(0)
    .max(MOST_SHOWN)
    .default(USUAL_SHOWN)
    .describe('Most firings, times it was only pending, messages and changes, each.'),
});

const told = z.object({ at: z.number(), receiver: z.string(), person: z.string().nullable() });
const spell = z.object({
  labels: texts,
  annotations: texts.describe('As they were when it fired; of the first thousand.'),
  pending_from: z.number().describe('Epoch ms: since when the condition held.'),
  firing_from: z.number().nullable(),
  until: z.number().nullable().describe('Null: it still holds at the end.'),
  cut: z.boolean().describe('It held at the first evaluation that was looked at, and may have begun before.'),
  value: z.string().describe('When it fired, or began.'),
  peak: z.string().describe('The value farthest beyond the limit.'),
  told: z.array(told).describe('Who is told of it, each with the first time.'),
  held: z.string().nullable().describe('Why nobody is.'),
});
const result = z.object({
  interval_ms: z.number(),
  data_from: z
    .number()
    .nullable()
    .describe(
      'Epoch ms: before it nothing is stored of what the expression reads, as far as can be told; null where nothing is in this time.',
    ),
  covered_ms: z.number().describe('So much of the time there is anything to test it on.'),
  evaluations: z.number(),
  failed: z.object({
    count: z.number(),
    first: z.object({ at: z.number(), reason: z.string() }).nullable(),
  }),
  totals: z.object({
    firings: z.number(),
    alerts: z.number().describe('Different ones that fired.'),
    firing_ms: z.number().describe('For so long at least one fired.'),
    longest_ms: z.number(),
    median_ms: z.number(),
    flaps: z.number().describe('Firings that began at most 15 minutes after the last one of the same alert.'),
    only_pending: z.number(),
    most: z.number().describe('Most that fired at once.'),
    notices: z.number().describe('Messages that say that something fires.'),
  }),
  firings: z.array(spell).describe('The newest, in the order of time.'),
  pending: z.array(spell).describe('Times for which it held, but not for long enough; the newest.'),
  listeners: z.array(
    z.object({
      receiver: z.string(),
      person: z.string().nullable(),
      notices: z.number(),
      firing: z.number().describe('Those that say that something fires.'),
    }),
  ),
  notices: z.array(
    told.extend({ reason: z.string(), firing: z.number(), resolved: z.number(), group: texts }),
  ),
  warnings: z.array(z.string()),
  chart: z.object({
    query: z.string(),
    threshold: z.object({ op: z.enum(['==', '!=', '>', '<', '>=', '<=']), value: z.number() }).nullable(),
    language: z.enum(RULE_LANGUAGES),
  }),
});
const change = z.object({
  kind: z.enum(['added', 'removed', 'shifted']),
  labels: texts,
  before: z.object({ from: z.number(), until: z.number().nullable() }).nullable(),
  after: z.object({ from: z.number(), until: z.number().nullable() }).nullable(),
});
export const answer = result.extend({
  start: z.number(),
  end: z.number(),
  compared: z
    .object({
      against: result.describe('What the other version would have done.'),
      counts: z.object({ added: z.number(), removed: z.number(), shifted: z.number(), same: z.number() }),
      changes: z.array(change),
    })
    .nullable(),
});

export const previewQuestion = z.strictObject({ rule: writtenRule });
export const previewAnswer = z.object({
  holding: z.number().describe('Series whose condition holds now.'),
  alerts: z
    .array(z.object({ labels: texts, annotations: texts, value: z.string(), receivers: z.array(z.string()) }))
    .describe('The first of them as they would be told of; where none holds, of those that are compared.'),
  interval_ms: z.number(),
  chart: result.shape.chart,
});

type Shown = z.output<typeof spell>;

/** What a back-test found, as the API says it. */
export function resultJson(
  test: BackTest,
  { rule }: ReadRule,
  { limit, end }: { readonly limit: number; readonly end: number },
): z.output<typeof result> {
  const { spells, totals, evaluations, audience, dataFrom } = test;
  const newest = (some: readonly Spell[]): Shown[] =>
    lastOf(byBegin(some), limit).map((one) => spellJson(one, test));
  return {
    interval_ms: test.intervalMs,
    data_from: dataFrom,
    covered_ms: dataFrom === null ? 0 : end - dataFrom,
    evaluations: evaluations.evaluations,
    failed: evaluations.failed,
    totals: {
      firings: totals.firings,
      alerts: totals.alerts,
      firing_ms: totals.firingMs,
      longest_ms: totals.longestMs,
      median_ms: totals.medianMs,
      flaps: totals.flaps,
      only_pending: totals.onlyPending,
      most: totals.most,
      notices: audience.notices.filter(({ firing }) => firing > 0).length,
    },
    firings: newest(spells.filter(isFiring)),
    pending: newest(spells.filter((one) => !isFiring(one))),
    listeners: [...listenersOf(audience.notices)],
    notices: lastOf(audience.notices, limit).map(({ group, ...one }) => ({
      ...one,
      group: Object.fromEntries(group),
    })),
    warnings: [...test.warnings, ...cutWarning(audience.cutAt)],
    chart: chartOf(rule),
  };
}

function chartOf({ parsed }: ReadRule['rule']): z.output<typeof result>['chart'] {
  return { ...drawableOf(parsed), language: parsed.language };
}

export function previewJson({ holding, alerts }: Preview, { rule }: ReadRule, intervalMs: number) {
  return {
    holding,
    alerts: alerts.map(({ labels, annotations, value, receivers }) => ({
      labels: { ...labels },
      annotations: Object.fromEntries(annotations),
      value: formatValue(value),
      receivers: [...receivers],
    })),
    interval_ms: intervalMs,
    chart: chartOf(rule),
  };
}

function cutWarning(cutAt: number | null): readonly string[] {
  return cutAt === null
    ? []
    : [
        `It would send so many messages that who is told is followed until ${new Date(cutAt).toISOString()} only.`,
      ];
}

function spellJson(one: Spell, { audience }: BackTest): Shown {
  const told: readonly Told[] = isFiring(one) ? (audience.told.get(one) ?? []) : [];
  return {
    labels: one.labels.toRecord(),
    annotations: Object.fromEntries(one.annotations),
    pending_from: one.activeAt,
    firing_from: one.firedAt,
    until: one.endedAt,
    cut: one.isCut,
    value: formatValue(one.value),
    peak: formatValue(one.peak),
    told: [...told],
    held: isFiring(one) ? (audience.held.get(one) ?? null) : null,
  };
}

function byBegin(spells: readonly Spell[]): readonly Spell[] {
  const begin = ({ firedAt, activeAt }: Spell): number => firedAt ?? activeAt;
  return spells.toSorted((a, b) => begin(a) - begin(b));
}

function lastOf<T>(all: readonly T[], count: number): readonly T[] {
  return count === 0 ? [] : all.slice(-count);
}

/** The changes between two versions, the same firings counted only. */
export function changesJson(changes: readonly Change[], limit: number) {
  const counts = { added: 0, removed: 0, shifted: 0, same: 0 };
  for (const { kind } of changes) counts[kind]++;
  const other = changes.flatMap((one) => (one.kind === 'same' ? [] : [one]));
  return { counts, changes: lastOf(other, limit).map(changeJson) };
}

function changeJson(one: Exclude<Change, { readonly kind: 'same' }>): z.output<typeof change> {
  const before = one.kind === 'added' ? null : one.before;
  const after = one.kind === 'removed' ? null : one.after;
  const times = (of: typeof before) => (of === null ? null : { from: of.firedAt, until: of.endedAt });
  return {
    kind: one.kind,
    labels: (after ?? before)?.labels.toRecord() ?? {},
    before: times(before),
    after: times(after),
  };
}

export type Question = z.output<typeof question>;
