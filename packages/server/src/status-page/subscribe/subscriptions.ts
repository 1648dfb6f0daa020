import { randomBytes } from 'node:crypto';
import type { Clock } from '../../kernel/clock.ts';
import type { Log } from '../../kernel/log.ts';
import { type Impact, type Incident, type Subscriber, subscriber } from '../definition.ts';
import { statusPageErrors } from '../errors.ts';
import type { PublicStatus } from '../snapshot.ts';
import { publicId, type StatusPageStore } from '../store.ts';
import type { StatusPageTelemetry } from '../telemetry.ts';

interface About {
  readonly page: { readonly title: string; readonly status: PublicStatus };
  /** ISO 8601. */
  readonly at: string;
}

/** What subscribers are told; all of it is public. */
export type Message = About &
  (
    | {
        readonly type: 'components.changed';
        readonly components: readonly {
          readonly id: string;
          readonly name: string;
          readonly status: PublicStatus;
        }[];
      }
    | {
        readonly type: 'incident.updated';
        readonly incident: {
          readonly id: string;
          readonly title: string;
          readonly impact: Impact;
          readonly phase: Incident['updates'][number]['phase'];
          readonly text: string;
          readonly over: boolean;
        };
      }
  );

/** What only one subscriber is told: how to agree, how to leave. */
export type Letter =
  | { readonly type: 'subscription.confirm'; readonly confirm_url: string }
  | (Message & { readonly unsubscribe_url: string });

/** One way to reach subscribers. Rejects when the letter did not arrive. */
export type Channel = (address: string, letter: Letter) => Promise<void>;

export interface SubscriptionsDeps {
  readonly clock: Clock;
  readonly log: Log;
  readonly telemetry: StatusPageTelemetry;
  readonly store: StatusPageStore;
  /** One entry for each kind of subscriber; mail becomes another. */
  readonly channels: Readonly<Record<Subscriber['channel'], Channel>>;
  /** Where the public finds the page, without a slash at its end. */
  readonly pageUrl: () => string;
}

const MOST = 500;
const MOST_OF_A_HOST = 5;
/** Readers who have not agreed yet; each costs one request to an address that somebody named. */
const MOST_UNCONFIRMED = 10;
const CONFIRM_WITHIN_MS = 3_600_000;
/** Letters that wait for one channel; beyond, the oldest are dropped. */
const MOST_WAITING = 2000;
const AT_ONCE = 8;
const ATTEMPTS = 3;
const RETRY_MS = 2000;

interface Waiting {
  readonly to: Subscriber;
  readonly letter: Letter;
}

/** Who is told of changes. Nobody is told who has not agreed at the address itself. */
export class Subscriptions {
  readonly #deps: SubscriptionsDeps;
  readonly #waiting: Waiting[] = [];
  readonly #stopped = new AbortController();
  #sending = 0;

  constructor(deps: SubscriptionsDeps) {
    this.#deps = deps;
    deps.telemetry.watch({
      waiting: () => this.#waiting.length,
      subscribers: () => deps.store.subscribers().filter(({ confirmed }) => confirmed).length,
    });
  }

  stop(): void {
    this.#stopped.abort(new Error('Pharos is stopping'));
  }

  /** Asks the owner of an address to agree. Throws `address` or `tooMany`; says nothing of who has subscribed already. */
  async subscribe(channel: Subscriber['channel'], address: string): Promise<void> {
    const { store, clock } = this.#deps;
    const parsed = subscriber.shape.address.safeParse(address);
    if (!parsed.success) throw statusPageErrors.make('address', 'address: expected an http or https address');
    await this.#forgetUnconfirmed();
    const all = store.subscribers();
    if (all.some((one) => one.address === address)) return;
    const { host } = new URL(address);
    const ofHost = all.filter((one) => new URL(one.address).host === host).length;
    if (
      all.length >= MOST ||
      ofHost >= MOST_OF_A_HOST ||
      all.filter(({ confirmed }) => !confirmed).length >= MOST_UNCONFIRMED
    )
      throw statusPageErrors.make('tooMany', 'there are too many subscriptions; try again later', {
        retryAfterSeconds: 600,
      });
    const made: Subscriber = {
      id: publicId(),
      channel,
      address,
      token: randomBytes(24).toString('base64url'),
      confirmed: false,
      at: clock.now(),
    };
    await store.putSubscriber(made);
    this.#send({
      to: made,
      letter: { type: 'subscription.confirm', confirm_url: this.#link('confirm', made) },
    });
  }

  /** Throws `unknown` when nobody has the token, or it is too late. */
  async confirm(token: string): Promise<void> {
    await this.#forgetUnconfirmed();
    const found = this.#byToken(token);
    if (!found.confirmed) await this.#deps.store.putSubscriber({ ...found, confirmed: true });
  }

  async unsubscribe(token: string): Promise<void> {
    await this.#deps.store.removeSubscriber(this.#byToken(token).id);
  }

  /** Never throws; what cannot be sent in time is dropped and counted. */
  tell(message: Message): void {
    for (const to of this.#deps.store.subscribers())
      if (to.confirmed)
        this.#send({ to, letter: { ...message, unsubscribe_url: this.#link('unsubscribe', to) } });
  }

  #byToken(token: string): Subscriber {
    const found = this.#deps.store.subscribers().find((one) => one.token === token);
    if (found === undefined) throw statusPageErrors.make('unknown', 'there is no such subscription');
    return found;
  }

  #link(what: 'confirm' | 'unsubscribe', { token }: Subscriber): string {
    return `${this.#deps.pageUrl()}/${what}/${token}`;
  }

  async #forgetUnconfirmed(): Promise<void> {
    const { store, clock } = this.#deps;
    for (const { id, confirmed, at } of store.subscribers())
      if (!confirmed && clock.now() - at > CONFIRM_WITHIN_MS) await store.removeSubscriber(id);
  }

  #send(waiting: Waiting): void {
    if (this.#stopped.signal.aborted) return;
    this.#waiting.push(waiting);
    if (this.#waiting.length > MOST_WAITING) {
      this.#waiting.shift();
      this.#deps.telemetry.letter('dropped');
    }
    while (this.#sending < AT_ONCE && this.#waiting.length > this.#sending) {
      this.#sending++;
      void this.#drain().finally(() => this.#sending--);
    }
  }

  async #drain(): Promise<void> {
    for (let next = this.#waiting.shift(); next !== undefined; next = this.#waiting.shift()) {
      if (this.#stopped.signal.aborted) return;
      this.#deps.telemetry.letter((await this.#deliver(next)) ? 'delivered' : 'failed');
    }
  }

  async #deliver({ to, letter }: Waiting): Promise<boolean> {
    const { channels, clock, log } = this.#deps;
    for (let attempt = 1; ; attempt++) {
      try {
        await channels[to.channel](to.address, letter);
        return true;
      } catch (error) {
        if (attempt === ATTEMPTS || letter.type === 'subscription.confirm') {
          log.info(
            { err: error, host: new URL(to.address).host },
            'a subscriber of the status page was not reached',
          );
          return false;
        }
      }
      try {
        await clock.sleep(RETRY_MS * attempt, this.#stopped.signal);
      } catch {
        return false;
      }
    }
  }
}
