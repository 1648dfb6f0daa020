import { expect, it } from 'vitest';
import { readRow } from '../store/row.ts';
import type { StoredEvent } from '../store/stored-event.ts';
import { BatchAnswers } from './batch-answers.ts';

const event = (id: string): StoredEvent => ({ ...readRow(new Uint8Array(400), 0), id });
const shown = async (answers: BatchAnswers): Promise<string> =>
  Buffer.concat([...(await answers.take())]).toString();

it('are in order, repeats among them, and counted', async () => {
  const answers = new BatchAnswers(({ id }, duplicate, index) => `${id}${index}${duplicate ? 'r' : ''}`);
  answers.repeat(Promise.resolve(event('ä')));
  answers.add(event('b'));
  answers.skip();
  answers.repeat(event('c'));
  answers.endSlice();
  answers.add(event('d'));
  expect([answers.size, answers.accepted, answers.duplicates]).toEqual([5, 2, 2]);
  expect(await shown(answers)).toBe('ä0r,b1,c3r,d4');
});

it('have no comma where nobody asked for a verdict', async () => {
  const answers = new BatchAnswers(({ id }) => (id === 'wanted' ? id : ''));
  for (const id of ['a', 'wanted', 'b']) answers.add(event(id));
  answers.repeat(event('c'));
  answers.repeat(event('wanted'));
  expect(await shown(answers)).toBe('wanted,wanted');
  expect(await shown(new BatchAnswers(() => ''))).toBe('');
});

it('fail where a repeat is of what was not stored', async () => {
  const answers = new BatchAnswers(() => 'x');
  answers.repeat(Promise.reject(new Error('not stored')));
  await expect(answers.take()).rejects.toThrow('not stored');
});
