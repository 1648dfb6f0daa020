import type { StateStore } from '../journal/index.ts';
import type { Clock, Timer } from '../kernel/clock.ts';
import type { Log } from '../kernel/log.ts';
import type { ServiceNames } from '../kernel/names.ts';
import { type Command, commandKind, deciding, holds, matches, type Scope, type Target } from './command.ts';
import type { BreakerFleet, Instance } from './fleet.ts';
import type { Action } from './model.ts';
import type { DeliveredCommand, Report } from './report.ts';
import type { BreakersTelemetry } from './telemetry.ts';

export interface CommandsOptions {
  readonly state: StateStore;
  readonly fleet: BreakerFleet;
  readonly names: ServiceNames;
  readonly clock: Clock;
  readonly log: Log;
  readonly telemetry: BreakersTelemetry;
  readonly newId: () => string;
}

export interface Order extends Scope {
  readonly action: Action;
  /** Of a hold, in ms. */
  readonly forMs: number | null;
  readonly by: string;
  readonly reason: string;
}

/** A reset or a release is given to instances that connect within this time; longer where it overrules a hold that lasts longer. */
const DELIVER_MS = 60_000;
/** Sent and not acknowledged: sent again with the next answer after this. */
const RESEND_MS = 5_000;
/** Of each tenant. */
const MAX_KEPT = 1_000;
const SAVE_AFTER_MS = 1_000;

/** What became of a command on one instance. */
interface Delivery {
  /** Monotonic ms: a wall clock that is set back must not keep a command from being sent again. */
  sentAt: number;
  readonly outcomes: Map<string, string>;
}

/** Commands of people to breakers: kept durably as the audit, and handed to the instances they mean until they end. */
export class BreakerCommands {
  readonly #options: CommandsOptions;
  /** By command, then by instance and session. */
  readonly #deliveries = new Map<string, Map<string, Delivery>>();
  readonly #unsaved = new Set<string>();
  #saving: Timer | null = null;

  constructor(options: CommandsOptions) {
    this.#options = options;
  }

  /** Newest first. */
  list(tenant: string): readonly Command[] {
    const { state } = this.#options;
    return state
      .list(commandKind, tenant)
      .map(({ value }) => ({ ...value, applied: Math.max(value.applied, this.#applied(value.id)) }))
      .sort((a, b) => b.at - a.at || (a.id < b.id ? 1 : -1));
  }

  /** Breakers of living instances that the scope means, with whether they can be told. */
  targets(tenant: string, scope: Scope, action: Action) {
    const { fleet, clock } = this.#options;
    const living = fleet.list(tenant, clock.now()).filter(({ status }) => status === 'live');
    return living.flatMap((instance) =>
      instance.breakers.flatMap((breaker) => {
        const target = this.#target(instance, breaker);
        if (!matches(scope, target)) return [];
        return [{ ...target, able: instance.commandable && breaker.actions.includes(action) }];
      }),
    );
  }

  /** Makes the command durable; from then on it is handed out. Rejects with the state store's error. */
  async issue(tenant: string, order: Order): Promise<Command> {
    const { state, clock, log, telemetry, newId } = this.#options;
    const now = clock.now();
    const { action, service, instance, breaker, upstream, by, reason } = order;
    const scope = { service, instance, breaker, upstream };
    // A hold that lasts longer than its end is given must not come back to instances that connect later.
    const overruled = this.list(tenant).filter((old) => holds(old.action) && old.until > now);
    const until = holds(action)
      ? now + (order.forMs ?? 0)
      : Math.max(now + DELIVER_MS, ...overruled.map((old) => old.until));
    const targets = this.targets(tenant, scope, action).filter(({ able }) => able).length;
    const id = `${String(now).padStart(14, '0')}-${newId()}`;
    const made: Command = { id, action, ...scope, at: now, until, by, reason, targets, applied: 0 };
    await state.put(commandKind, tenant, id, made);
    telemetry.commands.inc({ action });
    log.info({ ...made, tenant }, 'breakers are commanded');
    await this.#prune(tenant);
    return made;
  }

  /** What an instance is to be told now. Marks it as sent. */
  due(instance: Instance): DeliveredCommand[] {
    const { state, clock } = this.#options;
    const now = clock.now();
    if (!instance.commandable || instance.status !== 'live') return [];
    const commands = state.list(commandKind, instance.tenant).map(({ value }) => value);
    if (!commands.some(({ until }) => until > now)) return [];
    const targets = instance.breakers.map((breaker) => this.#target(instance, breaker));
    return deciding(commands, targets, now).flatMap(({ command, breakers }) => {
      const delivery = this.#delivery(command.id, instance);
      const open = breakers.filter((name) => !delivery.outcomes.has(name));
      if (open.length === 0 || clock.monotonic() - delivery.sentAt < RESEND_MS) return [];
      delivery.sentAt = clock.monotonic();
      const { id, action, by, reason, until } = command;
      return [{ id, action, breakers: open, for_ms: holds(action) ? until - now : null, by, reason }];
    });
  }

  acknowledge(
    tenant: string,
    instance: Pick<Instance, 'service' | 'instance' | 'session'>,
    acks: Report['acks'],
  ): void {
    const { telemetry, state, clock } = this.#options;
    for (const { id, breaker, outcome } of acks) {
      if (state.get(commandKind, tenant, id) === undefined) continue;
      const { outcomes } = this.#delivery(id, instance);
      if (outcomes.has(breaker) || outcomes.size >= 1_000) continue;
      outcomes.set(breaker, outcome);
      telemetry.acknowledged.inc({ outcome: KNOWN_OUTCOMES.has(outcome) ? outcome : 'other' });
      this.#unsaved.add(`${tenant}\u0000${id}`);
    }
    if (this.#unsaved.size > 0) this.#saving ??= clock.after(SAVE_AFTER_MS, () => void this.save());
  }

  /** Breakers that carried the command out so far; one whose process started again and was told again counts once. */
  #applied(id: string): number {
    const applied = new Set<string>();
    for (const [key, { outcomes }] of this.#deliveries.get(id) ?? []) {
      const [service, instance] = key.split('\u0000');
      for (const [breaker, outcome] of outcomes)
        if (outcome === 'applied') applied.add([service, instance, breaker].join('\u0000'));
    }
    return applied.size;
  }

  /** Writes the counts of what was acknowledged. Never throws. */
  async save(): Promise<void> {
    this.#saving?.cancel();
    this.#saving = null;
    const { state, log } = this.#options;
    for (const key of this.#unsaved) {
      this.#unsaved.delete(key);
      const [tenant = '', id = ''] = key.split('\u0000');
      const entry = state.get(commandKind, tenant, id);
      const applied = this.#applied(id);
      if (entry === undefined || applied <= entry.value.applied) continue;
      try {
        await state.put(commandKind, tenant, id, { ...entry.value, applied });
      } catch (error) {
        log.warn({ err: error, command: id }, 'what a command reached could not be written down');
      }
    }
  }

  #target(instance: Instance, breaker: { readonly name: string; readonly service: string }): Target {
    return {
      service: instance.service,
      instance: instance.instance,
      breaker: breaker.name,
      upstream: this.#options.names.canonical(breaker.service),
    };
  }

  #delivery(
    id: string,
    { service, instance, session }: Pick<Instance, 'service' | 'instance' | 'session'>,
  ): Delivery {
    let byInstance = this.#deliveries.get(id);
    if (byInstance === undefined) this.#deliveries.set(id, (byInstance = new Map<string, Delivery>()));
    const key = `${service}\u0000${instance}\u0000${session}`;
    let delivery = byInstance.get(key);
    if (delivery === undefined)
      byInstance.set(key, (delivery = { sentAt: Number.NEGATIVE_INFINITY, outcomes: new Map() }));
    return delivery;
  }

  /** The newest are kept; what is known of deliveries ends with the command. */
  async #prune(tenant: string): Promise<void> {
    const { state, clock } = this.#options;
    const all = state.list(commandKind, tenant);
    for (const { key } of all.slice(0, Math.max(0, all.length - MAX_KEPT)))
      await state.delete(commandKind, tenant, key);
    const kept = new Map(
      state.tenants(commandKind).flatMap((one) => state.list(commandKind, one).map((e) => [e.key, e.value])),
    );
    for (const id of this.#deliveries.keys()) {
      const value = kept.get(id);
      if (value === undefined || (value.until <= clock.now() && value.applied >= this.#applied(id)))
        this.#deliveries.delete(id);
    }
  }
}

const KNOWN_OUTCOMES: ReadonlySet<string> = new Set(['applied', 'unsupported', 'unknown', 'failed']);
