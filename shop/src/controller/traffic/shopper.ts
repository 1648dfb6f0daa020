import { createHmac } from 'node:crypto';
import { z } from 'zod';
import type { Clock, Random } from '../../shared/clock.ts';
import type { AskShop, ShopAnswer } from './gateway-client.ts';

/** A token is renewed after this long, well before the hour that it lasts. */
const TOKEN_MS = 40 * 60_000;
const LOW_STOCK = 500;
const RESTOCK = 2_000;
const SEARCHES = ['lamp', 'mug', 'brass', 'clock', 'wool', 'print', 'notebook', 'soap', 'nothing like it'];

const signedIn = z.object({ access_token: z.string() });
const productList = z.object({ products: z.array(z.object({ id: z.string(), stock: z.number() })) });
type SeenProduct = z.infer<typeof productList>['products'][number];

/** What shoppers do, and how often relative to each other. */
export const ACTIONS = {
  search: 26,
  browse: 14,
  order: 18,
  deposit: 9,
  withdraw: 2,
  portfolio: 10,
  orders: 9,
  profile: 6,
  users: 2,
  sign_in: 2,
  restock: 2,
  register: 0.4,
} as const;
export type Action = keyof typeof ACTIONS;

/** Picks by weight. */
export function pickAction(random: Random): Action {
  const total = Object.values(ACTIONS).reduce((sum, weight) => sum + weight, 0);
  let left = random() * total;
  for (const name of ACTION_NAMES) {
    left -= ACTIONS[name];
    if (left < 0) return name;
  }
  return 'search';
}

export const ACTION_NAMES = [
  'search',
  'browse',
  'order',
  'deposit',
  'withdraw',
  'portfolio',
  'orders',
  'profile',
  'users',
  'sign_in',
  'restock',
  'register',
] as const satisfies readonly Action[];

export interface ShopperDeps {
  readonly ask: AskShop;
  readonly random: Random;
  readonly clock: Clock;
  /** Passwords are derived from it, so that a shopper of yesterday can sign in today. */
  readonly secret: string;
}

interface Done {
  readonly action: Action;
  readonly answer: ShopAnswer;
}

/** One customer with a name, a token and a memory of what was on the shelf. */
export interface Shopper {
  readonly signedIn: boolean;
  readonly token: string | null;
  /** Does one thing; answers the action it really took and what the shop said. */
  act(action: Action): Promise<Done>;
}

export function createShopper(deps: ShopperDeps, username: string): Shopper {
  const { ask, clock, secret } = deps;
  const memory: Memory = { token: null, tokenAt: 0, products: [], broke: false };
  let generation = 1;
  const credentials = (): { username: string; password: string } => {
    const name = generation === 1 ? username : `${username}-${generation}`;
    return { username: name, password: passwordOf(secret, name) };
  };

  const signIn = async (): Promise<ShopAnswer> => {
    const answer = await ask({ method: 'POST', path: '/signin', body: credentials() });
    const token = signedIn.safeParse(answer.body);
    memory.token = answer.status === 200 && token.success ? token.data.access_token : null;
    memory.tokenAt = clock.monotonic();
    return answer;
  };
  /** In the shop's first hours nobody is registered yet: whoever is refused registers, and comes in the next time. */
  const enter = async (): Promise<Done> => {
    const answer = await signIn();
    if (answer.status !== 401) return { action: 'sign_in', answer };
    const registered = await ask({ method: 'POST', path: '/register', body: credentials() });
    // Taken, but not by our password: left over from a shop with another secret. The next try takes the next name.
    if (registered.status === 409) generation++;
    return { action: 'register', answer: registered };
  };
  /** One person goes through the door once; errands that come meanwhile wait, and are done when it is open. */
  let entering: Promise<Done> | null = null;
  const comeIn = (): Promise<Done> => {
    entering ??= enter().finally(() => {
      entering = null;
    });
    return entering;
  };
  const errands: Errands = { ...createErrands(deps, memory), sign_in: signIn };

  return {
    get signedIn() {
      return memory.token !== null;
    },
    get token() {
      return memory.token;
    },
    async act(action) {
      const stale = clock.monotonic() - memory.tokenAt > TOKEN_MS;
      if (memory.token === null || stale || action === 'sign_in') {
        const waited = entering !== null;
        const done = await comeIn();
        if (!waited || memory.token === null) return done;
      }
      const chosen = memory.broke && action === 'order' ? 'deposit' : action;
      const answer = await errands[chosen]();
      if (answer.status === 401) memory.token = null;
      if (chosen === 'order') memory.broke = answer.status === 402;
      if (chosen === 'deposit' && answer.status === 200) memory.broke = false;
      return { action: chosen, answer };
    },
  };
}

type Errands = Readonly<Record<Action, () => Promise<ShopAnswer>>>;

/** What a shopper who is signed in can do. */
function createErrands({ ask, random, secret }: ShopperDeps, memory: Memory): Omit<Errands, 'sign_in'> {
  const get = (path: string): Promise<ShopAnswer> => ask({ method: 'GET', path, token: memory.token });
  const post = (path: string, body: unknown): Promise<ShopAnswer> =>
    ask({ method: 'POST', path, token: memory.token, body });
  const browse = async (): Promise<ShopAnswer> => {
    const answer = await get('/api/v1/all_products');
    const list = productList.safeParse(answer.body);
    if (list.success) memory.products = list.data.products;
    return answer;
  };
  return {
    browse,
    search: () => get(`/api/v1/product?q=${encodeURIComponent(pick(SEARCHES, random) ?? '')}`),
    deposit: () => post('/api/v1/balance/deposit', { amount: 100 + Math.floor(random() * 900) }),
    withdraw: () => post('/api/v1/balance/withdraw', { amount: 1 + Math.floor(random() * 5) }),
    portfolio: () => get('/api/v1/portfolio'),
    orders: () => get('/api/v1/orders?limit=20'),
    profile: () => get('/api/v1/users/me'),
    users: () => get('/api/v1/users?limit=20'),
    order: () => {
      const wanted = pick(memory.products, random);
      if (wanted === undefined) return browse();
      return post('/api/v1/order', { product_id: wanted.id, quantity: 1 + Math.floor(random() * 3) });
    },
    restock: () => {
      const scarce = memory.products.find((product) => product.stock < LOW_STOCK);
      if (scarce === undefined) return browse();
      return post('/api/v1/update_stock', { product_id: scarce.id, delta: RESTOCK });
    },
    register: () => {
      const username = `guest-${Math.floor(random() * 1e9).toString(36)}`;
      const body = { username, password: passwordOf(secret, username) };
      return ask({ method: 'POST', path: '/register', body });
    },
  };
}

interface Memory {
  token: string | null;
  tokenAt: number;
  products: readonly SeenProduct[];
  /** The last order was not covered: money comes before the next one. */
  broke: boolean;
}

function passwordOf(secret: string, username: string): string {
  return createHmac('sha256', secret).update(`shopper ${username}`).digest('base64url').slice(0, 32);
}

function pick<T>(list: readonly T[], random: Random): T | undefined {
  return list[Math.floor(random() * list.length)];
}
