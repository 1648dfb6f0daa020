import { defineErrors } from '../kernel/errors.ts';

/** Why something did not leave, or no usable answer came. */
export const egressErrors = defineErrors('egress', {
  refused: {
    kind: 'forbidden',
    hint: 'The section egress of the configuration says which addresses may be asked for over the API; targets in the configuration file are not held against it.',
  },
  request: { kind: 'bad_request' },
  resolve: { kind: 'unavailable', hint: 'Is the name right, and does its name server answer?' },
  connect: { kind: 'unavailable', hint: 'Is the server running, and is its address right?' },
  tls: { kind: 'unavailable' },
  timeout: { kind: 'timeout' },
  protocol: { kind: 'unprocessable' },
  redirects: { kind: 'unprocessable' },
  busy: { kind: 'too_many' },
});
