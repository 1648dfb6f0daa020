import { parse, stringify, YAMLParseError } from 'yaml';
import { z } from 'zod';
import { type WrittenRule, writtenRule } from '../back-test/written-rule.ts';
import { RULE_LANGUAGES } from '../rules/definition.ts';

const HEAD = `# Rules made in Pharos' pages, one in each group. Pharos writes this file anew with every change there; what is changed
# here by hand is read at its next start. Rules of your own files stand in the files that rule_files names.
`;

const duration = z.string().optional();
const texts = z.record(z.string(), z.string()).optional();
const fileSchema = z.strictObject({
  groups: z.array(
    z.strictObject({
      name: z.string(),
      language: z.enum(RULE_LANGUAGES).optional(),
      interval: duration,
      limit: z.number().optional(),
      rules: z.tuple([
        z.strictObject({
          alert: z.string(),
          expr: z.string(),
          for: duration,
          keep_firing_for: duration,
          labels: texts,
          annotations: texts,
        }),
      ]),
    }),
  ),
});

/** The file of some rules, in Prometheus' format; rules over log lines say that they are. */
export function ownFileText(rules: readonly WrittenRule[]): string {
  return HEAD + stringify({ groups: rules.map(groupOf) }, { lineWidth: 0 });
}

function groupOf(rule: WrittenRule): object {
  const { alert, expr, language, interval, limit, labels, annotations, ...times } = rule;
  const given = (name: string, value: string) => (value === '' ? {} : { [name]: value });
  const some = (name: string, value: Readonly<Record<string, string>>) =>
    Object.keys(value).length === 0 ? {} : { [name]: value };
  return {
    name: alert,
    ...(language === 'promql' ? {} : { language }),
    ...given('interval', interval),
    ...(limit === 0 ? {} : { limit }),
    rules: [
      {
        alert,
        expr,
        ...given('for', times.for),
        ...given('keep_firing_for', times.keep_firing_for),
        ...some('labels', labels),
        ...some('annotations', annotations),
      },
    ],
  };
}

export type OwnFile =
  | { readonly ok: true; readonly rules: readonly WrittenRule[] }
  | { readonly ok: false; readonly reason: string };

/** Reads what {@link ownFileText} wrote; says why where it is something else. */
export function readOwnFile(text: string): OwnFile {
  let content: unknown;
  try {
    content = parse(text);
  } catch (error) {
    if (!(error instanceof YAMLParseError)) throw error;
    return { ok: false, reason: error.message };
  }
  const read = fileSchema.safeParse(content ?? { groups: [] });
  if (!read.success) return { ok: false, reason: reasonOf(read.error) };
  const rules: WrittenRule[] = [];
  for (const {
    name,
    language,
    interval,
    limit,
    rules: [rule],
  } of read.data.groups) {
    const written = writtenRule.safeParse({ ...rule, language, interval, limit });
    if (!written.success) return { ok: false, reason: `group "${name}": ${reasonOf(written.error)}` };
    if (rules.some(({ alert }) => alert === rule.alert))
      return { ok: false, reason: `there are two rules "${rule.alert}"` };
    rules.push(written.data);
  }
  return { ok: true, rules };
}

function reasonOf({ issues: [first] }: z.ZodError): string {
  return first === undefined ? 'it cannot be read' : `${first.path.join('.')}: ${first.message}`;
}
