import { defineErrors } from '../../kernel/errors.ts';

export const rulesErrors = defineErrors('rules', {
  refused: { kind: 'bad_request', hint: 'The rules that were in force stay; at start, there are none.' },
  query: { kind: 'unprocessable' },
});
