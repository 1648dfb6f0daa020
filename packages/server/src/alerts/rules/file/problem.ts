/** One thing wrong with a rule file. */
export interface RuleProblem {
  readonly file: string;
  /** From 1; undefined where the file as a whole is meant. */
  readonly line?: number | undefined;
  readonly column?: number | undefined;
  readonly group?: string | undefined;
  /** Which rule of its group, from 1. */
  readonly rule?: number | undefined;
  /** What the rule records or alerts. */
  readonly ruleName?: string | undefined;
  readonly reason: string;
}

/** One line, in Prometheus' form: `rules.yml: 5:7: group "a", rule 1, "Down": could not parse expression: …`. */
export function ruleProblemLine({ file, line, column, group, rule, ruleName, reason }: RuleProblem): string {
  const place = line === undefined ? '' : `${line}:${column ?? 1}: `;
  const where =
    rule === undefined
      ? group === undefined
        ? ''
        : `group ${JSON.stringify(group)}: `
      : `group ${JSON.stringify(group ?? '')}, rule ${rule}, ${JSON.stringify(ruleName ?? '')}: `;
  return `${file}: ${place}${where}${reason}`;
}
