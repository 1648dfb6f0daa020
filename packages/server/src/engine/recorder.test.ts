import { expect, test } from 'vitest';
import { currentRecorder, recordStatements, StatementRecorder } from './recorder.ts';

const ran = (text: string) => ({ purpose: 'p', text, durationMs: 1, bytes: 2, result: 'ok' });

test('what runs on behalf of a request is recorded at any depth, and nothing beside it', async () => {
  const [one, two] = [new StatementRecorder('q-1'), new StatementRecorder('q-2')];
  const deep = async (text: string): Promise<void> => {
    await Promise.resolve();
    currentRecorder()?.add(ran(text));
  };
  await Promise.all([
    recordStatements(one, () => deep('a')),
    recordStatements(two, () => deep('b')),
    deep('c'),
  ]);
  expect(one.statements.map(({ text }) => text)).toEqual(['a']);
  expect(two.statements.map(({ text }) => text)).toEqual(['b']);
  expect(currentRecorder()).toBeUndefined();
});

test('a record is bounded, and its id cannot end a comment', () => {
  const recorder = new StatementRecorder('q-1');
  for (let count = 0; count < 60; count++) recorder.add(ran('x'.repeat(9000)));
  expect([recorder.statements.length, recorder.dropped, recorder.statements[0]?.text.length]).toEqual([
    50, 10, 4000,
  ]);
  expect(() => new StatementRecorder('*/ DROP')).toThrow('cannot stand in a comment');
});
