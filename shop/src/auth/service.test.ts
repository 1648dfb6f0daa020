import { describe, expect, it } from 'vitest';
import type { UserClient } from '../shared/clients.ts';
import { ShopError } from '../shared/errors.ts';
import type { Credential } from '../shared/storage/types.ts';
import { createAuthService } from './service.ts';

function setup(createProfile: UserClient['createProfile']) {
  const stored = new Map<string, Credential>();
  const counted: string[] = [];
  const counter = (name: string) => ({
    inc: (labels: { result?: string }) =>
      void counted.push(labels.result === undefined ? name : `${name} ${labels.result}`),
  });
  const service = createAuthService({
    credentials: {
      addPending: async (credential) => {
        const earlier = stored.get(credential.username);
        if (earlier?.state === 'active') return null;
        const id = earlier?.id ?? credential.id;
        stored.set(credential.username, { ...credential, id, state: 'pending' });
        return id;
      },
      activate: async (id, passwordHash) => {
        const [found] = [...stored.values()].filter((c) => c.id === id && c.passwordHash === passwordHash);
        if (found === undefined) return false;
        stored.set(found.username, { ...found, state: 'active' });
        return true;
      },
      findByUsername: async (username) => stored.get(username) ?? null,
    },
    users: { createProfile, charge: async () => 'charged', refund: async () => undefined },
    tokens: { issue: async ({ userId }) => `token of ${userId}` },
    clock: { now: () => 1 },
    cost: 4,
    metrics: {
      attempts: counter('attempt'),
      failures: counter('failure'),
      issued: counter('issued'),
      registrations: counter('registration'),
      logins: counter('login'),
    },
  });
  return { service, stored, counted };
}

const ann = { username: 'ann', password: 'correct horse', email: null };

describe('registration', () => {
  it('keeps no password, and lets the new user in', async () => {
    const { service, stored, counted } = setup(async () => 'created');
    const { id } = await service.register(ann);
    expect(stored.get('ann')?.passwordHash).toMatch(/^\$2[aby]\$04\$/);
    expect(await service.signIn(ann)).toBe(`token of ${id}`);
    await expect(service.register(ann)).rejects.toMatchObject({ code: 'conflict' });
    expect(counted).toEqual(['registration', 'attempt success', 'login', 'issued']);
  });

  it('that lost its profile can be repeated, under the same id', async () => {
    const ids: string[] = [];
    let up = false;
    const { service, stored } = setup(async ({ id }) => {
      ids.push(id);
      if (!up) throw new ShopError('unavailable', 'down');
      return 'created';
    });
    await expect(service.register(ann)).rejects.toMatchObject({ code: 'unavailable' });
    expect(stored.get('ann')?.state).toBe('pending');
    await expect(service.signIn(ann)).rejects.toMatchObject({ code: 'unauthenticated' });
    up = true;
    expect(await service.register(ann)).toEqual({ id: ids[0], username: 'ann' });
    expect(new Set(ids).size).toBe(1);
  });
});

describe('sign-in', () => {
  it('does not tell which half was wrong', async () => {
    const { service, counted } = setup(async () => 'created');
    await service.register(ann);
    const wrong = await service.signIn({ ...ann, password: 'wrong' }).catch((error: unknown) => error);
    const unknown = await service.signIn({ ...ann, username: 'nobody' }).catch((error: unknown) => error);
    expect(wrong).toEqual(unknown);
    expect(counted.filter((name) => name === 'failure')).toHaveLength(2);
  });
});
