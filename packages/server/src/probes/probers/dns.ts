import { randomInt } from 'node:crypto';
import { createSocket } from 'node:dgram';
import { isIP } from 'node:net';
import type { TextCheck } from '../checks/body.ts';
import { withDeadline } from './deadline.ts';
import {
  type DnsAnswer,
  type DnsQuery,
  type DnsRecord,
  decodeAnswer,
  encodeQuery,
  type RecordType,
} from './dns-message.ts';
import { failed, failureOf, ipProtocol } from './result.ts';
import type { FamilyChoice, ProbeContext, ProbeResult, Prober } from './types.ts';

/** Records of one section, and what they must look like; each is shown as `name\tttl\tIN\ttype\tvalue`. */
export interface SectionChecks {
  readonly section: 'answer' | 'authority' | 'additional';
  /** Each record must pass. */
  readonly each: readonly TextCheck[];
  /** At least one record must pass. */
  readonly any: readonly TextCheck[];
}

export interface DnsSpec extends FamilyChoice {
  /** The name server. */
  readonly server: string;
  readonly port: number;
  readonly name: string;
  readonly type: RecordType;
  readonly recursion: boolean;
  readonly transport: 'udp' | 'tcp';
  readonly rcodes: readonly string[];
  readonly checks: readonly SectionChecks[];
  /** Whether an answer without a record of the type fails. */
  readonly needsRecord: boolean;
  readonly maxLatencyMs: number | null;
}

/** One query to one name server. */
export const probeDns: Prober<DnsSpec> = async (spec, context) => {
  try {
    return await withDeadline(
      context.egress.clock,
      context.timeoutMs,
      `the name server ${spec.server}`,
      (signal) => ask(spec, context, signal),
    );
  } catch (error) {
    return failureOf(error);
  }
};

async function ask(spec: DnsSpec, context: ProbeContext, signal: AbortSignal): Promise<ProbeResult> {
  const { egress, trust, purpose } = context;
  const destination = {
    host: spec.server,
    port: spec.port,
    trust,
    purpose,
    family: spec.family,
    fallback: spec.fallback,
  };
  const { addresses, seconds: resolve } = await egress.resolve(destination, signal);
  const [address = ''] = addresses;
  const query: DnsQuery = {
    id: randomInt(65_536),
    name: spec.name,
    type: spec.type,
    recursion: spec.recursion,
  };
  const askedAt = egress.clock.monotonic();
  const byTcp = (): Promise<DnsAnswer> => askTcp(query, { ...spec, server: address }, context, signal);
  let answer =
    spec.transport === 'tcp' ? await byTcp() : await askUdp(query, { address, port: spec.port }, signal);
  if (answer.truncated && spec.transport === 'udp') answer = await byTcp();
  const request = (egress.clock.monotonic() - askedAt) / 1000;
  return judge(spec, answer, { resolve, request, address });
}

function judge(
  spec: DnsSpec,
  answer: DnsAnswer,
  {
    resolve,
    request,
    address,
  }: { readonly resolve: number; readonly request: number; readonly address: string },
): ProbeResult {
  const soa = answer.answer.find(({ type }) => type === 'SOA')?.value.split(' ')[2];
  const samples = [
    { name: 'probe_dns_lookup_time_seconds', value: resolve },
    { name: 'probe_dns_duration_seconds', labels: { phase: 'resolve' }, value: resolve },
    { name: 'probe_dns_duration_seconds', labels: { phase: 'request' }, value: request },
    { name: 'probe_dns_answer_rrs', value: answer.answer.length },
    { name: 'probe_dns_authority_rrs', value: answer.authority.length, detail: true },
    { name: 'probe_dns_additional_rrs', value: answer.additional.length, detail: true },
    { name: 'probe_dns_query_succeeded', value: 1, detail: true },
    ...(soa === undefined ? [] : [{ name: 'probe_dns_serial', value: Number(soa) }]),
    ipProtocol(address),
  ];
  const problem = problemOf(spec, answer, request);
  return problem === null ? { success: true, reason: '', warning: null, samples } : failed(problem, samples);
}

function problemOf(spec: DnsSpec, answer: DnsAnswer, request: number): string | null {
  if (!spec.rcodes.includes(answer.rcode))
    return `the name server says ${answer.rcode}, expected ${spec.rcodes.join(' or ')}`;
  const wanted = spec.type === 'ANY' ? answer.answer : answer.answer.filter(({ type }) => type === spec.type);
  if (spec.needsRecord && wanted.length === 0) return `${spec.name} has no record ${spec.type}`;
  for (const { section, each, any } of spec.checks) {
    const records = answer[section].map(recordText);
    for (const check of each)
      for (const text of records) {
        const problem = check.problem(text);
        if (problem !== null) return problem;
      }
    for (const check of any)
      if (!records.some((text) => check.problem(text) === null))
        return records.length === 0
          ? `the section ${section} is empty`
          : (check.problem(records[0] ?? '') ?? '');
  }
  if (spec.maxLatencyMs !== null && request * 1000 > spec.maxLatencyMs)
    return `the answer took ${Math.round(request * 1000)} ms, expected at most ${spec.maxLatencyMs} ms`;
  return null;
}

/** As name servers' tools print it; checks look at this. */
function recordText({ name, ttl, type, value }: DnsRecord): string {
  return `${name}\t${ttl}\tIN\t${type}\t${value}`;
}

function askUdp(
  query: DnsQuery,
  { address, port }: { readonly address: string; readonly port: number },
  signal: AbortSignal,
): Promise<DnsAnswer> {
  return new Promise((resolve, reject) => {
    const socket = createSocket(isIP(address) === 6 ? 'udp6' : 'udp4');
    const end = (): void => {
      signal.removeEventListener('abort', abort);
      socket.close();
    };
    const fail = (cause: unknown): void => {
      end();
      reject(cause);
    };
    const abort = (): void => fail(signal.reason);
    if (signal.aborted) {
      fail(signal.reason);
      return;
    }
    signal.addEventListener('abort', abort, { once: true });
    socket.once('error', fail);
    socket.on('message', (bytes) => {
      let answer: DnsAnswer;
      try {
        answer = decodeAnswer(bytes);
      } catch (cause) {
        fail(cause);
        return;
      }
      // An answer to another question, or a forged one.
      if (answer.id !== query.id) return;
      end();
      resolve(answer);
    });
    // Only datagrams of this server are taken.
    socket.connect(port, address, () => {
      try {
        socket.send(encodeQuery(query));
      } catch (cause) {
        fail(cause);
      }
    });
  });
}

/** Over TCP a message has its length before it (RFC 1035, 4.2.2). */
async function askTcp(
  query: DnsQuery,
  spec: DnsSpec,
  { egress, trust, purpose }: ProbeContext,
  signal: AbortSignal,
): Promise<DnsAnswer> {
  const message = encodeQuery(query);
  const { socket } = await egress.open({ host: spec.server, port: spec.port, trust, purpose, signal });
  try {
    return await new Promise<DnsAnswer>((resolve, reject) => {
      let bytes = Buffer.alloc(0);
      signal.addEventListener('abort', () => reject(signal.reason), { once: true });
      socket.once('close', () => reject(new Error('the name server closed the connection')));
      socket.on('data', (chunk: Buffer) => {
        bytes = Buffer.concat([bytes, chunk]);
        if (bytes.length < 2 || bytes.length < 2 + bytes.readUInt16BE(0)) return;
        try {
          resolve(decodeAnswer(bytes.subarray(2, 2 + bytes.readUInt16BE(0))));
        } catch (cause) {
          reject(cause);
        }
      });
      const length = Buffer.alloc(2);
      length.writeUInt16BE(message.length);
      socket.write(Buffer.concat([length, message]));
    });
  } finally {
    socket.destroy();
  }
}
