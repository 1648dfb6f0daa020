import { afterEach, describe, expect, it } from 'vitest';
import { isFiring } from './incident.ts';
import { MOST_MEMBERS } from './size.ts';
import { crowdKind, storedIncident } from './stored.ts';
import { IncidentsHouse } from './testing/open.ts';
import { MemoryIncidents, MINUTE, sighting } from './testing/world.ts';

/** The state takes no larger value. */
const MOST_BYTES = 2 ** 20;
const DAY = 86_400_000;

const houses: IncidentsHouse[] = [];
afterEach(async () => {
  for (const one of houses.splice(0)) await one.stop();
});

async function house(): Promise<IncidentsHouse> {
  const made = await new IncidentsHouse().start();
  houses.push(made);
  return made;
}

describe('an incident fits into the state', () => {
  it('whatever people write into it, and alerts still find their incidents', async () => {
    const it = await house();
    await it.alert('Down store');
    const text = 'ü'.repeat(10_000);
    const statuses: number[] = [];
    for (let i = 0; i < 17; i++) statuses.push((await it.ask('POST', '/1/notes', { text })).status);
    expect(new Set(statuses)).toEqual(new Set([200, 400]));
    const refused = await it.ask('POST', '/1/notes', { text });
    expect(refused.text).toContain('no room for this one');
    await it.alert('Slow user');
    await it.alert('Disk x');
    expect(it.shown()).toEqual(['1 open: Down store, Slow user', '2 open: Disk x']);
    // What is short is still taken.
    expect((await it.ask('POST', '/1/notes', { text: 'found it' })).status).toBe(200);
  });

  it('whatever alerts say', async () => {
    const it = await house();
    const labels = Object.fromEntries(Array.from({ length: 64 }, (_, i) => [`l${i}`, '\u0001'.repeat(490)]));
    for (let i = 0; i < 12; i++) await it.alert('Down store', { labels: { ...labels, n: String(i) } });
    await it.alert(`Odd ${'s'.repeat(60_000)}`);
    await it.alert('Slow user');
    const all = it.incidents.book.all();
    expect(all).toHaveLength(2);
    for (const one of all)
      expect(Buffer.byteLength(JSON.stringify(storedIncident(one)))).toBeLessThan(MOST_BYTES);
    expect(it.incidents.book.beyond('1')).toBeGreaterThan(0);
  });

  it('whatever comes and goes in it', () => {
    const all = new MemoryIncidents();
    const name = `A${'x'.repeat(490)} s${'y'.repeat(490)}`;
    for (let i = 0; i < 400; i++) all.fire(name).end(name).after(1000);
    const [one] = all.open();
    expect(Buffer.byteLength(JSON.stringify(storedIncident(one)))).toBeLessThan(MOST_BYTES / 4);
    expect(one.events[0]?.what).toBe('opened');
  });
});

it('an incident that goes on names what fires, not what ended long ago', () => {
  const all = new MemoryIncidents();
  const named = (i: number) => sighting('Down order', { fingerprint: `f${i}`, startsAt: all.now });
  for (let i = 0; i < MOST_MEMBERS; i++) all.fires(named(i));
  for (let i = 0; i < MOST_MEMBERS - 1; i++) all.end(`f${i}`);
  all.after(10 * MINUTE).fires(named(1000));
  expect(all.isCounted('f1000')).toBe(true);
  all.after(21 * MINUTE).fires(named(1001));
  const members = all.open()[0].members.map(({ fingerprint }) => fingerprint);
  expect(members).toHaveLength(MOST_MEMBERS);
  expect([members[0], members.at(-1), members.includes('f1')]).toEqual(['f0', 'f1001', false]);
});

it('what was only counted is named once there is room', async () => {
  const it = await house();
  await it.flood(MOST_MEMBERS + 10);
  await it.flood(MOST_MEMBERS, true);
  await it.pass(20);
  const { book } = it.incidents;
  expect([book.beyond('1'), book.get('1')?.members.filter(isFiring).length]).toEqual([10, 0]);
  await it.pass(12);
  expect([book.beyond('1'), book.get('1')?.members.filter(isFiring).length]).toEqual([0, 10]);
});

describe('one that somebody resolved while more of its alerts fire than it names', () => {
  const phases = (it: IncidentsHouse) =>
    it.incidents.book.all().map(({ id, phase }) => `${id} ${phase.kind}`);
  async function resolved(): Promise<IncidentsHouse> {
    const it = await house();
    await it.flood(MOST_MEMBERS + 10);
    expect((await it.ask('POST', '/1/resolve', { by: 'ada' })).status).toBe(200);
    return it;
  }
  async function again(it: IncidentsHouse): Promise<void> {
    await it.stop();
    await it.start(it.state);
  }

  it('stays so over restarts, until one comes that it does not have', async () => {
    const it = await resolved();
    for (let i = 0; i < 2; i++) {
      await again(it);
      await it.pass(1);
      expect([phases(it), it.incidents.book.beyond('1')]).toEqual([['1 resolved'], 10]);
    }
    await it.alert('Down order', { labels: { n: 'new' } });
    expect(phases(it)).toEqual(['2 open', '1 resolved']);
  });

  it('has nothing of those that ended and began anew, also where that was just before a restart', async () => {
    const it = await resolved();
    await it.pass(1);
    await it.flood(MOST_MEMBERS + 10, true);
    await it.pass(40);
    await it.alert('Down order', { labels: { n: String(MOST_MEMBERS + 5) } });
    expect(phases(it)).toEqual(['2 open', '1 resolved']);
    await again(it);
    expect([phases(it), it.incidents.book.beyond('1')]).toEqual([['2 open', '1 resolved'], 0]);
    await it.alert('Down order', { labels: { n: String(MOST_MEMBERS + 5) }, isOver: true });
    await it.pass(10);
    expect(phases(it)).toEqual(['2 resolved', '1 resolved']);
  });

  it('has nothing of one that ended and began anew while nobody looked', async () => {
    const it = await resolved();
    await it.incidents.stop();
    await it.pass(1);
    await it.alert('Down order', { labels: { n: String(MOST_MEMBERS + 5) }, isOver: true });
    await it.pass(1);
    await it.alert('Down order', { labels: { n: String(MOST_MEMBERS + 5) }, startsAt: it.clock.now() });
    await again(it);
    expect([phases(it), it.incidents.book.beyond('1')]).toEqual([['2 open', '1 resolved'], 9]);
  });

  it('keeps nothing of them on disk once it goes on, or is forgotten', async () => {
    const it = await resolved();
    const onDisk = () =>
      it.state?.list(crowdKind, 'default').flatMap(({ value }) => value.fingerprints).length;
    expect(onDisk()).toBe(10);
    await it.ask('POST', '/1/reopen', { by: 'ada' });
    expect([onDisk(), it.incidents.book.beyond('1')]).toEqual([0, 10]);
    await it.ask('POST', '/1/resolve', { by: 'ada' });
    expect(onDisk()).toBe(10);
    const { book } = it.incidents;
    expect(await book.clean(Number.MAX_SAFE_INTEGER)).toBe(0);
    await it.flood(MOST_MEMBERS + 10, true);
    expect([await book.clean(Number.MAX_SAFE_INTEGER), onDisk()]).toEqual([1, 0]);
  });
});

describe('clocks', () => {
  it('that were put back keep no incident open', () => {
    const all = new MemoryIncidents().fire('Down store');
    all.now += 365 * DAY;
    all.end('Down store');
    all.now -= 365 * DAY;
    expect(all.after(0).open()).toEqual([]);
  });

  it('of a sender that are ahead make no second alert of one', () => {
    const all = new MemoryIncidents();
    const ahead = sighting('Down store', { startsAt: all.now + 5000 });
    all.fires(ahead).after(MINUTE).fires(ahead).after(MINUTE).fires(ahead);
    expect(all.get('1')?.members[0]).toMatchObject({ times: 1 });
    expect(all.get('1')?.events).toHaveLength(1);
    all.end('Down store').after(MINUTE);
    expect(all.get('1')?.members[0].endedAt).toBe(all.now - MINUTE);
  });
});

it('a flood of alerts is looked through once, not once for each hundred of them', async () => {
  const it = await house();
  await it.flood(1200);
  expect(it.shown()[0]).toMatch(/^1 open: /);
  expect(it.incidents.book.beyond('1')).toBe(900);
  // They come five hundred at a time.
  expect(it.signsAsked).toBeLessThanOrEqual(3);
});
