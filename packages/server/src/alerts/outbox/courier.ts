import type { StateStore } from '../../journal/index.ts';
import type { Clock, Timer } from '../../kernel/clock.ts';
import type { Log } from '../../kernel/log.ts';
import type { Random } from '../../kernel/random.ts';
import type { Service } from '../../kernel/services.ts';
import { Turns } from '../../kernel/turns.ts';
import type { Decision } from '../decisions/decision.ts';
import type { LogEntry, LogKey, ReceiverMemo } from '../pipeline/notification-log.ts';
import { type DeliveryParcel, logKeyOf } from '../pipeline/parcel.ts';
import { dedupBy } from '../pipeline/stages/dedup.ts';
import {
  advanceItem,
  isDue,
  MOST_WAIT_MS,
  type OutboxInput,
  type OutboxItem,
  type OutboxStep,
  planned,
} from './item.ts';
import { itemKey, laneOf, nextInLane } from './lanes.ts';
import { planOf } from './plan.ts';
import type { SendResult } from './send-result.ts';
import { expiredLogWrites, isInDoubt, storedItems, storedLogEntry, storedMemo } from './stored.ts';

export interface CourierDeps {
  readonly clock: Clock;
  readonly random: Random;
  readonly log: Log;
  readonly state: StateStore;
  readonly tenant: string;
  /** Resolves when they are durable. */
  decide(decisions: readonly Decision[]): Promise<void>;
  /** One attempt, with a timeout of its own; a stop waits for it for a moment only. */
  send(item: OutboxItem): Promise<SendResult>;
  /** Never the same twice. */
  newId(): string;
}

/** Between tries to write what must be written. */
const DISK_PAUSE_MS = 1000;
/** Between looks for entries of the log that nobody needs; Alertmanager's. */
const CLEANING_MS = 900_000;
/** What a stop waits for attempts under way, in ms: a few of the seconds that all of Pharos has. */
const LAST_MS = 3000;

/** What is still to be told when its turn comes; null for nothing. */
type Judge = (parcel: DeliveryParcel) => Promise<DeliveryParcel | null>;

/** Nothing is to be waited for. */
const TOLD = { over: Promise.resolve(true) } as const;

interface Lane {
  readonly items: Map<string, OutboxItem>;
  /** Epoch ms: the receiver asked to be left alone until then. */
  quietUntil: number;
  isBusy: boolean;
  /** Something came while it was busy. */
  isWoken: boolean;
  timer: Timer | null;
}

/** Carries notifications from decision to delivery, over kills: one attempt at a time per integration. */
export class Courier implements Service {
  readonly name = 'alert-courier';
  readonly dependsOn = ['alert-state', 'alert-decisions'];
  readonly #deps: CourierDeps;
  readonly #lanes = new Map<string, Lane>();
  /** Steps of one item, one after another: who has news of a group waits while it is told of, and for nobody else. */
  readonly #turns = new Turns();
  readonly #waiters = new Map<string, ((ok: boolean) => void)[]>();
  readonly #drains = new Set<Promise<void>>();
  readonly #stopped = new AbortController();
  #cleaning: Timer | null = null;

  constructor(deps: CourierDeps) {
    this.#deps = deps;
  }

  /** Takes up what was left; what was being sent is sent again, marked. Where nothing can be written now, the rest of Pharos starts all the same. */
  start(): void {
    const { state, tenant } = this.#deps;
    for (const item of storedItems(state, tenant)) this.#lane(laneOf(item)).items.set(itemKey(item), item);
    for (const [key, lane] of this.#lanes) this.#track(this.#recover(key, lane));
    this.#cleaning = this.#deps.clock.every(CLEANING_MS, () => void this.#clean());
  }

  async #recover(laneKey: string, { items }: Lane): Promise<void> {
    const left = [...items].map(([key, item]) =>
      this.#turns.take(key, () => this.#perform(item, { kind: 'recover' })),
    );
    await Promise.all(left);
    this.#wake(laneKey);
  }

  /** Stopping waits for it. */
  #track(work: Promise<void>): void {
    const tracked = work.finally(() => this.#drains.delete(tracked));
    this.#drains.add(tracked);
  }

  async #clean(): Promise<void> {
    const { state, tenant, clock, log } = this.#deps;
    try {
      const writes = expiredLogWrites(state, tenant, clock.now());
      if (writes.length > 0) await state.write(writes);
    } catch (error) {
      log.warn({ err: error }, 'expired entries of the notification log could not be removed');
    }
  }

  /**
   * Begins no attempt any more, and waits for those under way, but not for a receiver that hangs: its attempt counts as one whose end is not
   * known. What is left is taken up at the next start.
   */
  async stop(): Promise<void> {
    this.#stopped.abort();
    this.#cleaning?.cancel();
    for (const { timer } of this.#lanes.values()) timer?.cancel();
    const last = new AbortController();
    const late = this.#deps.clock.sleep(LAST_MS, last.signal).catch(() => {});
    await Promise.race([Promise.all(this.#drains), late]);
    last.abort();
  }

  /** Notifications that wait or are being sent. */
  get waiting(): number {
    let count = 0;
    for (const { items } of this.#lanes.values()) count += items.size;
    return count;
  }

  lastNotice(key: LogKey): LogEntry | undefined {
    return storedLogEntry(this.#deps.state, this.#deps.tenant, key);
  }

  /** What the integration's receiver answered last of a group that fires since. */
  lastMemo(key: LogKey): ReceiverMemo | undefined {
    return storedMemo(this.#deps.state, this.#deps.tenant, key);
  }

  /**
   * Resolves when all are over, or the time is: true when each integration knows. What is not over then goes on, and is taken the place of by the
   * group's next news. Rejects, when all are over, where one could not be written.
   */
  async carry(parcels: readonly DeliveryParcel[], timeoutMs: number): Promise<boolean> {
    const ends = await Promise.allSettled(parcels.map((parcel) => this.#inTime(parcel, timeoutMs)));
    for (const end of ends) if (end.status === 'rejected') throw end.reason;
    return ends.every((end) => end.status === 'fulfilled' && end.value);
  }

  /** A receiver that hangs must not keep the others of its groups from their news. */
  async #inTime(parcel: DeliveryParcel, timeoutMs: number): Promise<boolean> {
    let timer: Timer | null = null;
    const tooLate = new Promise<boolean>((resolve) => {
      timer = this.#deps.clock.after(timeoutMs, () => resolve(false));
    });
    return await Promise.race([this.#take(parcel, timeoutMs), tooLate]).finally(() => timer?.cancel());
  }

  /**
   * Resolves when all of them are durable, and so are told whatever happens; `over` says of each in the end whether it was. Rejects when one could
   * not be written. Where `knows` says so of what an integration was told last, by the time its turn comes, it is told nothing.
   */
  async hand(
    parcels: readonly DeliveryParcel[],
    { timeoutMs, knows }: { readonly timeoutMs: number; readonly knows: (last: LogEntry) => boolean },
  ): Promise<{ readonly over: Promise<readonly boolean[]> }> {
    const judge: Judge = (parcel) => {
      const last = this.lastNotice(logKeyOf(parcel));
      return Promise.resolve(last !== undefined && knows(last) ? null : parcel);
    };
    const ends = await Promise.all(parcels.map((parcel) => this.#hand(parcel, timeoutMs, judge)));
    return { over: Promise.all(ends.map(({ over }) => over)) };
  }

  async #hand(
    parcel: DeliveryParcel,
    timeoutMs: number,
    judge: Judge,
  ): Promise<{ readonly over: Promise<boolean> }> {
    const key = logKeyOf(parcel);
    const lane = laneOf(key);
    const end = await this.#turns.take(itemKey(key), async () => {
      // Since its flush the receiver may have been told: of what an earlier process left, or by a group of an older configuration.
      const left = await judge(parcel);
      return left === null ? TOLD : await this.#plan(lane, left, timeoutMs);
    });
    this.#wake(lane);
    return end;
  }

  /** Null where the receiver knows by now. */
  async #judgeAgain(parcel: DeliveryParcel): Promise<DeliveryParcel | null> {
    const { parcel: left, decisions } = dedupBy(parcel, this.lastNotice(logKeyOf(parcel)));
    if (left === null) await this.#deps.decide(decisions);
    return left;
  }

  async #take(parcel: DeliveryParcel, timeoutMs: number): Promise<boolean> {
    const end = await this.#hand(parcel, timeoutMs, (one) => this.#judgeAgain(one));
    return await end.over;
  }

  /** The promise stands in an object: awaiting the turn must not await the delivery. */
  async #plan(
    laneKey: string,
    parcel: DeliveryParcel,
    timeoutMs: number,
  ): Promise<{ readonly over: Promise<boolean> }> {
    const { clock, newId, state, tenant } = this.#deps;
    const key = logKeyOf(parcel);
    const replaces = this.#lane(laneKey).items.get(itemKey(key)) ?? null;
    const id = newId();
    const inDoubt = isInDoubt(state, tenant, key);
    const step = planned(parcel, { id, timeoutMs, now: clock.now(), replaces, isInDoubt: inDoubt });
    const waited = step.item?.id ?? id;
    const over = new Promise<boolean>((resolve) => {
      this.#waiters.set(waited, [...(this.#waiters.get(waited) ?? []), resolve]);
    });
    try {
      await this.#carryOut(replaces, step);
    } catch (error) {
      this.#settle(waited, false);
      throw error;
    }
    return { over };
  }

  #wake(laneKey: string): void {
    const lane = this.#lane(laneKey);
    lane.timer?.cancel();
    lane.timer = null;
    if (lane.isBusy) {
      lane.isWoken = true;
      return;
    }
    if (this.#stopped.signal.aborted) return;
    lane.isBusy = true;
    this.#track(this.#drain(laneKey, lane));
  }

  async #drain(laneKey: string, lane: Lane): Promise<void> {
    do {
      lane.isWoken = false;
      while (!this.#stopped.signal.aborted) {
        const next = this.#next(laneKey, lane);
        if (next === null) break;
        await this.#attempt(lane, next);
      }
    } while (lane.isWoken && !this.#stopped.signal.aborted);
    lane.isBusy = false;
    if (lane.items.size === 0 && lane.quietUntil <= this.#deps.clock.now()) this.#lanes.delete(laneKey);
  }

  /** What is due; where that comes later, the lane is woken then. */
  #next(laneKey: string, lane: Lane): OutboxItem | null {
    const { clock } = this.#deps;
    const now = clock.now();
    const next = nextInLane(lane.items.values(), now);
    if (next.kind === 'empty' || next.kind === 'busy') return null;
    const at = next.kind === 'later' ? Math.max(next.at, lane.quietUntil) : lane.quietUntil;
    if (next.kind === 'next' && isDue(at, now)) return next.item;
    lane.timer = clock.after(Math.max(0, at - now), () => this.#wake(laneKey));
    return null;
  }

  /** One attempt, from its beginning to what follows from its end; none where news took the item's place meanwhile. */
  async #attempt(lane: Lane, due: OutboxItem): Promise<void> {
    const key = itemKey(due);
    await this.#turns.take(key, async () => {
      if (lane.items.get(key) !== due) return;
      const { item, effects } = await this.#perform(due, { kind: 'turn' });
      if (item === null || !effects.some(({ kind }) => kind === 'send')) return;
      const result = await this.#send(item);
      if (!result.ok && result.retryAfterMs !== null)
        lane.quietUntil = this.#deps.clock.now() + result.retryAfterMs;
      await this.#perform(
        item,
        result.ok ? { kind: 'delivered', ...result } : { kind: 'refused', ...result },
      );
    });
  }

  async #send(item: OutboxItem): Promise<SendResult> {
    try {
      const result = await this.#deps.send(item);
      if (result.ok || result.retryAfterMs === null) return result;
      return { ...result, retryAfterMs: Math.min(result.retryAfterMs, MOST_WAIT_MS) };
    } catch (error) {
      const reason = error instanceof Error ? error.message : String(error);
      this.#deps.log.error({ err: error, receiver: item.receiver }, 'a notifier failed instead of answering');
      return { ok: false, reason, isRetryable: true, isUncertain: true, retryAfterMs: null };
    }
  }

  /** A step that follows from what already happened is written until it is: there is no way back. */
  async #perform(item: OutboxItem, input: OutboxInput): Promise<OutboxStep> {
    const { clock, random, log } = this.#deps;
    const step = advanceItem(item, input, clock.now(), random);
    for (;;) {
      try {
        await this.#carryOut(item, step);
        return step;
      } catch (error) {
        if (this.#stopped.signal.aborted) return { ...step, effects: [] };
        log.error(
          { err: error, receiver: item.receiver, step: input.kind },
          'a notification could not be written',
        );
        await clock.sleep(DISK_PAUSE_MS, this.#stopped.signal).catch(() => {});
      }
    }
  }

  async #carryOut(before: OutboxItem | null, step: OutboxStep): Promise<void> {
    const { state, tenant, decide } = this.#deps;
    for (const one of planOf({ state, tenant, before }, step))
      switch (one.kind) {
        case 'decide':
          await decide(one.decisions);
          break;
        case 'store':
          await state.write(one.writes);
          this.#remember(before, step.item);
          break;
        case 'act':
          for (const effect of one.effects) if (effect.kind === 'settled') this.#settle(effect.id, effect.ok);
          break;
      }
  }

  #remember(before: OutboxItem | null, after: OutboxItem | null): void {
    const item = after ?? before;
    if (item === null) return;
    const { items } = this.#lane(laneOf(item));
    if (after === null) items.delete(itemKey(item));
    else items.set(itemKey(after), after);
  }

  #settle(id: string, ok: boolean): void {
    const waiters = this.#waiters.get(id) ?? [];
    this.#waiters.delete(id);
    for (const resolve of waiters) resolve(ok);
  }

  #lane(key: string): Lane {
    const known = this.#lanes.get(key);
    if (known !== undefined) return known;
    const lane: Lane = { items: new Map(), quietUntil: 0, isBusy: false, isWoken: false, timer: null };
    this.#lanes.set(key, lane);
    return lane;
  }
}
