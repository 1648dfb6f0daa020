import { X509Certificate } from 'node:crypto';
import { createSecureContext } from 'node:tls';
import type { EgressTls } from '../egress/index.ts';
import { maskedText } from '../kernel/config/mask.ts';
import { durationMs } from '../kernel/config/values.ts';
import { compilePattern, contains, containsNot, json, matches, matchesNot } from './checks/body.ts';
import type { LookingProbe, ProbeDefinition } from './definition.ts';
import { type DnsSpec, probeDns } from './probers/dns.ts';
import { type HttpSpec, probeHttp } from './probers/http.ts';
import { type IcmpSpec, probeIcmp } from './probers/icmp.ts';
import { probeTcp, type TcpSpec } from './probers/tcp.ts';
import { probeTls, type TlsSpec } from './probers/tls.ts';
import type { FamilyChoice, ProbeContext, ProbeResult, Prober } from './probers/types.ts';
import type { StateRules } from './state.ts';

/** A definition made ready to run. */
export interface CompiledProbe {
  /** What is looked at, for `instance` and lists: an address without the secrets in it, a name, or the heartbeat's name. */
  readonly target: string;
  readonly intervalMs: number;
  readonly retryMs: number;
  readonly rules: StateRules;
  /** Null for a heartbeat, which is waited for; `graceMs` then says how long over its interval. */
  readonly look: ((context: Omit<ProbeContext, 'timeoutMs'>) => Promise<ProbeResult>) | null;
  readonly graceMs: number;
}

/** The machine's authorities; made once, since each context loads all of them. */
let shared: EgressTls['context'];
const ownAuthorities = new Map<string, NonNullable<EgressTls['context']>>();
const MOST_AUTHORITIES = 100;

/** A context for all connections that trust the same authorities. Throws an Error when the text is no certificate. */
export function trusting(ca: string | undefined): NonNullable<EgressTls['context']> {
  if (ca === undefined) return (shared ??= createSecureContext());
  let context = ownAuthorities.get(ca);
  if (context === undefined) {
    // OpenSSL overlooks what is no certificate, and then trusts nobody.
    void new X509Certificate(ca);
    context = createSecureContext({ ca });
    if (ownAuthorities.size >= MOST_AUTHORITIES) ownAuthorities.clear();
    ownAuthorities.set(ca, context);
  }
  return context;
}

/** Why probes of the configuration file cannot run although they are well-formed, each by its field. */
export function probeProblems(checks: readonly ProbeDefinition[]): string[] {
  return checks.flatMap((check, i) => {
    if (!('tls' in check) || check.tls.ca === undefined) return [];
    try {
      trusting(check.tls.ca);
      return [];
    } catch (error) {
      const why = error instanceof Error ? error.message : String(error);
      return [
        `probes.checks.${i}.tls.ca: ${JSON.stringify(check.name)}: expected certificates in PEM: ${why}`,
      ];
    }
  });
}

/** Throws an Error that names what cannot be run although it is well-formed. */
export function compileProbe(definition: ProbeDefinition): CompiledProbe {
  const { interval, retry_interval, retries, recoveries } = definition;
  const common = { intervalMs: ms(interval), retryMs: ms(retry_interval), rules: { retries, recoveries } };
  if (definition.type === 'heartbeat')
    return { ...common, target: definition.name, look: null, graceMs: ms(definition.grace) };
  const run = lookOf(definition);
  const timeoutMs = ms(definition.timeout);
  return {
    ...common,
    target: maskedText(definition.target),
    graceMs: 0,
    look: (context) => run({ ...context, timeoutMs }),
  };
}

type Look = (context: ProbeContext) => Promise<ProbeResult>;

/** One entry for each type that goes out and looks; a missing one does not compile. */
function lookOf(probe: LookingProbe): Look {
  switch (probe.type) {
    case 'http':
      return bound(probeHttp, httpSpec(probe));
    case 'tcp':
      return bound(probeTcp, tcpSpec(probe));
    case 'dns':
      return bound(probeDns, dnsSpec(probe));
    case 'tls':
      return bound(probeTls, tlsSpec(probe));
    case 'icmp':
      return bound(probeIcmp, icmpSpec(probe));
  }
}

function bound<Spec>(prober: Prober<Spec>, spec: Spec): Look {
  return (context) => prober(spec, context);
}

function ms(text: string): number {
  return durationMs(text) ?? 0;
}

function latency({ max_latency }: LookingProbe): number | null {
  return max_latency === undefined ? null : ms(max_latency);
}

function familyOf({ ip }: LookingProbe): FamilyChoice {
  return { family: ip === 'ip6' ? 6 : 4, fallback: ip === 'any' };
}

function tlsOf({
  verify,
  ca,
  server_name: serverName,
}: {
  readonly verify: boolean;
  readonly ca?: string | undefined;
  readonly server_name?: string | undefined;
}): EgressTls {
  return { context: trusting(ca), verify, serverName };
}

/** Host and port of `host:port` or `[address]:port`. */
export function splitHostPort(
  text: string,
  defaultPort = 0,
): { readonly host: string; readonly port: number } {
  const match = /^(?:\[([^\]]*)\]|([^:]*))(?::(\d{1,5}))?$/.exec(text);
  return {
    host: match?.[1] ?? match?.[2] ?? text,
    port: match?.[3] === undefined ? defaultPort : Number(match[3]),
  };
}

/** How much of a body is read by a probe of our own. */
const BODY_BYTES = 512 * 1024;
const MOST_REDIRECTS = 10;

function httpSpec(probe: Extract<LookingProbe, { type: 'http' }>): HttpSpec {
  const { expect } = probe;
  return {
    ...familyOf(probe),
    url: probe.target,
    method: probe.method,
    headers: { ...lowerCase(probe.headers), ...credentials(probe) },
    body: probe.body,
    redirects: probe.follow_redirects ? MOST_REDIRECTS : 0,
    tls: tlsOf(probe.tls),
    status: { accepts: statusCheck(expect.status), expected: expect.status.join(', ') },
    versions: [],
    secure: 'any',
    bodyChecks: [
      ...expect.contains.map(contains),
      ...expect.not_contains.map(containsNot),
      ...expect.matches.map((source) => matches(source)),
      ...expect.not_matches.map((source) => matchesNot(source)),
      ...expect.json.map(json),
    ],
    headerChecks: expect.headers.map((header) => ({
      header: header.name,
      allowMissing: false,
      check: matches(header.matches, `the header ${header.name}`),
    })),
    maxLatencyMs: latency(probe),
    maxBytes: BODY_BYTES,
    compression: null,
    warnDays: probe.tls.warn_days,
  };
}

function credentials({
  basic_auth: basic,
  bearer_token: token,
}: Extract<LookingProbe, { type: 'http' }>): Record<string, string> {
  if (token !== undefined) return { authorization: `Bearer ${token}` };
  if (basic === undefined) return {};
  return {
    authorization: `Basic ${Buffer.from(`${basic.username}:${basic.password}`, 'utf8').toString('base64')}`,
  };
}

export function lowerCase(headers: Readonly<Record<string, string>>): Record<string, string> {
  return Object.fromEntries(Object.entries(headers).map(([name, value]) => [name.toLowerCase(), value]));
}

/** `200`, `2xx`, `200-399`: whether a status is one of them. */
function statusCheck(ranges: readonly string[]): (status: number) => boolean {
  const bounds = ranges.map((text) => {
    if (text.endsWith('xx')) return [Number(text[0]) * 100, Number(text[0]) * 100 + 99] as const;
    const [from = '', to = from] = text.split('-');
    return [Number(from), Number(to)] as const;
  });
  return (status) => bounds.some(([from, to]) => status >= from && status <= to);
}

function tcpSpec(probe: Extract<LookingProbe, { type: 'tcp' }>): TcpSpec {
  return {
    ...familyOf(probe),
    ...splitHostPort(probe.target),
    tls: tlsOf(probe.tls),
    secure: probe.secure,
    steps: probe.steps.map(({ expect, send, starttls }) => ({
      expect: expect === undefined ? null : compilePattern(expect),
      send: send ?? null,
      startTls: starttls,
    })),
    maxLatencyMs: latency(probe),
    warnDays: probe.tls.warn_days,
  };
}

function dnsSpec(probe: Extract<LookingProbe, { type: 'dns' }>): DnsSpec {
  const { host: server, port } = splitHostPort(probe.server, 53);
  return {
    ...familyOf(probe),
    server,
    port,
    name: probe.target,
    type: probe.record,
    recursion: true,
    transport: probe.transport,
    rcodes: probe.rcode,
    checks: [
      { section: 'answer', each: [], any: probe.answers.map((source) => matches(source, 'the record')) },
    ],
    needsRecord: probe.rcode.includes('NOERROR'),
    maxLatencyMs: latency(probe),
  };
}

function tlsSpec(probe: Extract<LookingProbe, { type: 'tls' }>): TlsSpec {
  return {
    ...familyOf(probe),
    ...splitHostPort(probe.target),
    tls: tlsOf(probe.tls),
    warnDays: probe.tls.warn_days,
    failDays: probe.fail_days,
  };
}

function icmpSpec(probe: Extract<LookingProbe, { type: 'icmp' }>): IcmpSpec {
  return {
    ...familyOf(probe),
    host: splitHostPort(probe.target).host,
    bytes: probe.bytes,
    maxLatencyMs: latency(probe),
  };
}
