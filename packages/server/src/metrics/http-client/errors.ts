import { defineErrors } from '../../kernel/errors.ts';

/** Why a request to another server gave no usable answer. */
export const httpClientErrors = defineErrors('http_client', {
  credentials: { kind: 'internal', hint: 'Check the credential files of the configuration.' },
  connect: { kind: 'unavailable', hint: 'Is the server running, and is its address right?' },
  timeout: { kind: 'timeout' },
  status: { kind: 'unavailable' },
  too_large: { kind: 'too_large' },
  content: { kind: 'unprocessable' },
});
