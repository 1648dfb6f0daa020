import { readFileSync } from 'node:fs';
import { createSecureContext } from 'node:tls';
import type { EgressTls } from '../../egress/index.ts';
import { compilePattern, matches, matchesNot } from '../checks/body.ts';
import { lowerCase, splitHostPort, trusting } from '../compile.ts';
import { probeErrors } from '../errors.ts';
import { probeDns, type SectionChecks } from '../probers/dns.ts';
import { type HeaderCheck, type HttpSpec, probeHttp } from '../probers/http.ts';
import { probeIcmp } from '../probers/icmp.ts';
import { probeTcp } from '../probers/tcp.ts';
import type { FamilyChoice, ProbeContext, ProbeResult } from '../probers/types.ts';
import type { ModuleTls, ProbeModule } from './config.ts';

/** Looks at a target as a module says. Throws `target` when the target is none for its prober. */
export type ModuleLook = (target: string, context: ProbeContext, hostname?: string) => Promise<ProbeResult>;

type Of<Prober extends ProbeModule['prober']> = Extract<ProbeModule, { prober: Prober }>;

const MOST_REDIRECTS = 10;
const BODY_BYTES = 2 * 1024 * 1024;

/** A module made ready to run. Throws a system error when one of its files cannot be read. */
export function compileModule(module: ProbeModule): ModuleLook {
  switch (module.prober) {
    case 'http':
      return httpModule(module);
    case 'tcp':
      return tcpModule(module);
    case 'dns':
      return dnsModule(module);
    case 'icmp':
      return (target, context) =>
        probeIcmp(
          { ...familyOf(module.icmp), host: target, bytes: module.icmp.payload_size, maxLatencyMs: null },
          context,
        );
  }
}

function familyOf(options: {
  readonly preferred_ip_protocol: 'ip4' | 'ip6';
  readonly ip_protocol_fallback: boolean;
}): FamilyChoice {
  return { family: options.preferred_ip_protocol === 'ip6' ? 6 : 4, fallback: options.ip_protocol_fallback };
}

function tlsOf(config: ModuleTls): EgressTls {
  const read = (text: string | undefined, file: string | undefined): string | undefined =>
    text ?? (file === undefined ? undefined : readFileSync(file, 'utf8'));
  const ca = read(config.ca, config.ca_file);
  const cert = read(config.cert, config.cert_file);
  const key = read(config.key, config.key_file);
  const context =
    cert === undefined || key === undefined
      ? trusting(ca)
      : createSecureContext({ cert, key, ...(ca === undefined ? {} : { ca }) });
  return { context, verify: !config.insecure_skip_verify, serverName: config.server_name };
}

function httpModule({ http }: Of<'http'>): ModuleLook {
  const headers = { ...lowerCase(http.headers), ...credentials(http) };
  const status = http.valid_status_codes;
  const spec: Omit<HttpSpec, 'url'> = {
    ...familyOf(http),
    method: http.method,
    headers: http.compression === undefined ? headers : { 'accept-encoding': http.compression, ...headers },
    body: http.body,
    redirects: http.follow_redirects && !http.no_follow_redirects ? MOST_REDIRECTS : 0,
    tls: tlsOf(http.tls_config),
    status: {
      accepts: (code) => (status.length === 0 ? code >= 200 && code < 300 : status.includes(code)),
      expected: status.length === 0 ? '2xx' : status.join(', '),
    },
    versions: http.valid_http_versions,
    secure: http.fail_if_ssl ? 'forbidden' : http.fail_if_not_ssl ? 'required' : 'any',
    bodyChecks: [
      ...http.fail_if_body_matches_regexp.map((source) => matchesNot(source)),
      ...http.fail_if_body_not_matches_regexp.map((source) => matches(source)),
    ],
    headerChecks: [
      // An absent header matches nothing: fine for the first kind, and for the second only when that is said.
      ...http.fail_if_header_matches.map((check) =>
        headerCheck(check.header, true, matchesNot(check.regexp, `the header ${check.header}`)),
      ),
      ...http.fail_if_header_not_matches.map((check) =>
        headerCheck(check.header, check.allow_missing, matches(check.regexp, `the header ${check.header}`)),
      ),
    ],
    maxLatencyMs: null,
    maxBytes: http.body_size_limit ?? BODY_BYTES,
    compression: http.compression ?? null,
    warnDays: 0,
  };
  return (target, context, hostname) => {
    const url = /^https?:\/\//.test(target) ? target : `http://${target}`;
    if (!URL.canParse(url))
      throw probeErrors.make('target', `target: "${target.slice(0, 200)}" is not an address of HTTP`);
    const named =
      hostname === undefined
        ? spec
        : {
            ...spec,
            headers: { ...spec.headers, host: hostname },
            tls: { ...spec.tls, serverName: spec.tls.serverName ?? hostname },
          };
    return probeHttp({ ...named, url }, context);
  };
}

function headerCheck(header: string, allowMissing: boolean, check: HeaderCheck['check']): HeaderCheck {
  return { header, allowMissing, check };
}

function credentials({
  basic_auth: basic,
  bearer_token,
  bearer_token_file,
  authorization,
}: Of<'http'>['http']): Record<string, string> {
  const secret = (text: string | undefined, file: string | undefined): string =>
    file === undefined ? (text ?? '') : readFileSync(file, 'utf8').trim();
  if (basic !== undefined) {
    const pair = `${basic.username}:${secret(basic.password, basic.password_file)}`;
    return { authorization: `Basic ${Buffer.from(pair, 'utf8').toString('base64')}` };
  }
  if (authorization !== undefined)
    return {
      authorization: `${authorization.type} ${secret(authorization.credentials, authorization.credentials_file)}`,
    };
  if (bearer_token === undefined && bearer_token_file === undefined) return {};
  return { authorization: `Bearer ${secret(bearer_token, bearer_token_file)}` };
}

function tcpModule({ tcp }: Of<'tcp'>): ModuleLook {
  const steps = tcp.query_response.map(({ expect, send, starttls }) => ({
    expect: expect === undefined ? null : compilePattern(expect),
    send: send ?? null,
    startTls: starttls,
  }));
  const common = { ...familyOf(tcp), secure: tcp.tls, steps, maxLatencyMs: null, warnDays: 0 };
  const tls = tlsOf(tcp.tls_config);
  return (target, context, hostname) => {
    const { host, port } = splitHostPort(target);
    if (!(port > 0 && port < 65_536))
      throw probeErrors.make(
        'target',
        `target: "${target.slice(0, 200)}" has no port; write it like host:443`,
      );
    return probeTcp(
      { ...common, host, port, tls: { ...tls, serverName: tls.serverName ?? hostname } },
      context,
    );
  };
}

function dnsModule({ dns }: Of<'dns'>): ModuleLook {
  const sections = {
    answer: dns.validate_answer_rrs,
    authority: dns.validate_authority_rrs,
    additional: dns.validate_additional_rrs,
  };
  const names = ['answer', 'authority', 'additional'] as const;
  const checks = names.map((section): SectionChecks => {
    const rules = sections[section];
    const record = 'the record';
    return {
      section,
      each: [
        ...rules.fail_if_matches_regexp.map((source) => matchesNot(source, record)),
        ...rules.fail_if_not_matches_regexp.map((source) => matches(source, record)),
      ],
      any: [
        ...rules.fail_if_all_match_regexp.map((source) => matchesNot(source, record)),
        ...rules.fail_if_none_matches_regexp.map((source) => matches(source, record)),
      ],
    };
  });
  return (target, context) => {
    const { host: server, port } = splitHostPort(target, 53);
    const spec = {
      ...familyOf(dns),
      server,
      port,
      name: dns.query_name,
      type: dns.query_type,
      recursion: dns.recursion_desired,
      transport: dns.transport_protocol,
      rcodes: dns.valid_rcodes,
      checks,
      needsRecord: false,
      maxLatencyMs: null,
    };
    return probeDns(spec, context);
  };
}
