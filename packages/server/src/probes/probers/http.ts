import { promisify } from 'node:util';
import { brotliDecompress, gunzip, inflate } from 'node:zlib';
import { type EgressAnswer, type EgressHeaders, type EgressTls, egressRequest } from '../../egress/index.ts';
import type { TextCheck } from '../checks/body.ts';
import { expiryWarning, failed, failureOf, ipProtocol, peerSamples } from './result.ts';
import type { FamilyChoice, ProbeContext, ProbeResult, Prober, ProbeSample } from './types.ts';

export interface HeaderCheck {
  readonly header: string;
  /** Whether an absent header passes. */
  readonly allowMissing: boolean;
  readonly check: TextCheck;
}

export interface HttpSpec extends FamilyChoice {
  readonly url: string;
  readonly method: string;
  readonly headers: EgressHeaders;
  readonly body?: string | undefined;
  readonly redirects: number;
  readonly tls: EgressTls;
  /** Whether a status is as expected, and the words for it. */
  readonly status: { readonly accepts: (status: number) => boolean; readonly expected: string };
  /** Such as `HTTP/1.1`; empty accepts all. */
  readonly versions: readonly string[];
  /** Whether the answer must, or must not, come over TLS. */
  readonly secure: 'required' | 'forbidden' | 'any';
  readonly bodyChecks: readonly TextCheck[];
  readonly headerChecks: readonly HeaderCheck[];
  readonly maxLatencyMs: number | null;
  /** How much of the body is read. */
  readonly maxBytes: number;
  /** The encoding the body is expected in; null when it is taken as it comes. */
  readonly compression: 'gzip' | 'br' | 'deflate' | 'identity' | null;
  /** Days before its expiry at which a certificate is warned of. */
  readonly warnDays: number;
}

/** Patterns are linear, yet not free: the loop must not stop for longer bodies. */
const CHECKED_CHARACTERS = 256 * 1024;
const PHASES = ['resolve', 'connect', 'tls', 'processing', 'transfer'] as const;

/** One HTTP request: status, headers, body, certificate and time as expected. */
export const probeHttp: Prober<HttpSpec> = async (spec, context) => {
  let answer: EgressAnswer;
  try {
    answer = await egressRequest(context.egress, {
      url: spec.url,
      method: spec.method,
      headers: spec.headers,
      body: spec.body,
      trust: context.trust,
      purpose: context.purpose,
      timeoutMs: context.timeoutMs,
      maxBytes: spec.maxBytes,
      redirects: spec.redirects,
      tls: spec.tls,
      family: spec.family,
      fallback: spec.fallback,
    });
  } catch (error) {
    return failureOf(error, [
      { name: 'probe_http_status_code', value: 0 },
      { name: 'probe_failed_due_to_regex', value: 0 },
    ]);
  }
  return await judge(spec, answer, context);
};

async function judge(spec: HttpSpec, answer: EgressAnswer, { now }: ProbeContext): Promise<ProbeResult> {
  const samples = samplesOf(answer);
  const problem = headProblem(spec, answer);
  if (problem !== null) return failed(problem, [...samples, regex(0)]);
  let text = '';
  if (spec.bodyChecks.length > 0) {
    try {
      text = (await plainBody(spec, answer)).toString('utf8').slice(0, CHECKED_CHARACTERS);
    } catch {
      return failed(`the body is not ${answer.headers['content-encoding'] ?? spec.compression}`, [
        ...samples,
        regex(0),
      ]);
    }
  }
  for (const { check, problem: said } of problems(spec, answer, text))
    if (said !== null) return failed(said, [...samples, regex(check.pattern ? 1 : 0)]);
  const seconds = PHASES.reduce((sum, phase) => sum + answer.phases[phase], 0);
  if (spec.maxLatencyMs !== null && seconds * 1000 > spec.maxLatencyMs)
    return failed(
      `the answer took ${Math.round(seconds * 1000)} ms, expected at most ${spec.maxLatencyMs} ms`,
      [...samples, regex(0)],
    );
  const warning = expiryWarning(answer.peer, spec.warnDays, now());
  return { success: true, reason: '', warning, samples: [...samples, regex(0)] };
}

function regex(value: 0 | 1): ProbeSample {
  return { name: 'probe_failed_due_to_regex', value };
}

function headProblem(spec: HttpSpec, { status, httpVersion, peer }: EgressAnswer): string | null {
  if (!spec.status.accepts(status)) return `the status is ${status}, expected ${spec.status.expected}`;
  const version = `HTTP/${httpVersion}`;
  if (spec.versions.length > 0 && !spec.versions.includes(version))
    return `the answer is ${version}, expected ${spec.versions.join(' or ')}`;
  if (spec.secure === 'required' && peer === null) return 'the answer did not come over TLS';
  if (spec.secure === 'forbidden' && peer !== null) return 'the answer came over TLS';
  return null;
}

function* problems(
  spec: HttpSpec,
  answer: EgressAnswer,
  text: string,
): Generator<{ readonly check: TextCheck; readonly problem: string | null }> {
  for (const { header, allowMissing, check } of spec.headerChecks) {
    const found = answer.headers[header.toLowerCase()];
    const value = typeof found === 'object' ? found.join(', ') : found;
    if (value === undefined) {
      if (!allowMissing) yield { check, problem: `the header ${header} is missing` };
    } else yield { check, problem: check.problem(value) };
  }
  for (const check of spec.bodyChecks) yield { check, problem: check.problem(text) };
}

/** Rejects when the body is not encoded as it says. */
async function plainBody(
  { compression, maxBytes }: HttpSpec,
  { headers, body }: EgressAnswer,
): Promise<Buffer> {
  const encoding = headers['content-encoding'] ?? compression ?? 'identity';
  // The end of a body that was cut off, or unpacks to more than is read, is not missed.
  const options = { maxOutputLength: maxBytes * 8, finishFlush: SYNC_FLUSH };
  if (encoding === 'gzip') return await promisify(gunzip)(body, options);
  if (encoding === 'deflate') return await promisify(inflate)(body, options);
  if (encoding === 'br') return await promisify(brotliDecompress)(body, { maxOutputLength: maxBytes * 8 });
  return body;
}

/** zlib's Z_SYNC_FLUSH: what has come so far is given out. */
const SYNC_FLUSH = 2;

function samplesOf({
  status,
  httpVersion,
  headers,
  body,
  redirects,
  phases,
  peer,
  address,
}: EgressAnswer): ProbeSample[] {
  const length = headers['content-length'];
  const modified = Date.parse(headers['last-modified'] ?? '');
  return [
    { name: 'probe_http_status_code', value: status },
    ...PHASES.map(
      (phase): ProbeSample => ({
        name: 'probe_http_duration_seconds',
        labels: { phase },
        value: phases[phase],
      }),
    ),
    { name: 'probe_dns_lookup_time_seconds', value: phases.resolve },
    { name: 'probe_http_redirects', value: redirects },
    { name: 'probe_http_ssl', value: peer === null ? 0 : 1 },
    { name: 'probe_http_version', value: Number(httpVersion) },
    { name: 'probe_http_content_length', value: length === undefined ? -1 : Number(length) },
    { name: 'probe_http_uncompressed_body_length', value: body.length, detail: true },
    ...(Number.isNaN(modified)
      ? []
      : [{ name: 'probe_http_last_modified_timestamp_seconds', value: modified / 1000, detail: true }]),
    ipProtocol(address),
    ...(peer === null ? [] : peerSamples(peer)),
  ];
}
