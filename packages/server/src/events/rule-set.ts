import { textSeed } from '../kernel/identities.ts';
import type { JudgedEvent } from './event.ts';
import type { Baseline } from './history/baseline.ts';
import { builtInRules, type RuleLimits } from './rules/built-in.ts';
import type { Rule } from './rules/types.ts';
import { compileRule, type UserRule } from './user-rules/user-rule.ts';
import { type Bands, type Finding, type Verdict, verdictOf } from './verdict.ts';

/** Rises when a built-in rule finds something else than before. */
const BUILT_IN_VERSION = 1;
const MOST_FINDINGS = 30;

export interface RuleSettings extends RuleLimits {
  readonly bands: Bands;
}

/** Rules that judge together. */
export class RuleSet {
  readonly rules: readonly Rule[];
  /** The same for the same rules, limits and bands, whatever process made the set. */
  readonly version: number;
  readonly #bands: Bands;

  /** Users' rules come after the built-in ones, in order of their names. `failed` hears of rules whose steps are used up. */
  constructor(settings: RuleSettings, userRules: readonly UserRule[], failed?: (name: string) => void) {
    const enabled = userRules
      .filter((rule) => rule.enabled)
      .sort((a, b) => (a.name < b.name ? -1 : a.name > b.name ? 1 : 0));
    const { limits, approach, anomaly, bands } = settings;
    this.#bands = bands;
    this.rules = [...builtInRules(settings), ...enabled.map((rule) => compileRule(rule, failed))];
    this.version =
      textSeed(JSON.stringify([BUILT_IN_VERSION, limits, approach, anomaly, bands, enabled])) >>> 0;
  }

  /** The same event, baseline and version give the same verdict. */
  judge(event: JudgedEvent, baseline: Baseline): Verdict {
    const findings: Finding[] = [];
    for (const rule of this.rules) rule.check(event, baseline, findings);
    return verdictOf(
      findings.length > MOST_FINDINGS ? findings.slice(0, MOST_FINDINGS) : findings,
      this.#bands,
    );
  }
}
