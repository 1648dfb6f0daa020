import { X509Certificate } from 'node:crypto';
import { expect, it } from 'vitest';
import { ManualClock } from '../kernel/clock.ts';
import { CertificateMemory } from './certificates.ts';
import { testCertificate } from './testing/setup.ts';

it('remembers as many as there is room for, however many more are seen in turn', async () => {
  const [a, b, c] = await Promise.all(
    ['a', 'b', 'c'].map(async (name) => new X509Certificate((await testCertificate(name)).cert)),
  );
  const clock = new ManualClock();
  const memory = new CertificateMemory(clock, 2);
  /** Facts that are remembered are the same object. */
  const isRemembered = (leaf: X509Certificate | undefined): boolean => {
    const socket = { getPeerX509Certificate: () => leaf };
    return memory.of(socket) === memory.of(socket);
  };
  const round = (): boolean[] => [a, b, c].map(isRemembered);
  expect([round(), round()]).toEqual([
    [true, true, false],
    [true, true, false],
  ]);
  await clock.advance(200_000);
  expect(isRemembered(a)).toBe(true);
  await clock.advance(200_000);
  expect([isRemembered(c), isRemembered(b)]).toEqual([true, true]);
  expect(isRemembered(a)).toBe(false);
});
