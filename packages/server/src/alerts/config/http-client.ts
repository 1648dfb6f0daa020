import { secretUrl } from './addresses.ts';
import {
  atMostOne,
  type Decoder,
  filePath,
  flag,
  given,
  listOf,
  mapOf,
  type Struct,
  secret,
  struct,
  text,
} from './yaml/decode.ts';

const tlsFields = {
  ca: text,
  ca_file: filePath,
  ca_ref: text,
  cert: text,
  cert_file: filePath,
  cert_ref: text,
  key: secret,
  key_file: filePath,
  key_ref: text,
  server_name: text,
  insecure_skip_verify: flag,
  min_version: text,
  max_version: text,
} as const;

export type TlsSettings = Struct<typeof tlsFields>;

const TLS_VERSIONS = ['TLS10', 'TLS11', 'TLS12', 'TLS13'];

export const tlsSettings: Decoder<TlsSettings> = (place) => {
  const tls = struct(tlsFields)(place);
  if (tls === undefined) return undefined;
  atMostOne(place, { ca: tls.ca, ca_file: tls.ca_file, ca_ref: tls.ca_ref });
  atMostOne(place, { cert: tls.cert, cert_file: tls.cert_file, cert_ref: tls.cert_ref });
  atMostOne(place, { key: tls.key, key_file: tls.key_file, key_ref: tls.key_ref });
  const hasCertificate = [tls.cert, tls.cert_file, tls.cert_ref].some(given);
  const hasKey = [tls.key, tls.key_file, tls.key_ref].some(given);
  if (hasCertificate && !hasKey)
    place.refuse('exactly one of key or key_file must be configured when a client certificate is configured');
  if (hasKey && !hasCertificate)
    place.refuse('exactly one of cert or cert_file must be configured when a client key is configured');
  for (const name of ['min_version', 'max_version'] as const) {
    const version = tls[name];
    if (given(version) && !TLS_VERSIONS.includes(version))
      place.at(name).refuse(`unknown TLS version: ${version}; expected ${TLS_VERSIONS.join(', ')}`);
  }
  return tls;
};

const basicAuth = struct({
  username: text,
  username_file: filePath,
  username_ref: text,
  password: secret,
  password_file: filePath,
  password_ref: text,
});
const authorization = struct({
  type: text,
  credentials: secret,
  credentials_file: filePath,
  credentials_ref: text,
});
const oauth2 = struct({
  client_id: text,
  client_secret: secret,
  client_secret_file: filePath,
  client_secret_ref: text,
  token_url: text,
  scopes: listOf(text),
  endpoint_params: mapOf(text),
  tls_config: tlsSettings,
  proxy_url: secretUrl,
  no_proxy: text,
  proxy_from_environment: flag,
  proxy_connect_header: mapOf(listOf(secret)),
});

const httpFields = {
  basic_auth: basicAuth,
  authorization,
  oauth2,
  bearer_token: secret,
  bearer_token_file: filePath,
  tls_config: tlsSettings,
  follow_redirects: flag,
  enable_http2: flag,
  proxy_url: secretUrl,
  no_proxy: text,
  proxy_from_environment: flag,
  proxy_connect_header: mapOf(listOf(secret)),
  http_headers: mapOf(struct({ values: listOf(text), secrets: listOf(secret), files: listOf(filePath) })),
} as const;

/** How a receiver is reached over HTTP: `http_config`. */
export type HttpSettings = Struct<typeof httpFields>;

export const httpSettings: Decoder<HttpSettings> = (place) => {
  const http = struct(httpFields)(place);
  if (http === undefined) return undefined;
  const { basic_auth: basic, authorization: auth, oauth2: oauth } = http;
  const bearer = given(http.bearer_token) || given(http.bearer_token_file);
  atMostOne(place, { bearer_token: http.bearer_token, bearer_token_file: http.bearer_token_file });
  if ([basic, oauth, bearer || undefined].filter(given).length > 1)
    place.refuse('at most one of basic_auth, oauth2, bearer_token & bearer_token_file must be configured');
  if (basic !== undefined) {
    atMostOne(basic.place, { 'basic_auth username': basic.username, username_file: basic.username_file });
    atMostOne(basic.place, { 'basic_auth password': basic.password, password_file: basic.password_file });
  }
  if (auth !== undefined) {
    if (bearer) place.refuse('authorization is not compatible with bearer_token & bearer_token_file');
    if (basic !== undefined || oauth !== undefined)
      place.refuse('at most one of basic_auth, oauth2 & authorization must be configured');
    atMostOne(auth.place, {
      'authorization credentials': auth.credentials,
      credentials_file: auth.credentials_file,
    });
    if (auth.type?.trim().toLowerCase() === 'basic')
      auth.place.refuse('authorization type cannot be set to "basic", use "basic_auth" instead');
  }
  if (oauth !== undefined) checkOauth2(oauth);
  checkProxy(http);
  return http;
};

function checkOauth2(oauth: NonNullable<ReturnType<typeof oauth2>>): void {
  const { place } = oauth;
  if (!given(oauth.client_id)) place.refuse('oauth2 client_id must be configured');
  if (!given(oauth.token_url)) place.refuse('oauth2 token_url must be configured');
  if (![oauth.client_secret, oauth.client_secret_file, oauth.client_secret_ref].some(given))
    place.refuse('either oauth2 client_secret or client_secret_file must be configured');
  atMostOne(place, {
    'oauth2 client_secret': oauth.client_secret,
    client_secret_file: oauth.client_secret_file,
  });
}

function checkProxy(http: HttpSettings): void {
  if (http.proxy_from_environment === true && given(http.proxy_url))
    http.place.refuse('if proxy_from_environment is configured, proxy_url must not be configured');
  if (http.proxy_from_environment === true && given(http.no_proxy))
    http.place.refuse('if proxy_from_environment is configured, no_proxy must not be configured');
  if (given(http.no_proxy) && !given(http.proxy_url))
    http.place.refuse('if no_proxy is configured, proxy_url must also be configured');
}
