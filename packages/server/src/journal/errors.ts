import { defineErrors } from '../kernel/errors.ts';

/** Why the journal did not take a request. Nothing of a refused request is stored. */
export const journalErrors = defineErrors('journal', {
  full: {
    kind: 'unavailable',
    hint: 'Send again after the time in Retry-After; see journal.limitBytes and the free disk space.',
  },
  failed: { kind: 'unavailable', hint: 'The disk refused a write; nothing was stored. Send again.' },
  stopped: { kind: 'unavailable', hint: 'The server is stopping. Send again when it is back.' },
  tooLarge: { kind: 'too_large', hint: 'Send the rows in smaller requests.' },
  invalid: { kind: 'internal', hint: 'A slice built a frame that cannot be stored; this is a bug.' },
  unusable: { kind: 'internal', hint: 'The journal files cannot be read or written; check the disk.' },
});

/** Why a reason of `journal.full` was given; also the metric's label. */
export type FullReason = 'bytes' | 'disk' | 'queue';

/** Why a data directory was not opened. */
export const dataDirectoryErrors = defineErrors('data_directory', {
  locked: { kind: 'conflict' },
  newer: { kind: 'conflict' },
  unusable: { kind: 'internal' },
});
