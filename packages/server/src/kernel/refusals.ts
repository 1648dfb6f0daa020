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

  add({ reason, message }: Refusal<Reason>): void {
    const known = this.#byReason.get(reason);
    if (known === undefined) this.#byReason.set(reason, { count: 1, message });
    else known.count++;
  }

  list(): readonly RefusedCount<Reason>[] {
    return [...this.#byReason].map(([reason, refusal]) => ({ reason, ...refusal }));
  }
}
