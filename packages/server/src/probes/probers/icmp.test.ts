import { describe, expect, it } from 'vitest';
import { compileProbe } from '../compile.ts';
import { probeDefinition } from '../definition.ts';
import { testContext, valueOf } from '../testing/context.ts';
import { type PingRun, readPing, systemPing } from './icmp.ts';

const look = async (ping: Parameters<typeof testContext>[0], target = '127.0.0.1', options = {}) => {
  const result = await compileProbe(
    probeDefinition.parse({ type: 'icmp', name: 'x', target, ...options }),
  ).look?.(testContext(ping));
  if (result === undefined) throw new Error('an ICMP probe looks');
  return result;
};
const answering = (run: Partial<PingRun>) =>
  systemPing(() => Promise.resolve({ code: 0, stdout: '', stderr: '', ...run }));

describe('the ICMP prober', () => {
  it('tells the round trip, and asks only what may be asked', async () => {
    const fine = await look({});
    expect([fine.success, valueOf(fine, 'probe_icmp_duration_seconds', 'rtt')]).toEqual([true, 0.005]);
    expect((await look({}, '127.0.0.1', { max_latency: '1ms' })).reason).toBe(
      'the echo took 5 ms, expected at most 1 ms',
    );
    expect((await look({}, '169.254.169.254')).reason).toContain('credentials');
    expect((await look({}, 'nowhere.example')).reason).toContain('no such name');
  });

  it("reads what the machine's ping prints", () => {
    const iputils = '64 bytes from 127.0.0.1: icmp_seq=1 ttl=64 time=0.034 ms';
    const busybox = '64 bytes from 127.0.0.1: seq=0 ttl=64 time=1.250 ms';
    expect(
      [iputils, busybox].map((stdout) => readPing({ code: 0, stdout, stderr: '' }, 'a').seconds),
    ).toEqual([0.000034, 0.00125]);
    expect(() =>
      readPing({ code: 1, stdout: '1 packets transmitted, 0 received', stderr: '' }, '10.0.0.9'),
    ).toThrow('no echo from 10.0.0.9');
  });

  it('says clearly when the machine does not let it', async () => {
    expect((await look({ ping: answering({ code: 'ENOENT' }) })).reason).toContain(
      'ICMP is not possible here: the program "ping" is not installed',
    );
    for (const stderr of [
      'ping: socktype: SOCK_RAW\nping: socket: Operation not permitted',
      'ping: permission denied (are you root?)',
      'missing cap_net_raw+p capability',
    ])
      expect((await look({ ping: answering({ code: 2, stderr }) })).reason).toContain(
        'ICMP is not permitted here',
      );
  });

  it('runs the program of this machine, whatever it says', async () => {
    const result = await look({ ping: systemPing() });
    expect(result.success || /ICMP is not|no echo/.test(result.reason)).toBe(true);
  });
});
