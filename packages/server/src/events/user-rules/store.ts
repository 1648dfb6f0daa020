import { type StateKind, type StateStore, stateErrors } from '../../journal/index.ts';
import { eventsErrors } from '../errors.ts';
import { RuleSet, type RuleSettings } from '../rule-set.ts';
import type { Rule } from '../rules/types.ts';
import { compileRule, type UserRule, userRule } from './user-rule.ts';

const ruleKind: StateKind<UserRule> = { name: 'events.rule', version: 1, schema: userRule };

export interface KeptRule {
  readonly rule: UserRule;
  readonly origin: 'file' | 'api';
  /** Of the API's rules: rises with each change. */
  readonly version: number;
}

export interface UserRulesOptions {
  readonly state: StateStore;
  readonly settings: RuleSettings;
  readonly fileRules: readonly UserRule[];
  readonly mostRules: number;
  readonly failed: (rule: string) => void;
}

/** The rules of each tenant: built-in ones, those of the configuration file, and its own, durable in the StateStore. */
export class UserRules {
  readonly #options: UserRulesOptions;
  readonly #sets = new Map<string, RuleSet>();
  readonly #listeners = new Set<(tenant: string) => void>();

  constructor(options: UserRulesOptions) {
    this.#options = options;
    options.state.onChange(ruleKind, ({ tenant }) => {
      this.#sets.delete(tenant);
      for (const listener of this.#listeners) listener(tenant);
    });
  }

  /** Hears of tenants whose rules have changed. */
  onChange(listener: (tenant: string) => void): void {
    this.#listeners.add(listener);
  }

  /** What judges the events of a tenant now. */
  setOf(tenant: string): RuleSet {
    let set = this.#sets.get(tenant);
    if (set === undefined) {
      const { settings, failed } = this.#options;
      set = new RuleSet(
        settings,
        this.list(tenant).map(({ rule }) => rule),
        failed,
      );
      this.#sets.set(tenant, set);
    }
    return set;
  }

  /** The rules that are there without anybody writing one. */
  builtIn(): readonly Rule[] {
    return new RuleSet(this.#options.settings, []).rules;
  }

  /** Of the file and of the tenant, by name. */
  list(tenant: string): readonly KeptRule[] {
    const { fileRules, state } = this.#options;
    const own = state.list(ruleKind, tenant);
    return [
      ...fileRules.map((rule): KeptRule => ({ rule, origin: 'file', version: 0 })),
      ...own
        .filter(({ value }) => !fileRules.some(({ name }) => name === value.name))
        .map(({ value, version }): KeptRule => ({ rule: value, origin: 'api', version })),
    ].sort((a, b) => (a.rule.name < b.rule.name ? -1 : 1));
  }

  get(tenant: string, name: string): KeptRule {
    const found = this.list(tenant).find(({ rule }) => rule.name === name);
    if (found === undefined) throw eventsErrors.make('unknownRule', `there is no rule "${name}"`);
    return found;
  }

  async create(tenant: string, rule: UserRule): Promise<KeptRule> {
    const all = this.list(tenant);
    if (all.some((kept) => kept.rule.name === rule.name))
      throw eventsErrors.make('ruleExists', `name: there is a rule "${rule.name}" already`);
    const own = all.filter(({ origin }) => origin === 'api').length;
    if (own >= this.#options.mostRules)
      throw eventsErrors.make(
        'tooManyRules',
        `there are ${own} rules, at most ${this.#options.mostRules} may be`,
      );
    return await this.#put(tenant, rule, 'absent');
  }

  /** `expected` is the version the change was made on; without it the last one wins. */
  async change(tenant: string, rule: UserRule, expected: number | undefined): Promise<KeptRule> {
    const present = this.#own(tenant, rule.name);
    if (expected !== undefined && expected !== present.version)
      throw eventsErrors.make(
        'ruleConflict',
        `"${rule.name}" has version ${present.version}; the change was made on version ${expected}`,
      );
    return await this.#put(tenant, rule, present.version);
  }

  async remove(tenant: string, name: string): Promise<void> {
    this.#own(tenant, name);
    await this.#options.state.delete(ruleKind, tenant, name);
  }

  /** The tenant's rules as they would be with another one, or with one of them changed. */
  setWith(tenant: string, draft: UserRule): RuleSet {
    const others = this.list(tenant).filter(({ rule }) => rule.name !== draft.name);
    return new RuleSet(this.#options.settings, [...others.map(({ rule }) => rule), draft]);
  }

  #own(tenant: string, name: string): KeptRule {
    const kept = this.get(tenant, name);
    if (kept.origin === 'file')
      throw eventsErrors.make('fixedRule', `"${name}" stands in the configuration file`);
    return kept;
  }

  async #put(tenant: string, rule: UserRule, expected: number | 'absent'): Promise<KeptRule> {
    compileRule(rule);
    try {
      const { version } = await this.#options.state.put(ruleKind, tenant, rule.name, rule, { expected });
      return { rule, origin: 'api', version };
    } catch (error) {
      if (!stateErrors.is(error, 'conflict')) throw error;
      throw eventsErrors.make('ruleConflict', `"${rule.name}" was changed in the meantime`);
    }
  }
}
