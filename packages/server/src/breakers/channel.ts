import type { Clock } from '../kernel/clock.ts';
import type { ServiceNames } from '../kernel/names.ts';
import type { BreakerCommands } from './commands.ts';
import { breakerErrors } from './errors.ts';
import type { BreakerFleet, Instance } from './fleet.ts';
import type { BreakerHistory } from './history.ts';
import type { DeliveredCommand, Report } from './report.ts';
import type { BreakersTelemetry } from './telemetry.ts';

export interface ChannelOptions {
  readonly fleet: BreakerFleet;
  readonly commands: BreakerCommands;
  readonly history: BreakerHistory;
  readonly names: ServiceNames;
  readonly clock: Clock;
  readonly telemetry: BreakersTelemetry;
  /** Something about a tenant's breakers is new. */
  readonly changed: (tenant: string) => void;
}

/** A question without a command is answered after this; clients wait longer. */
const HOLD_MS = 25_000;

interface Question {
  readonly instance: Instance;
  answer(commands: readonly DeliveredCommand[]): void;
}

/** The server's end of the channel: takes reports, and holds questions for commands until there is one. */
export class BreakerChannel {
  readonly #options: ChannelOptions;
  readonly #questions = new Map<string, Question>();
  #closed = false;

  constructor(options: ChannelOptions) {
    this.#options = options;
  }

  /** Resolves, when its changes of state are durable, with what the instance is to be told. Rejects with a journal error: then it tells again. */
  async report(tenant: string, report: Report): Promise<readonly DeliveredCommand[]> {
    const { fleet, commands, history, names, clock, telemetry, changed } = this.#options;
    const service = names.canonical(report.service);
    const transitions = this.#taken(() => fleet.report(tenant, service, report, clock.now()));
    commands.acknowledge(tenant, { ...report, service }, report.acks);
    changed(tenant);
    await history.record(transitions);
    fleet.stored(tenant, service, report);
    for (const { to } of transitions) telemetry.transitions.inc({ to_state: to.toLowerCase() });
    const instance = fleet.get(tenant, service, report.instance);
    return instance === undefined ? [] : commands.due(instance);
  }

  /**
   * Resolves with commands as soon as there are any, or with none after 25 s, when the asker's signal aborts, or when it asks again.
   * Throws `breakers.unknownInstance` where the instance has not reported in this session.
   */
  async question(
    tenant: string,
    who: { readonly service: string; readonly instance: string; readonly session: string },
    signal: AbortSignal,
  ): Promise<readonly DeliveredCommand[]> {
    const { fleet, commands, names, clock, telemetry, changed } = this.#options;
    const service = names.canonical(who.service);
    const instance = fleet.asking(tenant, service, who.instance, who.session, clock.now());
    if (instance === null)
      throw breakerErrors.make(
        'unknownInstance',
        `${who.instance} of ${service} has not reported its breakers`,
      );
    const key = `${tenant}\u0000${service}\u0000${who.instance}`;
    this.#questions.get(key)?.answer([]);
    telemetry.questions.inc();
    try {
      const due = commands.due(instance);
      if (due.length > 0 || this.#closed || signal.aborted) return due;
      return await this.#hold(key, instance, signal);
    } finally {
      telemetry.questions.dec();
      fleet.asked(tenant, service, who.instance, who.session, clock.now());
      if (signal.aborted) changed(tenant);
    }
  }

  /** Answers the questions of all whom a new command means. */
  commanded(tenant: string): void {
    for (const { instance, answer } of this.#questions.values()) {
      if (instance.tenant !== tenant) continue;
      const due = this.#options.commands.due(instance);
      if (due.length > 0) answer(due);
    }
  }

  /** Answers everybody: a server that stops waits for the answers that are still open. */
  close(): void {
    this.#closed = true;
    for (const { answer } of this.#questions.values()) answer([]);
  }

  #hold(key: string, instance: Instance, signal: AbortSignal): Promise<readonly DeliveredCommand[]> {
    return new Promise((resolve) => {
      const question: Question = {
        instance,
        answer: (commands) => {
          timer.cancel();
          signal.removeEventListener('abort', onAbort);
          if (this.#questions.get(key) === question) this.#questions.delete(key);
          resolve(commands);
        },
      };
      const onAbort = (): void => question.answer([]);
      const timer = this.#options.clock.after(HOLD_MS, () => question.answer([]));
      signal.addEventListener('abort', onAbort, { once: true });
      this.#questions.set(key, question);
    });
  }

  #taken<T>(take: () => T): T {
    const { telemetry } = this.#options;
    try {
      const taken = take();
      telemetry.reports.inc({ outcome: 'taken' });
      return taken;
    } catch (error) {
      telemetry.reports.inc({ outcome: 'refused' });
      throw error;
    }
  }
}
