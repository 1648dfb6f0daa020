import { defineErrors } from '../kernel/errors.ts';

export const annotationErrors = defineErrors('annotations', {
  unknown: { kind: 'not_found' },
  outOfWindow: { kind: 'bad_request' },
});
