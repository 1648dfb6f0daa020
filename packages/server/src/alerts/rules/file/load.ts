import { readFile } from 'node:fs/promises';
import type { ParserOptions } from '@pharos/promql';
import { RULE_LANGUAGES, type RuleGroup, type RuleLanguage } from '../definition.ts';
import { filesMatching } from './glob.ts';
import { parseRuleFile, type RuleFileOptions } from './parse.ts';
import { type RuleProblem, ruleProblemLine } from './problem.ts';

/** What the rule files of a configuration say, all of them together. */
export type LoadedRules =
  | {
      readonly ok: true;
      readonly groups: readonly RuleGroup[];
      /** Patterns that name no file now; Prometheus takes them silently. */
      readonly unmatched: readonly string[];
    }
  | { readonly ok: false; readonly problems: readonly string[] };

/** Patterns of rule files by the language of those groups that do not say. */
export type RuleFilePatterns = Readonly<Partial<Record<RuleLanguage, readonly string[]>>>;

/** Larger files are refused, in bytes. */
const MOST_BYTES = 64 * 2 ** 20;

/** Reads every rule file. One that is broken refuses all: rules of half a configuration would alert on half of it. */
export async function loadRules(
  patterns: RuleFilePatterns,
  parser: ParserOptions,
  breathe: () => Promise<void>,
): Promise<LoadedRules> {
  const { files, unmatched, problems } = await filesOf(patterns);
  const groups: RuleGroup[] = [];
  for (const [file, language] of files) {
    const result = await loadFile(file, { language, parser });
    if (result.ok) groups.push(...result.groups);
    else problems.push(...result.problems);
    await breathe();
  }
  return problems.length === 0
    ? { ok: true, groups, unmatched }
    : { ok: false, problems: problems.map(ruleProblemLine) };
}

interface FoundFiles {
  /** With the language of the list that names it. */
  readonly files: ReadonlyMap<string, RuleLanguage>;
  readonly unmatched: readonly string[];
  readonly problems: RuleProblem[];
}

async function filesOf(patterns: RuleFilePatterns): Promise<FoundFiles> {
  const files = new Map<string, RuleLanguage>();
  const unmatched: string[] = [];
  const problems: RuleProblem[] = [];
  for (const language of RULE_LANGUAGES)
    for (const pattern of patterns[language] ?? []) {
      const found = await filesMatching(pattern);
      if (found.length === 0) unmatched.push(pattern);
      for (const file of found) {
        const known = files.get(file) ?? language;
        if (known !== language)
          problems.push({
            file,
            reason: 'rule_files and log_rule_files both name it: its language is not clear',
          });
        files.set(file, known);
      }
    }
  return { files, unmatched, problems };
}

/** Checks one file with all of PromQL allowed: how many rules it has, or what is wrong with it. */
export async function checkRuleFile(
  file: string,
  language: RuleLanguage = 'promql',
): Promise<
  { readonly ok: true; readonly rules: number } | { readonly ok: false; readonly problems: readonly string[] }
> {
  const result = await loadFile(file, { language, parser: EVERYTHING });
  if (!result.ok) return { ok: false, problems: result.problems.map(ruleProblemLine) };
  return { ok: true, rules: result.groups.reduce((sum, { rules }) => sum + rules.length, 0) };
}

/** Where no configuration says what is allowed. */
export const EVERYTHING: ParserOptions = {
  experimentalFunctions: true,
  durationExpressions: true,
  extendedRangeSelectors: true,
  fillModifiers: true,
  trimOperators: true,
};

async function loadFile(file: string, options: RuleFileOptions): Promise<ReturnType<typeof parseRuleFile>> {
  try {
    const bytes = await readFile(file);
    if (bytes.length > MOST_BYTES)
      return { ok: false, problems: [{ file, reason: `larger than ${MOST_BYTES} bytes` }] };
    return parseRuleFile(file, bytes.toString('utf8'), options);
  } catch (error) {
    const reason = error instanceof Error ? error.message : String(error);
    return { ok: false, problems: [{ file, reason }] };
  }
}
