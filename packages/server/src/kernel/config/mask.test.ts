import { describe, expect, it } from 'vitest';
import { maskedConfig, maskedText } from './mask.ts';

describe('maskedConfig', () => {
  it('hides what is a secret by its name, at any depth, and says that something is there', () => {
    expect(
      maskedConfig({
        web: { auth: { admin_password: 'a', admin_password_file: '/run/p', token: 'b', generate: false } },
        events: {
          webhooks: [{ url: 'https://hooks.example/T0/B1/xyz', secret: 'c' }, { url: 'http://h:1' }],
          llm: { groq_api_key: 'd', groq_max_tokens: 1024 },
        },
        scrape_configs: [
          {
            job_name: 'a',
            basic_auth: { username: 'u', password: 'e' },
            authorization: { type: 'Bearer', credentials: 'f' },
            tls_config: { key: 'g', key_file: '/run/k' },
            http_headers: { 'X-Api-Key': { values: ['h'] }, 'X-Team': { values: ['core'], secrets: ['i'] } },
          },
        ],
        probes: { checks: [{ headers: { Authorization: 'Bearer j', Accept: '*/*' }, bearer_token: 'k' }] },
      }),
    ).toEqual({
      web: {
        auth: {
          admin_password: '<secret>',
          admin_password_file: '/run/p',
          token: '<secret>',
          generate: false,
        },
      },
      events: {
        webhooks: [{ url: 'https://hooks.example/<secret>', secret: '<secret>' }, { url: 'http://h:1/' }],
        llm: { groq_api_key: '<secret>', groq_max_tokens: 1024 },
      },
      scrape_configs: [
        {
          job_name: 'a',
          basic_auth: { username: 'u', password: '<secret>' },
          authorization: { type: 'Bearer', credentials: '<secret>' },
          tls_config: { key: '<secret>', key_file: '/run/k' },
          http_headers: { 'X-Api-Key': '<secret>', 'X-Team': { values: ['core'], secrets: '<secret>' } },
        },
      ],
      probes: {
        checks: [{ headers: { Authorization: '<secret>', Accept: '*/*' }, bearer_token: '<secret>' }],
      },
    });
  });

  it('is plain data whatever the values are, and does not invent secrets that are not there', () => {
    const masked = maskedConfig({ allow: [{ value: 10n }], start: /^a/, token: undefined, password: null });
    expect(JSON.parse(JSON.stringify(masked))).toEqual({
      allow: [{ value: '10' }],
      start: '/^a/',
      password: null,
    });
  });
});

describe('maskedText', () => {
  it('hides passwords and keys of addresses anywhere in a text', () => {
    expect(maskedText('GET https://user:pa:ss@host/x?a=1&api_key=k&b=2 failed, as did amqp://:p@h')).toBe(
      'GET https://user:<secret>@host/x?a=1&api_key=<secret>&b=2 failed, as did amqp://:<secret>@h',
    );
    expect(maskedText('https://t0k3n@host/x and https://t0k3n:@host')).toBe(
      'https://<secret>@host/x and https://<secret>@host',
    );
    expect(maskedText(maskedText('https://t0k3n@host and https://u:p@host'))).toBe(
      'https://<secret>@host and https://u:<secret>@host',
    );
    expect(maskedText('at 12:30:01 a@b.example said http://h:80/p?page=2#x@y')).toBe(
      'at 12:30:01 a@b.example said http://h:80/p?page=2#x@y',
    );
  });
});
