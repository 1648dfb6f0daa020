import { defineErrors } from '../../kernel/errors.ts';

/** Why the state store refused. */
export const stateErrors = defineErrors('state', {
  conflict: { kind: 'conflict', hint: 'It was changed meanwhile: read it again and repeat the change.' },
  invalid: { kind: 'bad_request' },
  failed: { kind: 'unavailable', hint: 'The disk refused a write; nothing was changed. Try again.' },
  full: { kind: 'unavailable', hint: 'Delete what is no longer needed, or raise state.limitBytes.' },
  stopped: { kind: 'unavailable', hint: 'The server is stopping.' },
  unusable: { kind: 'internal', hint: 'The state files cannot be read or written; check the disk.' },
});
