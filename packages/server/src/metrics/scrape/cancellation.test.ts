import { expect, it } from 'vitest';
import { Cancellation } from './cancellation.ts';

it('tells everybody who still listens, once, with the first reason', () => {
  const cancellation = new Cancellation();
  const heard: string[] = [];
  const left = (): void => void heard.push('left');
  cancellation.addEventListener('abort', () => heard.push(`a ${String(cancellation.reason)}`));
  cancellation.addEventListener('abort', left);
  cancellation.addEventListener('abort', () => heard.push('b'));
  cancellation.removeEventListener('abort', left);
  expect([cancellation.aborted, heard]).toEqual([false, []]);
  cancellation.abort('first');
  cancellation.abort('second');
  expect([cancellation.aborted, cancellation.reason, heard]).toEqual([true, 'first', ['a first', 'b']]);
});
