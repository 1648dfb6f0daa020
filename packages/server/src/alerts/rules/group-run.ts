import type { Clock, Timer } from '../../kernel/clock.ts';
import { groupKey, type RuleGroup } from './definition.ts';
import { type EvaluationDeps, GroupEvaluation } from './group-evaluation.ts';
import { mayRestore } from './restore-states.ts';
import { clockJump, type Slots, slotAt, slotsOf, turnAt } from './schedule.ts';
import { type Alert, shifted } from './state/alert.ts';
import type { GroupState } from './state/rule-state.ts';

export interface GroupRunDeps extends EvaluationDeps {
  readonly clock: Clock;
  /** Takes over what an earlier process wrote of rules that have had two answers. */
  readonly restore: (state: GroupState, now: number) => Promise<void>;
  readonly jumped: (group: RuleGroup, byMs: number) => void;
  /** An evaluation ended in a way that it never should; the next one comes all the same. */
  readonly broke: (group: RuleGroup, error: unknown) => void;
}

export interface GroupSettings {
  readonly intervalMs: number;
  readonly offsetMs: number;
}

/**
 * A group that is evaluated again and again, one evaluation at a time, until it is stopped.
 *
 *     wait for the next time ─> evaluate ─> [after a rule's second answer: restore what an earlier process knew] ─┐
 *           ^──────────────────────────────────────────────────────────────────────────────────────────────────────-┘
 */
export class GroupRun {
  readonly group: RuleGroup;
  readonly state: GroupState;
  readonly settings: GroupSettings;
  readonly #deps: GroupRunDeps;
  readonly #slots: Slots;
  readonly #stopping = new AbortController();
  /** The time of the last evaluation, or the one before the first. */
  #last = 0;
  #clocks: { readonly wall: number; readonly monotonic: number };
  #timer: Timer | null = null;
  #running: Promise<void> = Promise.resolve();

  constructor(deps: GroupRunDeps, group: RuleGroup, state: GroupState, settings: GroupSettings) {
    this.#deps = deps;
    this.group = group;
    this.state = state;
    this.settings = settings;
    this.#slots = slotsOf(groupKey(group), settings.intervalMs);
    this.#clocks = this.#look();
  }

  /** Begins with the first time of evaluation that is still to come. */
  start(): void {
    this.#clocks = this.#look();
    this.#last = slotAt(this.#slots, this.#clocks.wall);
    const hasTakenOver = this.state.rules.some(({ alerts }) =>
      [...alerts.values()].some(({ isTakenOver }) => isTakenOver),
    );
    if (!hasTakenOver) {
      this.#arm();
      return;
    }
    // The first evaluation may be hours in coming, and receivers wait for minutes.
    this.#running = this.#evaluation(this.#clocks.wall)
      .tell()
      .catch((error: unknown) => this.#deps.broke(this.group, error))
      .finally(() => this.#arm());
  }

  /** Resolves once the evaluation under way is over; its queries are aborted. */
  async stop(): Promise<void> {
    this.#timer?.cancel();
    this.#timer = null;
    this.#stopping.abort(new Error('the rule group is stopped'));
    await this.#running;
  }

  #look(): { readonly wall: number; readonly monotonic: number } {
    const { clock } = this.#deps;
    return { wall: clock.now(), monotonic: clock.monotonic() };
  }

  #arm(): void {
    if (this.#stopping.signal.aborted) return;
    const turn = turnAt(this.#slots, this.#last, this.#deps.clock.now());
    const delay = turn.kind === 'wait' ? turn.ms : 0;
    this.#timer = this.#deps.clock.after(delay, () => {
      this.#running = this.#turn()
        .catch((error: unknown) => this.#deps.broke(this.group, error))
        .finally(() => this.#arm());
    });
  }

  async #turn(): Promise<void> {
    this.#follow();
    const now = this.#deps.clock.now();
    const turn = turnAt(this.#slots, this.#last, now);
    if (turn.kind === 'wait') return;
    this.#last = turn.at;
    const { telemetry } = this.#deps;
    if (turn.missed > 0) telemetry.missed(this.group, turn.missed);
    telemetry.lag(Math.max(0, now - turn.at) / 1000);
    await this.evaluate(turn.at);
    if (this.state.rules.some(mayRestore)) await this.#deps.restore(this.state, this.#deps.clock.now());
  }

  #evaluation(at: number): GroupEvaluation {
    const { signal } = this.#stopping;
    const now = this.#deps.clock.now();
    return new GroupEvaluation(this.#deps, this.group, this.state, { at, ...this.settings, now, signal });
  }

  /** Evaluates the group once, for a time. */
  async evaluate(at: number): Promise<void> {
    const { clock, telemetry } = this.#deps;
    const begun = this.#look();
    const samples = await this.#evaluation(at).run();
    this.state.evaluationMs = clock.monotonic() - begun.monotonic;
    this.state.lastEvaluation = begun.wall;
    telemetry.iterated(this.group, this.state.evaluationMs / 1000, samples);
  }

  /** After a jump of the clock, what has lasted two minutes has still lasted two minutes. */
  #follow(): void {
    const now = this.#look();
    const jump = clockJump(this.#clocks, now);
    this.#clocks = now;
    if (jump === 0) return;
    this.#last = slotAt(this.#slots, this.#last + jump);
    for (const rule of this.state.rules)
      rule.alerts = new Map(
        [...rule.alerts].map(([key, alert]): [string, Alert] => [key, shifted(alert, jump)]),
      );
    this.#deps.jumped(this.group, jump);
  }
}
