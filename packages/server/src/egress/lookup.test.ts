import { describe, expect, it } from 'vitest';
import { ManualClock } from '../kernel/clock.ts';
import { candidates, createLookup, parseHosts, parseResolv } from './lookup.ts';

function setup(
  zone: Readonly<Record<string, string[] | string>>,
  files: Readonly<Record<string, string>> = {},
) {
  const asked: string[] = [];
  const answer = (name: string): Promise<string[]> => {
    asked.push(name);
    const found = Object.hasOwn(zone, name) ? zone[name] : 'ENOTFOUND';
    return typeof found === 'object'
      ? Promise.resolve(found)
      : Promise.reject(Object.assign(new Error(found), { code: found }));
  };
  const clock = new ManualClock();
  const texts = { ...files };
  const lookup = createLookup({
    servers: { resolve4: answer, resolve6: (name) => answer(`${name} AAAA`) },
    clock,
    readText: (path) =>
      texts[path] === undefined ? Promise.reject(new Error(path)) : Promise.resolve(texts[path]),
  });
  return { lookup, asked, clock, texts };
}

describe('createLookup', () => {
  it('knows localhost and the hosts file before it asks a server', async () => {
    const { lookup, asked } = setup(
      {},
      { '/etc/hosts': '10.0.0.9 Order order.local # the shop\n::9 order\n' },
    );
    expect(await lookup('localhost', 4)).toEqual(['127.0.0.1']);
    expect(await lookup('a.localhost', 6)).toEqual(['::1']);
    expect([await lookup('ORDER', 4), await lookup('order', 6)]).toEqual([['10.0.0.9'], ['::9']]);
    expect(asked).toEqual([]);
  });

  it('walks the search list as resolv.conf says, and stops at a failure that is no absence', async () => {
    const files = {
      '/etc/resolv.conf': 'search default.svc.cluster.local svc.cluster.local\noptions ndots:5\n',
    };
    const { lookup, asked } = setup(
      { 'order.shop.svc.cluster.local': ['10.3.0.1'], 'slow.default.svc.cluster.local': 'ETIMEOUT' },
      files,
    );
    expect(await lookup('order.shop', 4)).toEqual(['10.3.0.1']);
    expect(asked).toEqual(['order.shop.default.svc.cluster.local', 'order.shop.svc.cluster.local']);
    await expect(lookup('slow', 4)).rejects.toMatchObject({ code: 'ETIMEOUT' });
    await expect(lookup('nowhere.', 4)).rejects.toMatchObject({ code: 'ENOTFOUND' });
    expect(asked.at(-1)).toBe('nowhere');
  });

  it('reads the files again after a while', async () => {
    const { lookup, clock, texts } = setup({ a: ['1.1.1.1'] }, { '/etc/hosts': '10.0.0.1 a' });
    expect(await lookup('a', 4)).toEqual(['10.0.0.1']);
    texts['/etc/hosts'] = '';
    expect(await lookup('a', 4)).toEqual(['10.0.0.1']);
    await clock.advance(6000);
    expect(await lookup('a', 4)).toEqual(['1.1.1.1']);
  });
});

describe('the files', () => {
  it('are read leniently', () => {
    expect(parseHosts('# x\n\n1.2.3.4\nbroken name\n1.2.3.4 a b\n1.2.3.5 a').get('a')).toEqual([
      '1.2.3.4',
      '1.2.3.5',
    ]);
    expect(parseHosts('1.2.3.4 __proto__').get('__proto__')).toEqual(['1.2.3.4']);
    expect(parseResolv('domain x.\noptions timeout:1 ndots:99\nsearch a b c d e f g')).toEqual({
      search: ['a', 'b', 'c', 'd', 'e', 'f'],
      ndots: 15,
    });
    expect(candidates('a.b', ['x'], 1)).toEqual(['a.b', 'a.b.x']);
    expect(candidates('a', ['x'], 1)).toEqual(['a.x', 'a']);
  });
});
