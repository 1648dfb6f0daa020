import type { Clock } from '../../kernel/clock.ts';
import type { Turns } from '../../kernel/turns.ts';
import type { GroupRef } from '../pipeline/parcel.ts';
import { type Alert, alertOf, type FlushedAlert, isResolvedAt } from '../received/alert.ts';
import type { RouteNode } from '../routes/tree.ts';
import { type PageBook, pageKey } from './book.ts';
import type { Policy } from './config/policy.ts';
import { movedPage } from './page/moved.ts';
import type { GroupLook, Page } from './page/page.ts';
import type { PageStep } from './page/step.ts';

/** A group of alerts as it is now. */
export interface LookedGroup {
  readonly ref: GroupRef;
  readonly look: GroupLook;
}

/** A group with the fingerprints it has. */
export interface HeldGroup {
  readonly ref: GroupRef;
  readonly alerts: ReadonlyMap<string, unknown>;
}

interface MovesDeps {
  readonly book: PageBook;
  readonly clock: Clock;
  /** Of pages, by their keys. */
  readonly turns: Turns;
  groups(): readonly HeldGroup[];
  /** Null when the routes have no such group any more. */
  look(of: Pick<Page, 'receiver' | 'group'>): LookedGroup | null;
  /** What groups of a receiver follow, if anything. */
  policyOf(receiver: string): Policy | undefined;
  lookAt(key: string): void;
  end(page: Page, reason: string): Promise<void>;
  /** Makes durable what became of a page. */
  write(step: PageStep): Promise<void>;
}

/**
 * Pages of groups that the routes have no more, since they were changed, or were while Pharos was away. Each goes on in the group that has its
 * alerts now, so that an acknowledgement holds and receivers know it as before; where there is none, it ends.
 */
export class PageMoves {
  /** Keys of groups a page is being opened for: none goes there. */
  readonly opening = new Set<string>();
  readonly #deps: MovesDeps;
  #lost: Set<string> | null = null;
  #isStopped = false;

  constructor(deps: MovesDeps) {
    this.#deps = deps;
  }

  /** Groups go after it: that they are not there says nothing any more. */
  stop(): void {
    this.#isStopped = true;
  }

  routesChanged(): void {
    this.#lost = null;
  }

  /** Keys of those that had no group when the routes were changed last. */
  lost(): readonly string[] {
    const { book, look } = this.#deps;
    this.#lost ??= new Set(book.open().flatMap((page) => (look(page) === null ? [pageKey(page)] : [])));
    return [...this.#lost];
  }

  /** A group fires: pages about its alerts go on there, rather than that one is opened. */
  async takeIn({ alerts }: GroupLook): Promise<void> {
    for (const key of this.lost()) {
      const page = this.#deps.book.openOf(key);
      if (page !== undefined && fires(alerts, page)) await this.rehome(key);
    }
  }

  /** Nobody holds one turn and waits for another: two pages may change places. */
  async rehome(key: string): Promise<void> {
    const { book, turns, look, end, lookAt, write } = this.#deps;
    const moved = await turns.take(key, async () => {
      this.#lost?.delete(key);
      const page = book.openOf(key);
      if (this.#isStopped || page === undefined || look(page) !== null) return null;
      const step = this.#moved(page);
      if (step === null) await end(page, 'the routes lead elsewhere now');
      else book.move(page, step.page);
      return step;
    });
    if (moved === null) return;
    const there = pageKey(moved.page);
    lookAt(there);
    await turns.take(there, () => write(moved));
  }

  #moved(page: Page): PageStep | null {
    const { clock, policyOf } = this.#deps;
    const home = this.#homeOf(page);
    const policy = home === null ? undefined : policyOf(home.ref.route.options.receiver);
    if (home === null || policy === undefined) return null;
    const { key: group, labels: groupLabels, route } = home.ref;
    const to = { receiver: route.options.receiver, group, route: route.id, groupLabels };
    return movedPage(page, to, home.look, { now: clock.now(), policy });
  }

  /** Of the groups that fire its alerts, those of its receiver if there are any, the one that has most of them; no page is there. */
  #homeOf(page: Page): LookedGroup | null {
    const { groups, look } = this.#deps;
    const holding = groups()
      .map(({ ref, alerts }) => ({ ref, of: keyPartsOf(ref), held: heldOf(page, alerts) }))
      .filter(({ held }) => held > 0);
    const own = holding.filter(({ of }) => of.receiver === page.receiver);
    const free = (own.length > 0 ? own : holding)
      .filter(({ of }) => this.#isFree(of))
      .sort((a, b) => b.held - a.held);
    for (const { of } of free) {
      const home = look(of);
      if (home !== null && fires(home.look.alerts, page)) return home;
    }
    return null;
  }

  #isFree(of: Pick<Page, 'receiver' | 'group'>): boolean {
    const { book, policyOf } = this.#deps;
    const key = pageKey(of);
    return policyOf(of.receiver) !== undefined && book.openOf(key) === undefined && !this.opening.has(key);
  }
}

function keyPartsOf({ key, route }: GroupRef): Pick<Page, 'receiver' | 'group'> {
  return { receiver: route.options.receiver, group: key };
}

function heldOf({ fingerprints }: Page, alerts: ReadonlyMap<string, unknown>): number {
  return fingerprints.filter((one) => alerts.has(one)).length;
}

function fires(alerts: readonly FlushedAlert[], { fingerprints }: Page): boolean {
  const known = new Set(fingerprints);
  return alerts.some(({ fingerprint, isResolved }) => !isResolved && known.has(fingerprint));
}

/** Whether a route is in force: a flush that took long may be of one that was. */
export function isOf(root: RouteNode, route: RouteNode): boolean {
  return root === route || root.children.some((child) => isOf(child, route));
}

/** The group of a page that the routes have no more, to tell its end. */
export function lostGroup({ group, groupLabels, route }: Page, root: RouteNode): GroupRef {
  return { route: { ...root, id: route }, labels: groupLabels, key: group };
}

/** The alerts of a page as its end tells of them: of those that fire nobody on call is told any more. */
export function asEnded(
  { fingerprints, labels, annotations, openedAt }: Page,
  now: number,
  alert: (fingerprint: string) => Alert | undefined,
): readonly FlushedAlert[] {
  const known = fingerprints.flatMap((one) => alert(one) ?? []);
  const said = { labels, annotations, startsAt: openedAt, endsAt: now, updatedAt: now };
  const alerts = known.length > 0 ? known : [alertOf({ ...said, isTimeout: false, generatorUrl: '' })];
  return alerts.map((one) => ({
    ...one,
    endsAt: isResolvedAt(one, now) ? one.endsAt : now,
    isResolved: true,
  }));
}
