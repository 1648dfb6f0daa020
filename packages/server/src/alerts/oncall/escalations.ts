import type { StateStore } from '../../journal/index.ts';
import type { Clock, Timer } from '../../kernel/clock.ts';
import type { Log } from '../../kernel/log.ts';
import type { Service } from '../../kernel/services.ts';
import { Turns } from '../../kernel/turns.ts';
import type { Receiver } from '../config/receiver.ts';
import type { Decision } from '../decisions/decision.ts';
import { alertErrors } from '../errors.ts';
import type { Courier } from '../outbox/courier.ts';
import type { GroupRef, World } from '../pipeline/parcel.ts';
import type { Alert } from '../received/alert.ts';
import type { RouteNode } from '../routes/tree.ts';
import { PageBook, pageKey } from './book.ts';
import type { OnCallConfig } from './config/load.ts';
import type { Policy } from './config/policy.ts';
import { asEnded, type HeldGroup, isOf, type LookedGroup, lostGroup, PageMoves } from './moves.ts';
import { advancePage, openPage, type PageInput } from './page/advance.ts';
import { takenUpPage } from './page/moved.ts';
import { type NextTelling, nextTelling } from './page/next.ts';
import { dueAt, type GroupLook, noticeGroup, type Page } from './page/page.ts';
import type { PageDecision, PageStep, PageWorld, Telling } from './page/step.ts';
import { PageTimers } from './page-timers.ts';
import { isReached, isToldBy, pageParcels } from './parcels.ts';
import type { Rota } from './rota.ts';

export interface EscalationDeps {
  readonly clock: Clock;
  readonly log: Log;
  readonly state: StateStore;
  readonly tenant: string;
  readonly courier: Pick<Courier, 'hand'>;
  readonly config: OnCallConfig;
  readonly rota: Pick<Rota, 'onCall'>;
  /** Resolves when they are durable. */
  decide(decisions: readonly Decision[]): Promise<void>;
  /** Receivers of Alertmanager's file that is in force. */
  receivers(): readonly Receiver[];
  /** Null when the routes have no such group any more. */
  look(of: Pick<Page, 'receiver' | 'group'>): LookedGroup | null;
  /** All groups there are. */
  groups(): readonly HeldGroup[];
  alert(fingerprint: string): Alert | undefined;
  root(): RouteNode;
  world(): World;
  newId(): string;
}

/** Somebody's act on a page. */
export interface Act {
  readonly by: string;
  /** How it came: `over the API`, `by a link sent to ada-phone`. */
  readonly via: string;
}

/** After what could not be written. */
const DISK_PAUSE_MS = 1000;
const CLEANING_MS = 900_000;

/** Pages on their way through policies, over kills. What must be done at a time is done after a restart, too, and done once. */
export class Escalations implements Service {
  readonly name = 'alert-escalations';
  readonly dependsOn = ['alert-state', 'alert-decisions', 'alert-courier'];
  /** Begins to look at pages when groups are there to be looked at. */
  readonly timers: Service = {
    name: 'alert-escalation-timers',
    dependsOn: ['alert-dispatcher'],
    start: () => this.#startTimers(),
    stop: () => this.#stopTimers(),
  };
  readonly book: PageBook;
  readonly #deps: EscalationDeps;
  readonly #turns = new Turns();
  readonly #timers: PageTimers;
  readonly #moves: PageMoves;
  #config: OnCallConfig;
  #cleaning: Timer | null = null;

  constructor(deps: EscalationDeps) {
    this.#deps = deps;
    this.#config = deps.config;
    this.book = new PageBook(deps.state, deps.tenant);
    this.#timers = new PageTimers({
      clock: deps.clock,
      goOff: (key, timedFor) => void this.#onTurn(key, (look) => ({ kind: 'look', look, timedFor })),
    });
    const { book } = this;
    this.#moves = new PageMoves({
      ...deps,
      book,
      turns: this.#turns,
      policyOf: (receiver) => this.#policy(this.#config.hooks.get(receiver)),
      lookAt: (key) => this.#timers.armAfter(key, 0),
      end: (page, reason) => this.#abandon(page, reason),
      write: async ({ page, decisions }) => {
        await this.#decide(page, page.policy, decisions);
        await book.put(book.get(page.id) ?? page);
      },
    });
  }

  /** Every page is there before the first group flushes. */
  start(): void {
    this.book.load();
  }

  get config(): OnCallConfig {
    return this.#config;
  }

  /** Another configuration, of the routes too: pages without their group move, and those without a policy end, when they are looked at, which is now. */
  configure(config: OnCallConfig): void {
    this.#config = config;
    this.#moves.routesChanged();
    for (const page of this.book.open()) this.#timers.armAfter(pageKey(page), 0);
  }

  /** Whether groups of a receiver follow a policy. */
  leadsToPolicy(receiver: string): boolean {
    return this.#config.hooks.has(receiver);
  }

  /** Whether a flush of a group is to be told here. */
  concerns({ key, route }: GroupRef): boolean {
    const { receiver } = route.options;
    return this.leadsToPolicy(receiver) || this.book.openOf(pageKey({ receiver, group: key })) !== undefined;
  }

  /** Whether anybody was told of an alert by the open page of its group. */
  hasPaged({ key, route }: GroupRef, fingerprint: string): boolean {
    const page = this.book.openOf(pageKey({ receiver: route.options.receiver, group: key }));
    return page !== undefined && page.tellings > 0 && page.fingerprints.includes(fingerprint);
  }

  /** A group was flushed. True when what follows for its page is durable; false leaves it to the next flush. */
  async flushed({ ref, look }: LookedGroup): Promise<boolean> {
    const { receiver } = ref.route.options;
    const key = pageKey({ receiver, group: ref.key });
    const policy = this.#policy(this.#config.hooks.get(receiver));
    try {
      if (policy !== undefined && this.book.openOf(key) === undefined) await this.#moves.takeIn(look);
      await this.#turns.take(key, async () => {
        const page = this.book.openOf(key) ?? (await this.#open({ ref, look }, policy));
        if (page !== null) await this.#advance(page, { kind: 'look', look }, ref);
      });
      return true;
    } catch (error) {
      this.#deps.log.error({ err: error, receiver }, 'a page could not be carried on');
      return false;
    }
  }

  /** Who is told next, as schedules are now. */
  next(page: Page): NextTelling | null {
    const policy = this.#policy(page.policy);
    const at = dueAt(page);
    return policy === undefined || at === null ? null : nextTelling(page, this.#world(policy, at));
  }

  acknowledge(id: string, { by, via }: Act, note = ''): Promise<Page> {
    return this.#act(id, () => ({ kind: 'acknowledge', by, via, note }));
  }

  unacknowledge(id: string, { by, via }: Act): Promise<Page> {
    return this.#act(id, () => ({ kind: 'unacknowledge', by, via }));
  }

  escalate(id: string, { by, via }: Act): Promise<Page> {
    return this.#act(id, (look) => ({ kind: 'escalate', by, via, look }));
  }

  /** Rejects with `unknownPage` or `endedPage`. */
  async #act(id: string, input: (look: GroupLook) => PageInput): Promise<Page> {
    const found = this.book.get(id);
    if (found === undefined) throw alertErrors.make('unknownPage', `there is no page "${id}"`);
    const key = pageKey(found);
    const done = await this.#turns.take(key, async () => {
      const page = this.book.openOf(key);
      if (page?.id !== id) {
        if (this.#keyOf(id, key) !== key) return null;
        throw alertErrors.make('endedPage', 'the page has ended: all of its alerts did');
      }
      const group = this.#deps.look(page);
      await this.#advance(page, input(group?.look ?? NOTHING), group?.ref ?? null);
      return this.book.get(id) ?? page;
    });
    // It moved while this waited for its turn.
    return done ?? (await this.#act(id, input));
  }

  /** Under which a page is now. */
  #keyOf(id: string, before: string): string {
    const page = this.book.get(id);
    return page === undefined ? before : pageKey(page);
  }

  async #open({ ref, look }: LookedGroup, policy: Policy | undefined): Promise<Page | null> {
    const { clock, newId } = this.#deps;
    if (policy === undefined || !isOf(this.#deps.root(), ref.route)) return null;
    const { receiver } = ref.route.options;
    const origin = { id: newId(), receiver, group: ref.key, route: ref.route.id, groupLabels: ref.labels };
    const key = pageKey(origin);
    const { page, decisions } = openPage(origin, look, { now: clock.now(), policy });
    this.#moves.opening.add(key);
    try {
      await this.#decide(origin, policy.name, decisions);
      if (page !== null) await this.book.put(page);
    } finally {
      this.#moves.opening.delete(key);
    }
    return page;
  }

  /** Nobody can say how it goes on: whoever was told hears that it ended. */
  async #abandon(page: Page, reason: string): Promise<void> {
    const { alert, clock } = this.#deps;
    const alerts = asEnded(page, clock.now(), alert);
    const policy = { name: page.policy, rules: [], repeat: 0, acknowledgedForMs: null };
    await this.#carryOut(
      page,
      advancePage(page, { kind: 'abandon', reason, alerts }, this.#world(policy)),
      null,
    );
  }

  async #advance(page: Page, input: PageInput, ref: GroupRef | null): Promise<void> {
    const policy = this.#policy(page.policy);
    if (policy !== undefined) {
      await this.#carryOut(page, advancePage(page, input, this.#world(policy)), ref);
      return;
    }
    const other = this.#policy(this.#config.hooks.get(page.receiver));
    const group = this.#deps.look(page);
    if (other === undefined || group === null) {
      await this.#abandon(page, `policy "${page.policy}" is gone`);
      return;
    }
    const step = takenUpPage(page, group.look, { now: this.#deps.clock.now(), policy: other });
    await this.#carryOut(page, step, group.ref);
    await this.#advance(step.page, input, ref);
  }

  async #carryOut(page: Page, step: PageStep, ref: GroupRef | null): Promise<void> {
    await this.#decide(page, page.policy, step.decisions);
    if (step.telling !== null)
      await this.#tell(step, step.telling, ref ?? lostGroup(page, this.#deps.root()));
    if (step.page !== page) await this.book.put(step.page);
    this.#timers.arm(step.page);
  }

  /** Handed over before the page is written: after a kill between the two it is asked again, and who knows already is not told again. */
  async #tell({ page }: PageStep, telling: Telling, ref: GroupRef): Promise<void> {
    const { clock, courier, receivers, world, decide } = this.#deps;
    const { parcels, decisions } = pageParcels(
      { group: ref, key: noticeGroup(page), telling, at: clock.now() },
      { receivers: receivers(), world: world() },
    );
    if (decisions.length > 0) await decide(decisions);
    this.book.announce(page);
    const handed = await courier.hand(parcels, {
      timeoutMs: telling.timeoutMs,
      knows: (last) => isToldBy(last, telling, clock.now()),
    });
    if (telling.isEnd) return;
    const { tellings, reach, id } = page;
    void handed.over.then((ends) => {
      const isNews = ends.some((ok) => ok);
      const key = this.#keyOf(id, pageKey(page));
      // Where another page is open by now, it is nothing to that one.
      if ((isNews && reach.isReached) || this.book.openOf(key)?.id !== id) return;
      void this.#onTurn(key, (look) =>
        isNews ? { kind: 'look', look } : { kind: 'unreached', telling: tellings, look },
      );
    });
  }

  async #decide(
    { id, receiver, group, route }: Pick<Page, 'id' | 'receiver' | 'group' | 'route'>,
    policy: string,
    decisions: readonly PageDecision[],
  ): Promise<void> {
    const at = this.#deps.clock.now();
    const rows = decisions.flatMap(({ outcome, reason, fingerprints }) =>
      fingerprints.map((fingerprint) => ({
        at,
        outcome,
        fingerprint,
        route,
        group,
        receiver,
        integration: `policy ${policy}`,
        reason,
        by: [id],
      })),
    );
    if (rows.length > 0) await this.#deps.decide(rows);
  }

  #policy(name: string | undefined): Policy | undefined {
    return this.#config.policies.find((one) => one.name === name);
  }

  #world(policy: Policy, now = this.#deps.clock.now()): PageWorld {
    const { people } = this.#config;
    const { receivers, world } = this.#deps;
    return {
      now,
      policy,
      onCall: (schedule) => this.#deps.rota.onCall(schedule, now)?.person ?? null,
      contactsOf: (name) => people.find((one) => one.name === name)?.contacts ?? [],
      isReached: (page) => isReached(page, now, { receivers: receivers(), world: world() }),
    };
  }

  /** Looks at the page of a key now. What cannot be written is tried again. */
  async #onTurn(key: string, input: (look: GroupLook) => PageInput): Promise<void> {
    const { log, look } = this.#deps;
    try {
      const isLost = await this.#turns.take(key, async () => {
        const page = this.book.openOf(key);
        if (page === undefined || !this.#timers.isRunning) return false;
        const group = look(page);
        if (group !== null) await this.#advance(page, input(group.look), group.ref);
        return group === null;
      });
      if (isLost) await this.#moves.rehome(key);
    } catch (error) {
      log.error({ err: error }, 'a page could not be carried on');
      if (this.#timers.isRunning) this.#timers.armAfter(key, DISK_PAUSE_MS);
    }
  }

  #startTimers(): void {
    const { clock, log } = this.#deps;
    this.#timers.start();
    for (const page of this.book.open()) this.#timers.arm(page);
    // The routes may have been changed meanwhile.
    for (const key of this.#moves.lost()) this.#timers.armAfter(key, 0);
    this.#cleaning = clock.every(CLEANING_MS, () => {
      this.book.clean(clock.now()).catch((error: unknown) => {
        log.warn({ err: error }, 'pages that ended long ago could not be removed');
      });
    });
  }

  #stopTimers(): void {
    this.#timers.stop();
    this.#moves.stop();
    this.#cleaning?.cancel();
  }
}

/** Of a group that is not there. */
const NOTHING: GroupLook = { alerts: [], free: [] };
