import { RE2JS } from 're2js';
import { REDACTED, type RedactionRule } from './rule.ts';

interface PatternOptions {
  readonly literals?: readonly string[];
  readonly replacement?: string;
  readonly hides?: RedactionRule['hides'];
}

/** A rule made of an RE2 expression; `$1` in the replacement is its first group. */
export function patternRule(
  name: string,
  pattern: string | RE2JS,
  options: PatternOptions = {},
): RedactionRule {
  const compiled = typeof pattern === 'string' ? RE2JS.compile(pattern) : pattern;
  const { literals = [], replacement = REDACTED, hides } = options;
  return {
    name,
    literals,
    apply: (text) => compiled.matcher(text).replaceAll(replacement),
    ...(hides === undefined ? {} : { hides }),
  };
}

/** `Authorization: Bearer …` and `Basic …`. */
export const bearerRule = patternRule('bearer', '(?i)\\b(bearer|basic)(\\s+|%20)[a-z0-9._~+/=-]{8,}', {
  literals: ['earer', 'EARER', 'asic', 'ASIC'],
  replacement: `$1$2${REDACTED}`,
});

/** JSON Web Tokens (RFC 7519), wherever they stand. */
export const jwtRule = patternRule(
  'jwt',
  '\\beyJ[A-Za-z0-9_-]{8,}\\.[A-Za-z0-9_-]{4,}(?:\\.[A-Za-z0-9_-]*)?',
  {
    literals: ['eyJ'],
  },
);

/** Access key ids of AWS, and secret access keys by their name. */
export const awsRule = patternRule(
  'aws_key',
  '\\b(?:AKIA|ASIA)[0-9A-Z]{16}\\b|(?i:aws_?secret_?access_?key["\']?\\s*[:=]\\s*["\']?)[A-Za-z0-9/+=]{40}',
  {
    literals: ['AKIA', 'ASIA', 'access', 'Access', 'ACCESS'],
    hides: (name) => /^aws_?secret_?access_?key$/i.test(name),
  },
);

/** PEM private keys (RFC 7468); to the end of the text when the key's own end is not there. */
export const privateKeyRule = patternRule(
  'private_key',
  '-----BEGIN [A-Z ]*PRIVATE KEY-----(?s:.*?)(?:-----END [A-Z ]*PRIVATE KEY-----|\\z)',
  { literals: ['PRIVATE KEY'] },
);

/** `scheme://user:password@host` (RFC 3986, 3.2.1). */
export const urlPasswordRule = patternRule(
  'url_password',
  '([a-zA-Z][a-zA-Z0-9+.-]*://[^\\s/:@"]*:)[^\\s/@"]+@',
  { literals: ['://'], replacement: `$1${REDACTED}@` },
);

const SECRET_NAME =
  '(?:password|passwd|pwd|passphrase|secret|client_?secret|api_?key|access_?token|auth_?token|refresh_?token)';
const LONGEST_NAME = 256;
/** `DB_PASSWORD` and `dbPassword` are passwords too. */
const SECRET_NAMES = new RegExp(`(?:^|_)${SECRET_NAME}$`, 'i');
const CAPITALISED =
  '(?-i:[a-z0-9](?:Password|Passwd|Passphrase|Secret|ApiKey|AccessToken|AuthToken|RefreshToken))';
const IN_TEXT = `(?:\\b|_)${SECRET_NAME.replaceAll('_?', '[_-]?')}|${CAPITALISED}`;
/** In escaped quotes, as in JSON within JSON; in quotes, with what is escaped in them; or up to what ends a word. */
const SECRET_VALUE = `\\\\"(?:[^"\\\\]|\\\\[^"])*\\\\"|"(?:[^"\\\\]|\\\\(?s:.))*"|'[^']*'|[^\\s,;&}"']+`;

/** `password=…`, `"apiKey": "…"` and the like. */
export const passwordRule = patternRule(
  'password',
  `(?i)((?:${IN_TEXT})\\\\?["']?\\s*[:=]\\s*)(?:${SECRET_VALUE})`,
  {
    literals: [
      'assw',
      'ASSW',
      'pwd',
      'PWD',
      'Pwd',
      'assph',
      'ASSPH',
      'ecret',
      'ECRET',
      'key',
      'KEY',
      'Key',
      'oken',
      'OKEN',
    ],
    replacement: `$1${REDACTED}`,
    hides: (name) =>
      name.length <= LONGEST_NAME &&
      SECRET_NAMES.test(name.replaceAll(/([a-z0-9])([A-Z])/g, '$1_$2').replaceAll(/[-.]/g, '_')),
  },
);

/** Addresses of people (the common part of RFC 5322). */
export const emailRule = patternRule(
  'email',
  '[A-Za-z0-9._%+-]{1,64}@(?:[A-Za-z0-9](?:[A-Za-z0-9-]{0,62})?\\.)+[A-Za-z]{2,24}\\b',
  { literals: ['@'] },
);
