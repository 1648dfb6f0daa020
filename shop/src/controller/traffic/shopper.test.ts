import { describe, expect, it } from 'vitest';
import { systemClock } from '../../shared/clock.ts';
import type { ShopAnswer, ShopRequest } from './gateway-client.ts';
import { createShopper } from './shopper.ts';

function setup(answer: (request: ShopRequest) => ShopAnswer, secret = 'secret') {
  const asked: string[] = [];
  const bodies: unknown[] = [];
  const shopper = createShopper(
    {
      ask: async (request) => {
        asked.push(`${request.method} ${request.path}`);
        bodies.push(request.body);
        return answer(request);
      },
      random: () => 0,
      clock: systemClock,
      secret,
    },
    'shopper-01',
  );
  return { shopper, asked, bodies };
}

const token = { status: 200, body: { access_token: 't' } };

describe('a shopper', () => {
  it('registers when nobody knows them, then signs in and shops with a token', async () => {
    let known = false;
    const { shopper, asked } = setup(({ path }) => {
      if (path === '/register') known = true;
      if (path === '/signin') return known ? token : { status: 401, body: null };
      return { status: 200, body: { products: [{ id: 'p', stock: 9 }] } };
    });
    expect((await shopper.act('search')).action).toBe('register');
    expect(shopper.signedIn).toBe(false);
    expect((await shopper.act('search')).action).toBe('sign_in');
    expect(shopper.token).toBe('t');
    await shopper.act('browse');
    await shopper.act('order');
    expect(asked).toEqual([
      'POST /signin',
      'POST /register',
      'POST /signin',
      'GET /api/v1/all_products',
      'POST /api/v1/order',
    ]);
  });

  it('goes through the door once, however many errands wait', async () => {
    const { shopper, asked } = setup(() => token);
    await Promise.all([shopper.act('search'), shopper.act('order'), shopper.act('profile')]);
    expect(asked).toEqual(['POST /signin', 'GET /api/v1/all_products', 'GET /api/v1/users/me']);
  });

  it('takes another name when theirs belongs to somebody else', async () => {
    const { shopper, bodies } = setup(({ path }) => ({ status: path === '/signin' ? 401 : 409, body: null }));
    await shopper.act('search');
    await shopper.act('search');
    expect(bodies.map((body) => (body as { username: string }).username)).toEqual([
      'shopper-01',
      'shopper-01',
      'shopper-01-2',
      'shopper-01-2',
    ]);
  });

  it('pays in before the next order when the last one was not covered', async () => {
    const { shopper, asked } = setup(({ path }) => {
      if (path === '/signin') return token;
      if (path === '/api/v1/order') return { status: 402, body: null };
      return { status: 200, body: { products: [{ id: 'p', stock: 9 }] } };
    });
    await shopper.act('sign_in');
    await shopper.act('browse');
    await shopper.act('order');
    await shopper.act('order');
    expect(asked.at(-1)).toBe('POST /api/v1/balance/deposit');
  });

  it('forgets a token that is refused', async () => {
    const { shopper } = setup(({ path }) => (path === '/signin' ? token : { status: 401, body: null }));
    await shopper.act('sign_in');
    await shopper.act('orders');
    expect(shopper.signedIn).toBe(false);
  });
});
