import type { Labels, Matcher, Queryable } from '@pharos/promql';
import type { StateStore } from '../../journal/index.ts';
import type { Clock, Timer } from '../../kernel/clock.ts';
import { withoutDeleted } from './hidden.ts';
import { Removal, type RemovalDeps } from './removal.ts';
import { covers, Tombstones } from './tombstones.ts';

export interface DeletionRequest {
  readonly tenant: string;
  readonly matcherSets: readonly (readonly Matcher[])[];
  /** ms, both inclusive. */
  readonly from: number;
  readonly to: number;
}

/** How often deleted samples that have left memory are removed from the engine: each removal rewrites parts. */
const CLEAN_EVERY_MS = 30 * 60_000;

export interface DeletionDeps extends Omit<RemovalDeps, 'tombstones'> {
  /** Told of samples from a time on that are now hidden. */
  deleted(tenant: string, from: number): void;
}

/** Deletes samples: hidden at once and for good, removed from the engine later. */
export class Deletion {
  readonly #tombstones: Tombstones;
  readonly #removal: Removal;
  readonly #deps: DeletionDeps;
  #timer: Timer | null = null;

  constructor(state: StateStore, deps: DeletionDeps) {
    this.#deps = deps;
    this.#tombstones = new Tombstones(state);
    this.#removal = new Removal({ ...deps, tombstones: this.#tombstones });
  }

  /** Durable when it resolves. Only what is there by `now`: samples that come later are new. */
  async delete({ tenant, matcherSets, from, to }: DeletionRequest, now: number): Promise<void> {
    const range = { from, to: Math.min(to, now) };
    if (range.to < range.from) return;
    await this.#tombstones.add(tenant, matcherSets.map(selectorText), range, now);
    this.#deps.deleted(tenant, from);
  }

  hide(tenant: string, queryable: Queryable): Queryable {
    return withoutDeleted(queryable, () => this.#tombstones.of(tenant));
  }

  /** Whether a time of a series was deleted; asks once per series, then per time. */
  hidesOf(tenant: string): (labels: Labels) => (timestamp: number) => boolean {
    return (labels) => {
      const own = this.#tombstones.of(tenant).filter((stone) => covers(stone, labels));
      return (timestamp) => own.some(({ from, to }) => timestamp >= from && timestamp <= to);
    };
  }

  /** Before memory is filled. */
  async start(clock: Clock): Promise<void> {
    await this.#tombstones.forgetRemoved();
    const { engine, log } = this.#deps;
    this.#timer = clock.every(CLEAN_EVERY_MS, () => {
      if (engine.state() !== 'ready') return;
      this.clean(false).catch((error: unknown) =>
        log.warn(
          { err: error },
          'deleted samples could not be removed; they stay hidden, the next round tries again',
        ),
      );
    });
  }

  stop(): void {
    this.#timer?.cancel();
  }

  /** Removes what the engine holds; with `everything` also of deletions that memory still needs. */
  async clean(everything: boolean): Promise<void> {
    await this.#removal.run(everything);
  }
}

/** The matchers as a selector; names are quoted, so that any will do. */
function selectorText(matchers: readonly Matcher[]): string {
  const inner = matchers.map(({ name, op, value }) => `${JSON.stringify(name)}${op}${JSON.stringify(value)}`);
  return `{${inner.join(',')}}`;
}
