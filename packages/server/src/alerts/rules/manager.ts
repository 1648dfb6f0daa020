import type { ParserOptions, Queryable } from '@pharos/promql';
import type { Clock, Timer } from '../../kernel/clock.ts';
import type { Log } from '../../kernel/log.ts';
import type { Service } from '../../kernel/services.ts';
import type { Telemetry } from '../../kernel/telemetry.ts';
import { groupKey, groupText, type RuleGroup } from './definition.ts';
import { rulesErrors } from './errors.ts';
import { type LoadedRules, loadRules, type RuleFilePatterns } from './file/load.ts';
import { parseRuleFile } from './file/parse.ts';
import { ruleProblemLine } from './file/problem.ts';
import type { EvaluationDeps } from './group-evaluation.ts';
import { GroupRun, type GroupRunDeps, type GroupSettings } from './group-run.ts';
import { Pacer } from './pacer.ts';
import { readyRuleGroups } from './ready/registry.ts';
import { restoreStates } from './restore-states.ts';
import type { RuleQueries } from './rule-query.ts';
import { carriedOver, everySeries } from './state/carry-over.ts';
import { freshGroup, type GroupState } from './state/rule-state.ts';
import type { OutgoingAlert } from './state/sending.ts';
import { type ToldAlert, type ToldAlerts, takeOver, toldFiring } from './take-over.ts';
import { type RulesTelemetry, rulesTelemetry } from './telemetry.ts';
import { type RuleSeriesStore, RuleWriter } from './writer.ts';

/** What the configuration says of rules. Durations in ms. */
export interface RuleSettings {
  readonly files: RuleFilePatterns;
  /** The rules that Pharos brings along, without some of their alerts. */
  readonly ready: { readonly enabled: boolean; readonly without: readonly string[] };
  /** Rule files that are made and not read: what stands in them, by the name under which they are listed. */
  readonly made: Readonly<Record<string, object>>;
  readonly intervalMs: number;
  readonly offsetMs: number;
  readonly externalLabels: Readonly<Record<string, string>>;
  readonly resendMs: number;
  readonly toleranceMs: number;
  readonly graceMs: number;
}

export interface RuleManagerDeps {
  readonly clock: Clock;
  readonly log: Log;
  readonly telemetry: Telemetry;
  readonly queries: RuleQueries;
  readonly queryable: () => Queryable;
  readonly store: RuleSeriesStore;
  readonly parser: ParserOptions;
  readonly parse: EvaluationDeps['parse'];
  readonly breathe: () => Promise<void>;
  readonly externalUrl: () => string;
  /** Groups that stand in no configured file, as they are now; none when absent. */
  readonly own?: () => readonly RuleGroup[];
  /** What those who are told of alerts take for firing when the rules begin; nothing when absent. */
  readonly told?: () => readonly ToldAlert[];
  /** As they are at the start; sections that need a restart stay so. */
  readonly settings: RuleSettings;
}

/** A group as it is now. */
export interface RunningGroup {
  readonly group: RuleGroup;
  readonly state: GroupState;
  readonly settings: GroupSettings;
}

interface Prepared {
  readonly settings: RuleSettings;
  readonly groups: readonly RuleGroup[];
}

/**
 * All rule groups: reads the files, keeps each group running, and carries state over when files change.
 *
 *     files ─> prepare: everything parsed, or refused whole ─> apply: unchanged groups go on, changed ones take their state along
 */
export class RuleManager implements Service {
  readonly name = 'rules';
  readonly dependsOn = [
    'metrics-store',
    'logs-store',
    'flusher',
    'http',
    'alert-dispatcher',
    'alert-sender',
    'own-rules',
  ];
  readonly #deps: RuleManagerDeps;
  readonly #telemetry: RulesTelemetry;
  readonly #listeners = new Set<(alerts: readonly OutgoingAlert[]) => void>();
  readonly #runs = new Map<string, GroupRun>();
  readonly #endings = new Set<Timer>();
  readonly #pacer: Pacer;
  #settings: RuleSettings;
  #externalLabels: ReadonlyMap<string, string>;
  #prepared: Prepared | null = null;
  /** What of the configuration is in force. */
  #applied: Prepared | null = null;
  #applying: Promise<void> = Promise.resolve();
  #state: 'new' | 'running' | 'stopped' = 'new';

  constructor(deps: RuleManagerDeps) {
    this.#deps = deps;
    this.#pacer = new Pacer(() => deps.clock.monotonic(), deps.breathe);
    this.#settings = deps.settings;
    this.#externalLabels = new Map(Object.entries(deps.settings.externalLabels));
    this.#telemetry = rulesTelemetry(deps.telemetry, {
      groups: () => this.groups().map(({ group, settings }) => ({ group, ...settings })),
      alerts: () => this.#count(),
    });
  }

  /** Reads the rule files; rejects with `refused` when one is broken. */
  async start(): Promise<void> {
    const problems = await this.prepare(this.#deps.settings);
    if (problems.length > 0) throw rulesErrors.make('refused', problems.join('\n'));
    this.#state = 'running';
    await this.#apply(this.#prepared, true);
  }

  /** Series are not ended: another process goes on with them. */
  async stop(): Promise<void> {
    this.#state = 'stopped';
    for (const timer of this.#endings) timer.cancel();
    await this.#applying;
    await Promise.all([...this.#runs.values()].map((run) => run.stop()));
  }

  /** Reads what the settings name, for {@link apply}; answers what is wrong with it, line by line. Nothing else changes. */
  async prepare(settings: RuleSettings): Promise<readonly string[]> {
    const { parser, breathe } = this.#deps;
    this.#prepared = null;
    const loaded = await loadRules(settings.files, parser, breathe);
    if (!loaded.ok) return loaded.problems;
    this.#warn(loaded);
    const { enabled, without } = settings.ready;
    const ready = enabled ? readyRuleGroups(without, parser) : [];
    const made = Object.entries(settings.made).map(([name, file]) =>
      parseRuleFile(name, JSON.stringify(file), { parser }),
    );
    const problems = made.flatMap((one) => (one.ok ? [] : one.problems.map(ruleProblemLine)));
    if (problems.length > 0) return problems;
    const generated = made.flatMap((one) => (one.ok ? one.groups : []));
    this.#prepared = { settings, groups: [...ready, ...generated, ...loaded.groups] };
    return [];
  }

  /** Puts what was prepared last into force; resolves once every changed group runs as it is now. */
  apply(): Promise<void> {
    const prepared = this.#prepared;
    this.#applying = this.#applying.then(() => this.#apply(prepared, false));
    return this.#applying;
  }

  /** Puts the groups that stand in no configured file into force as they are now; all others go on. */
  applyOwn(): Promise<void> {
    this.#applying = this.#applying.then(() => this.#apply(this.#applied, false));
    return this.#applying;
  }

  /** Called with alerts that fire, again and again, and with those that are over. Returns the unsubscribe. */
  onAlerts(listener: (alerts: readonly OutgoingAlert[]) => void): () => void {
    this.#listeners.add(listener);
    return () => this.#listeners.delete(listener);
  }

  /** Whether rules are evaluated, or were. */
  get hasBegun(): boolean {
    return this.#state !== 'new';
  }

  /** Hands on alerts that are no rule's yet. */
  tell(alerts: readonly OutgoingAlert[]): void {
    this.#send(alerts);
  }

  /** By file and name. */
  groups(): readonly RunningGroup[] {
    return [...this.#runs.values()].sort((a, b) => (groupOrder(a.group) < groupOrder(b.group) ? -1 : 1));
  }

  /** Added to each alert that is handed on; the same object until a reload. */
  get externalLabels(): ReadonlyMap<string, string> {
    return this.#externalLabels;
  }

  /** Times of groups that say nothing of their own. */
  get defaults(): GroupSettings {
    const { intervalMs, offsetMs } = this.#settings;
    return { intervalMs, offsetMs };
  }

  #warn({ unmatched }: Extract<LoadedRules, { readonly ok: true }>): void {
    for (const pattern of unmatched)
      this.#deps.log.warn({ pattern }, 'no file is named by an entry of rule_files or log_rule_files');
  }

  #count(): { pending: number; firing: number } {
    const counts = { pending: 0, firing: 0 };
    for (const { state } of this.#runs.values())
      for (const { alerts } of state.rules)
        for (const alert of alerts.values()) if (alert.state !== 'inactive') counts[alert.state]++;
    return counts;
  }

  async #apply(prepared: Prepared | null, isFirst: boolean): Promise<void> {
    if (prepared === null || this.#state !== 'running') return;
    const { settings } = prepared;
    const groups = [...prepared.groups, ...(this.#deps.own?.() ?? [])];
    this.#applied = prepared;
    this.#settings = settings;
    this.#externalLabels = new Map(Object.entries(settings.externalLabels));
    const next = new Map(groups.map((group) => [groupKey(group), group]));
    const gone = [...this.#runs].filter(([key]) => !next.has(key));
    await Promise.all(gone.map(([key, run]) => this.#remove(key, run)));
    const told = isFirst ? toldFiring(this.#deps.told?.() ?? [], this.#deps.clock.now()) : null;
    await Promise.all([...next].map(([key, group]) => this.#put(key, group, told)));
    this.#deps.log.info({ groups: groups.length }, 'rules are in force');
  }

  /** @param told null unless rules begin */
  async #put(key: string, group: RuleGroup, told: ToldAlerts | null): Promise<void> {
    const settings = {
      intervalMs: group.intervalMs ?? this.#settings.intervalMs,
      offsetMs: group.queryOffsetMs ?? this.#settings.offsetMs,
    };
    const old = this.#runs.get(key);
    if (old !== undefined && isSame(old, group, settings)) return;
    await old?.stop();
    const state =
      old === undefined ? freshGroup(group.rules, told === null) : carriedOver(old.state, group.rules, true);
    if (told !== null) takeOver(state, told);
    const run = new GroupRun(this.#runDeps(), group, state, settings);
    this.#runs.set(key, run);
    run.start();
  }

  /** Its series end after two intervals: rules that only moved to another group have begun to write them by then. */
  async #remove(key: string, run: GroupRun): Promise<void> {
    this.#runs.delete(key);
    await run.stop();
    this.#telemetry.forget(run.group);
    const { clock } = this.#deps;
    const at = clock.now() - run.settings.offsetMs;
    const timer = clock.after(2 * run.settings.intervalMs, () => {
      this.#endings.delete(timer);
      void this.#end(run, at);
    });
    this.#endings.add(timer);
  }

  async #end(run: GroupRun, at: number): Promise<void> {
    const writer = new RuleWriter(this.#deps.store);
    writer.end(everySeries(run.state), at);
    try {
      await writer.commit();
    } catch (error) {
      this.#deps.log.warn(
        { err: error, group: run.group.name },
        'series of a removed rule group could not be ended',
      );
    }
  }

  #runDeps(): GroupRunDeps {
    const { clock, log, queries, queryable, store, parse, breathe, externalUrl } = this.#deps;
    const { resendMs, graceMs, toleranceMs } = this.#settings;
    return {
      clock,
      queries,
      store,
      parse,
      breathe,
      pause: () => this.#pacer.pause(),
      externalUrl,
      resendMs,
      telemetry: this.#telemetry,
      monotonic: () => clock.monotonic(),
      externalLabels: () => this.#externalLabels,
      send: (alerts) => this.#send(alerts),
      failed: (rule, reason) => log.warn({ rule: rule.name, reason }, 'a rule could not be evaluated'),
      restore: (state, now) =>
        restoreStates(
          {
            queryable,
            graceMs,
            toleranceMs,
            failed: (rule, error) =>
              log.error(
                { err: error, rule: rule.name },
                "the state of a rule's alerts could not be restored",
              ),
          },
          state,
          now,
        ),
      broke: (group, error) =>
        log.error({ err: error, group: group.name }, 'the evaluation of a rule group broke'),
      jumped: (group, byMs) =>
        log.warn({ group: group.name, byMs }, 'the clock jumped; times of alerts were moved along'),
    };
  }

  #send(alerts: readonly OutgoingAlert[]): void {
    this.#telemetry.sent(alerts.length);
    for (const listener of this.#listeners) listener(alerts);
  }
}

function isSame(run: GroupRun, group: RuleGroup, settings: GroupSettings): boolean {
  return (
    run.settings.intervalMs === settings.intervalMs &&
    run.settings.offsetMs === settings.offsetMs &&
    groupText(run.group) === groupText(group)
  );
}

function groupOrder({ file, name }: RuleGroup): string {
  return `${file}\u0000${name}`;
}
