import { defineErrors } from '../kernel/errors.ts';

export const probeErrors = defineErrors('probes', {
  unknown: { kind: 'not_found' },
  invalid: { kind: 'bad_request' },
  exists: { kind: 'conflict' },
  conflict: { kind: 'conflict', hint: 'Load it again and repeat the change.' },
  configured: {
    kind: 'conflict',
    hint: 'It stands in the configuration file: change it there and reload it.',
  },
  tooMany: { kind: 'too_many' },
  target: { kind: 'bad_request' },
});
