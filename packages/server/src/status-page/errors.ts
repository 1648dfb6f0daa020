import { defineErrors } from '../kernel/errors.ts';

export const statusPageErrors = defineErrors('status_page', {
  off: { kind: 'not_found' },
  unknown: { kind: 'not_found' },
  conflict: { kind: 'conflict', hint: 'Load it again and repeat the change.' },
  tooMany: { kind: 'too_many' },
  address: { kind: 'bad_request' },
});
