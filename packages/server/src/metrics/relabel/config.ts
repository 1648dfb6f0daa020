import { z } from 'zod';
import { compileAnchored } from './regex.ts';

const RELABEL_ACTIONS = [
  'replace',
  'keep',
  'drop',
  'keepequal',
  'dropequal',
  'hashmod',
  'labelmap',
  'labeldrop',
  'labelkeep',
  'lowercase',
  'uppercase',
] as const;

export type RelabelAction = (typeof RELABEL_ACTIONS)[number];

/** `[a-zA-Z_][a-zA-Z0-9_]*`, or with `$` variables in it, which are expanded before use. */
const TARGET_TEMPLATE = /^(?:(?:[a-zA-Z_]|\$(?:\{\w+\}|\w+))+\w*)+$/;
const NEEDS_TARGET: readonly RelabelAction[] = [
  'replace',
  'hashmod',
  'lowercase',
  'uppercase',
  'keepequal',
  'dropequal',
];
const FIXED_REPLACEMENT: readonly RelabelAction[] = ['lowercase', 'uppercase', 'keepequal', 'dropequal'];

/** YAML writes `regex: 80` and `replacement: 1` as numbers: their text is meant. */
const scalar = z.union([z.string(), z.number(), z.boolean()]).transform(String);

const fields = z.strictObject({
  source_labels: z.array(z.string().min(1)).optional(),
  separator: scalar.optional(),
  regex: scalar
    .refine((source) => compileAnchored(source) !== null, { error: 'is not a valid RE2 pattern' })
    .optional(),
  modulus: z.number().int().nonnegative().optional(),
  target_label: z.string().optional(),
  replacement: scalar.optional(),
  action: z
    .string()
    .transform((text) => text.toLowerCase())
    .pipe(z.enum(RELABEL_ACTIONS))
    .default('replace'),
});

type RelabelFields = z.output<typeof fields>;

/** One `relabel_configs` entry in Prometheus' syntax, with its defaults and its rules between fields. */
export const relabelConfigSchema = fields.superRefine((rule, context) => {
  const problem = ruleProblem(rule);
  if (problem !== null) context.addIssue({ code: 'custom', path: [problem.field], message: problem.message });
});

export type RelabelConfig = z.output<typeof relabelConfigSchema>;

interface RuleProblem {
  readonly field: keyof RelabelFields;
  readonly message: string;
}

function ruleProblem(rule: RelabelFields): RuleProblem | null {
  const { action, target_label: target = '', replacement } = rule;
  if (action === 'hashmod' && (rule.modulus ?? 0) === 0) {
    return { field: 'modulus', message: 'hashmod needs a modulus above 0' };
  }
  if (NEEDS_TARGET.includes(action)) {
    if (target === '') return { field: 'target_label', message: `${action} needs a target_label` };
    if (action === 'replace' && target.includes('$') && !TARGET_TEMPLATE.test(target)) {
      return { field: 'target_label', message: `"${target}" is not a valid target_label for ${action}` };
    }
  }
  if (FIXED_REPLACEMENT.includes(action) && replacement !== undefined && replacement !== '$1') {
    return { field: 'replacement', message: `replacement cannot be set for ${action}` };
  }
  if (action === 'labelmap' && !TARGET_TEMPLATE.test(replacement ?? '$1')) {
    return { field: 'replacement', message: `"${replacement}" is not a valid replacement for labelmap` };
  }
  return extraField(rule);
}

function extraField(rule: RelabelFields): RuleProblem | null {
  const allowed =
    rule.action === 'keepequal' || rule.action === 'dropequal'
      ? ['source_labels', 'target_label']
      : rule.action === 'labeldrop' || rule.action === 'labelkeep'
        ? ['regex']
        : null;
  if (allowed === null) return null;
  const extra = (
    ['source_labels', 'separator', 'regex', 'modulus', 'target_label', 'replacement'] as const
  ).find((field) => rule[field] !== undefined && !allowed.includes(field));
  if (extra === undefined) return null;
  return { field: extra, message: `${rule.action} takes only ${allowed.join(' and ')}` };
}
