import { expect, test } from 'vitest';
import { engineErrors } from '../errors.ts';
import { StderrTail } from './stderr-tail.ts';

const corrupt = engineErrors.make('corrupt', 'the engine cannot open /data');

test('lines are cut from chunks; what is logged is bounded', () => {
  const tail = new StderrTail();
  expect(tail.push(Buffer.from('one\ntw'))).toEqual(['one']);
  expect(tail.push(Buffer.from('o\n\n'))).toEqual(['two']);
  const flood = tail.push(Buffer.from('x\n'.repeat(1_000)));
  expect(flood.length).toBe(98);
  expect(tail.push(Buffer.from('more\n'))).toEqual([]);
  expect(tail.last()).toBe('more');
});

test('a failure to open is explained by the code that the engine printed', () => {
  const locked = new StderrTail();
  locked.push(Buffer.from('Code: 76. DB::Exception: Cannot lock file /data/status.\n'));
  const explained = locked.explain(corrupt);
  expect(engineErrors.is(explained, 'locked') && explained.details?.code).toBe(76);
  const broken = new StderrTail();
  broken.push(Buffer.from('Code: 62. DB::Exception: Syntax error in samples.sql'));
  expect(engineErrors.is(broken.explain(corrupt), 'corrupt') && broken.explain(corrupt).message).toContain(
    'samples.sql',
  );
  expect(new StderrTail().explain(corrupt)).toBe(corrupt);
  const other = engineErrors.make('newerData', 'x');
  expect(locked.explain(other)).toBe(other);
});
