/** Why something was not taken; `message` names the field, the value and what was expected. */
export interface Refusal<Reason extends string> {
  readonly reason: Reason;
  readonly message: string;
}

/** What was refused for one reason, with the first message. */
export interface RefusedCount<Reason extends string> extends Refusal<Reason> {
  readonly count: number;
}

/** Counts what a request had refused, by reason. */
export class Refusals<Reason extends string> {
  readonly #byReason = new Map<Reason, { count: number; readonly message: string }>();

  add({ reason, message }: Refusal<Reason>, count = 1): void {
    const known = this.#byReason.get(reason);
    if (known === undefined) this.#byReason.set(reason, { count, message });
    else known.count += count;
  }

  list(): readonly RefusedCount<Reason>[] {
    return [...this.#byReason].map(([reason, refusal]) => ({ reason, ...refusal }));
  }
}
