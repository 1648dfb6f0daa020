/** What was changed: everything from a time on may be another after change number `sequence`. */
interface Change {
  readonly sequence: number;
  readonly from: number;
}

interface TenantChanges {
  sequence: number;
  /** Number of the last change that somebody's mark lies behind. */
  marked: number;
  /** Rising in both: an entry says more than an older one only while it reaches less far back. */
  changes: Change[];
}

/** Changes told apart; beyond, older ones are taken together, which only makes them reach further back. */
const MOST_CHANGES = 2_048;

/**
 * From which time on a tenant's samples may have changed since a moment. A sample that becomes visible changes what is at
 * its time and after, a deletion what is at its begin and after.
 */
export class ChangeLog {
  readonly #tenants = new Map<string, TenantChanges>();

  /** Samples from `from` (ms) on have changed. */
  note(tenant: string, from: number): void {
    const own = this.#of(tenant);
    own.sequence++;
    const { changes } = own;
    for (let last = changes.at(-1); last !== undefined && last.from >= from; last = changes.at(-1))
      changes.pop();
    const last = changes.at(-1);
    // Nobody's mark lies between: the earlier change, which reaches further back, speaks for both.
    if (last !== undefined && last.sequence > own.marked) return;
    changes.push({ sequence: own.sequence, from });
    if (changes.length > MOST_CHANGES) own.changes = halved(changes);
  }

  /** All samples of all tenants may have changed. */
  noteAll(): void {
    for (const tenant of this.#tenants.keys()) this.note(tenant, Number.NEGATIVE_INFINITY);
  }

  /** A mark for what is there now. */
  mark(tenant: string): number {
    const own = this.#of(tenant);
    own.marked = own.sequence;
    return own.sequence;
  }

  /** Before which time (ms, exclusive) nothing has changed since the mark; infinite where nothing has changed at all. */
  unchangedBefore(tenant: string, mark: number): number {
    const { changes } = this.#of(tenant);
    // The newest are asked for most.
    let from = Number.POSITIVE_INFINITY;
    for (let i = changes.length - 1; i >= 0; i--) {
      const change = changes[i];
      if (change === undefined || change.sequence <= mark) break;
      from = change.from;
    }
    return from;
  }

  #of(tenant: string): TenantChanges {
    let own = this.#tenants.get(tenant);
    if (own === undefined) this.#tenants.set(tenant, (own = { sequence: 0, marked: 0, changes: [] }));
    return own;
  }
}

/** Two by two: the later number with the earlier time. */
function halved(changes: readonly Change[]): Change[] {
  const half: Change[] = [];
  for (let i = 0; i < changes.length; i += 2) {
    const [first, second] = [changes[i], changes[i + 1]];
    if (first !== undefined) half.push({ sequence: (second ?? first).sequence, from: first.from });
  }
  return half;
}
