import { describe, expect, it } from 'vitest';
import { notice, type SeenVersion } from './notice.ts';

const MINUTE = 60_000;

/** Spans of versions by minute, `1@3` for one of version 1 in minute 3, and `new over old@minute` of each deployment. */
function deployments(...spans: readonly string[]): string[] {
  let known: readonly SeenVersion[] = [];
  const found: string[] = [];
  for (const span of spans) {
    const [version = '', minute] = span.split('@');
    const at = Number(minute) * MINUTE;
    const told = notice(known, { version, from: at, to: at });
    known = told.known;
    if (told.deployment !== null)
      found.push(
        `${told.deployment.version} over ${told.deployment.previous}@${told.deployment.at / MINUTE}`,
      );
  }
  return found;
}

describe('deployments from the versions of spans', () => {
  it.each<[string, readonly string[], readonly string[]]>([
    ['the first version ever is none', ['1@0', '1@1'], []],
    ['a new one is told at once, and once', ['1@0', '2@1', '2@2', '2@30'], ['2 over 1@1']],
    ['both answer while instances are replaced', ['1@0', '2@1', '1@1', '2@2', '1@2', '2@3'], ['2 over 1@1']],
    ['a third one', ['1@0', '2@1', '3@2'], ['2 over 1@1', '3 over 2@2']],
    [
      'the old one is back, once it is alone',
      ['1@0', '2@1', '2@9', '1@10', '1@11', '1@13', '1@14'],
      ['2 over 1@1', '1 over 2@10'],
    ],
    [
      'the new one goes on for a moment after the old one is back',
      ['1@0', '2@1', '2@9', '1@10', '2@11', '1@12', '1@13'],
      ['2 over 1@1', '1 over 2@10'],
    ],
    [
      'a canary that answers now and then is told once',
      Array.from({ length: 40 }, (_, minute) => [
        ...(minute % 8 === 1 ? [`2@${minute}`] : []),
        `1@${minute}`,
      ]).flat(),
      ['2 over 1@1'],
    ],
    ['a service that is rarely asked has not been deployed', ['1@0', '1@60', '1@120'], []],
    ['spans of long ago are of the past', ['2@100', '1@20', '1@89'], []],
    ['spans that come a little late are new', ['1@100', '2@95'], ['2 over 1@95']],
  ])('%s', (_, spans, expected) => {
    expect(deployments(...spans)).toEqual(expected);
  });

  it('remembers the versions that were seen last, from the first span of each to the newest', () => {
    let known: readonly SeenVersion[] = [];
    for (let i = 0; i < 30; i++)
      known = notice(known, { version: `${i}`, from: i * MINUTE, to: i * MINUTE + 5 }).known;
    known = notice(known, { version: '29', from: 28.5 * MINUTE, to: 28.5 * MINUTE }).known;
    expect(known).toHaveLength(20);
    expect(known[0]).toEqual({ version: '29', first: 28.5 * MINUTE, last: 29 * MINUTE + 5 });
  });
});
