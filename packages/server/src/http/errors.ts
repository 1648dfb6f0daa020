import { defineErrors } from '../kernel/errors.ts';

/** What the HTTP layer itself refuses, whatever the API. */
export const httpErrors = defineErrors('http', {
  badHost: {
    kind: 'forbidden',
    hint: 'open Pharos by localhost, 127.0.0.1 or a name listed in web.allowed_hosts',
  },
  foreignOrigin: {
    kind: 'forbidden',
    hint: 'requests from other web sites are refused; list trusted ones in web.allowed_origins',
  },
  loginNeeded: {
    kind: 'unauthorized',
    hint: 'send the admin password (HTTP Basic, user admin) or an API token (Bearer)',
  },
  proxyWithoutLogin: {
    kind: 'unauthorized',
    hint: 'a forwarded request needs a login: set web.auth and web.external_url',
  },
  invalid: { kind: 'bad_request' },
  tooLarge: { kind: 'too_large' },
  unsupportedMedia: { kind: 'unsupported_media' },
  notFound: { kind: 'not_found' },
  methodNotAllowed: { kind: 'method_not_allowed' },
  busy: { kind: 'unavailable' },
  starting: {
    kind: 'unavailable',
    hint: 'ask again in a moment; alerts, silences and who is on call answer already',
  },
  badCertificate: { kind: 'bad_request' },
  portTaken: { kind: 'conflict' },
  internal: { kind: 'internal' },
});
