import type { ParserOptions } from '@pharos/promql';
import { z } from 'zod';
import type { PharosError } from '../../kernel/errors.ts';
import { alertErrors } from '../errors.ts';
import { type AlertingRule, RULE_LANGUAGES, type RuleGroup } from '../rules/definition.ts';
import { parseRuleFile } from '../rules/file/parse.ts';

const text = (most: number) => z.string().max(most);
const texts = z
  .record(text(256), text(10_000))
  .refine((all) => Object.keys(all).length <= 64, { message: 'expected at most 64 of them' });

/** An alerting rule as its author writes it, with the names of Prometheus' rule files. */
export const writtenRule = z.strictObject({
  alert: text(256).describe('What its alerts are called.'),
  expr: text(20_000).describe('An alert for each element of its answer.'),
  language: z
    .enum(RULE_LANGUAGES)
    .default('promql')
    .describe('Of the expression: `promql` asks of series, `logql` of log lines.'),
  for: text(40)
    .default('')
    .describe('How long it must hold before it fires, such as 5m; at once when empty.'),
  keep_firing_for: text(40).default('').describe('How long it goes on after it held last.'),
  labels: texts.default({}).describe('Added to those of the answer; templates.'),
  annotations: texts.default({}).describe('Texts for who is told; templates.'),
  interval: text(40).default('').describe('Between evaluations; `global.evaluation_interval` when empty.'),
  limit: z.number().int().min(0).max(1_000_000).default(0).describe('Most alerts at once; 0 for no limit.'),
});
export type WrittenRule = z.output<typeof writtenRule>;

/** Something that keeps a rule from being taken. */
export interface FieldProblem {
  /** `expr`, `labels.severity` ... */
  readonly field: string;
  readonly problem: string;
}

/** A rule that is a group of its own. */
export interface ReadRule {
  readonly rule: AlertingRule;
  readonly group: RuleGroup;
}

export type ReadRuleResult =
  | ({ readonly ok: true } & ReadRule)
  | { readonly ok: false; readonly problems: readonly FieldProblem[] };

/** Reads a rule as it would be read from a rule file, and says of each field what is wrong with it. */
export function readRule(written: WrittenRule, file: string, parser: ParserOptions): ReadRuleResult {
  if (written.alert === '') return { ok: false, problems: [{ field: 'alert', problem: 'it needs a name' }] };
  // YAML's own word, which other readers of the file would take for it.
  for (const field of ['labels', 'annotations'] as const)
    if (Object.hasOwn(written[field], '<<'))
      return {
        ok: false,
        problems: [{ field: `${field}.<<`, problem: 'nothing can be called so in a rule file' }],
      };
  const lines = linesOf(written);
  const parsed = parseRuleFile(file, lines.map(({ line }) => line).join('\n'), { parser });
  if (!parsed.ok)
    return {
      ok: false,
      problems: parsed.problems.map(({ line, reason }) => ({
        field: lines[(line ?? 1) - 1]?.field ?? 'alert',
        problem: reason,
      })),
    };
  const [group] = parsed.groups;
  const [rule] = group?.rules ?? [];
  if (group === undefined || rule?.kind !== 'alerting')
    return { ok: false, problems: [{ field: 'alert', problem: 'it is no alerting rule' }] };
  return { ok: true, group, rule };
}

/** What is wrong, as an error whose details name the fields. */
export function ruleRefusal(problems: readonly FieldProblem[]): PharosError {
  const message = problems.map(({ field, problem }) => `${field}: ${problem}`).join('; ');
  return alertErrors.make('rule', message, { details: { problems } });
}

interface Line {
  readonly line: string;
  readonly field: string;
}

/** A rule file with one value on each line, so that the line of a problem tells its field. */
function linesOf({
  alert,
  expr,
  labels,
  annotations,
  language,
  interval,
  limit,
  ...times
}: WrittenRule): readonly Line[] {
  const line = (indent: number, key: string, value: string | number, field: string): Line => ({
    line: `${' '.repeat(indent)}${key}: ${JSON.stringify(value)}`,
    field,
  });
  const mapping = (name: string, all: Readonly<Record<string, string>>): readonly Line[] => {
    const entries = Object.entries(all);
    if (entries.length === 0) return [];
    return [
      { line: `    ${name}:`, field: name },
      ...entries.map(([key, value]) => line(6, JSON.stringify(key), value, `${name}.${key}`)),
    ];
  };
  return [
    { line: 'groups:', field: 'alert' },
    line(0, '- name', alert, 'alert'),
    line(2, 'language', language, 'language'),
    ...(interval === '' ? [] : [line(2, 'interval', interval, 'interval')]),
    ...(limit === 0 ? [] : [line(2, 'limit', limit, 'limit')]),
    { line: '  rules:', field: 'alert' },
    line(2, '- alert', alert, 'alert'),
    line(4, 'expr', expr, 'expr'),
    ...(times.for === '' ? [] : [line(4, 'for', times.for, 'for')]),
    ...(times.keep_firing_for === ''
      ? []
      : [line(4, 'keep_firing_for', times.keep_firing_for, 'keep_firing_for')]),
    ...mapping('labels', labels),
    ...mapping('annotations', annotations),
  ];
}
