import { execFile } from 'node:child_process';
import { withDeadline } from './deadline.ts';
import { failureOf, ipProtocol } from './result.ts';
import type { FamilyChoice, Ping, Prober } from './types.ts';

export interface IcmpSpec extends FamilyChoice {
  readonly host: string;
  /** Bytes of the echo's payload. */
  readonly bytes: number;
  readonly maxLatencyMs: number | null;
}

/** One echo, by the machine's `ping`: a process needs a right that Node.js gives no access to. */
export const probeIcmp: Prober<IcmpSpec> = async (spec, { egress, trust, purpose, timeoutMs, ping }) => {
  try {
    return await withDeadline(egress.clock, timeoutMs, spec.host, async (signal) => {
      // An echo has no port; 0 is none of our own listeners.
      const destination = {
        host: spec.host,
        port: 0,
        trust,
        purpose,
        family: spec.family,
        fallback: spec.fallback,
      };
      const { addresses, seconds: resolve } = await egress.resolve(destination, signal);
      const [address = ''] = addresses;
      const { seconds } = await ping(address, { timeoutMs, bytes: spec.bytes });
      const samples = [
        { name: 'probe_icmp_duration_seconds', labels: { phase: 'resolve' }, value: resolve },
        { name: 'probe_icmp_duration_seconds', labels: { phase: 'rtt' }, value: seconds },
        { name: 'probe_dns_lookup_time_seconds', value: resolve },
        ipProtocol(address),
      ];
      const slow = spec.maxLatencyMs !== null && seconds * 1000 > spec.maxLatencyMs;
      const reason = slow
        ? `the echo took ${Math.round(seconds * 1000)} ms, expected at most ${spec.maxLatencyMs} ms`
        : '';
      return { success: !slow, reason, warning: null, samples };
    });
  } catch (error) {
    return failureOf(error);
  }
};

/** What a run of `ping` brought. */
export interface PingRun {
  readonly code: number | string | null;
  readonly stdout: string;
  readonly stderr: string;
}

/** Runs `ping` of iputils or BusyBox once. */
export function systemPing(
  run: (args: readonly string[], timeoutMs: number) => Promise<PingRun> = runPing,
): Ping {
  return async (address, { timeoutMs, bytes }) => {
    const wait = String(Math.max(1, Math.ceil(timeoutMs / 1000)));
    return readPing(
      await run(['-n', '-c', '1', '-W', wait, '-s', String(bytes), address], timeoutMs + 1000),
      address,
    );
  };
}

/** The round trip of a run. Throws an Error that says why there is none. */
export function readPing({ code, stdout, stderr }: PingRun, address: string): { readonly seconds: number } {
  const time = /time[=<]([\d.]{1,20}) ?ms/.exec(stdout)?.[1];
  if (code === 0 && time !== undefined) return { seconds: Number(time) / 1000 };
  if (code === 'ENOENT')
    throw new Error('ICMP is not possible here: the program "ping" is not installed (Debian: iputils-ping)');
  if (/permitted|permission|lacking privilege|cap_net_raw/i.test(stderr))
    throw new Error(
      'ICMP is not permitted here: this user may send no echoes (give ping its capability, or set net.ipv4.ping_group_range)',
    );
  const said = stderr.trim().split('\n')[0]?.slice(0, 200) ?? '';
  throw new Error(said === '' ? `no echo from ${address}` : `no echo from ${address}: ${said}`);
}

function runPing(args: readonly string[], timeoutMs: number): Promise<PingRun> {
  return new Promise((resolve) => {
    execFile(
      'ping',
      [...args],
      { timeout: timeoutMs, maxBuffer: 64 * 1024, env: { PATH: process.env['PATH'], LC_ALL: 'C' } },
      (error, stdout, stderr) => resolve({ code: error === null ? 0 : (error.code ?? null), stdout, stderr }),
    );
  });
}
