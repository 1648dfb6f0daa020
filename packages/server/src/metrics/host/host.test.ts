import fc from 'fast-check';
import { describe, expect, it, vi } from 'vitest';
import { ManualClock } from '../../kernel/clock.ts';
import { type Log, silentLog } from '../../kernel/log.ts';
import { seededRandom } from '../../kernel/random.ts';
import { createTelemetry } from '../../kernel/telemetry.ts';
import { MemorySink } from '../testing/memory_sink.ts';
import { collectHost, type HostReader, hostText } from './collect.ts';
import { parseMounts } from './filesystems.ts';
import { createHostReader, HostMetricsService } from './index.ts';

const FILES: Readonly<Record<string, string>> = {
  '/proc/stat': `cpu  179519 0 40110 787178 686 0 1536 227 0 0
cpu0 89506 1 18928 395271 141 2 547 116 3 4
intr 4082433 0 0 1
ctxt 10515256
btime 1795174279
processes 49236
procs_running 43
procs_blocked 1
softirq 5364258 0
`,
  '/proc/loadavg': '31.85 24.22 12.67 41/466 16788\n',
  '/proc/meminfo': 'MemTotal:       24684084 kB\nActive(anon):       1748 kB\nHugePages_Total:       7\n',
  '/proc/diskstats': `   7       0 loop0 1 0 0 0 0 0 0 0 0 0 0
   8       1 sda1 1 0 0 0 0 0 0 0 0 0 0
 254       0 vda 225666 51540 9560874 101599 47768 168594 7649888 52743 2 22984 158696 16737 92 11579672 3322 5457 1032
   8       0 sdb 1 2 3 4 5 6 7 8 9 10 11
`,
  '/proc/net/dev': `Inter-|   Receive                                                |  Transmit
 face |bytes    packets errs drop fifo frame compressed multicast|bytes    packets errs drop fifo colls carrier compressed
  eth0: 803607035   19425    1    2    3     4          5         6  1369322   11427    7    8    9    10      11         12
eth0:1:5 1 1 1 1 1 1 1 2 2 2 2 2 2 2 2
`,
  '/proc/sys/fs/file-nr': '1691\t0\t2466170\n',
  '/proc/pressure/cpu': 'some avg10=0.00 avg60=0.00 avg300=0.00 total=832414103\n',
  '/proc/pressure/io': 'some avg10=0 total=2000000\nfull avg10=0 total=1000000\n',
  '/proc/vmstat': 'nr_dirty 5\npgpgin 4\npgfault 6\noom_kill 1\n',
  '/proc/1/mounts': `/dev/vda / ext4 rw,relatime 0 0
proc /proc proc rw 0 0
tmpfs /mnt/a\\040b tmpfs ro,size=4k 0 0
nfs:/x /srv nfs rw 0 0
/dev/vdb /var/lib/docker/overlay2/x ext4 rw 0 0
`,
  '/proc/sys/kernel/domainname': '(none)\n',
};

function reader(files: Readonly<Record<string, string>> = FILES): HostReader {
  return {
    read: (path) => Promise.resolve(files[path] ?? null),
    size: (mountpoint) =>
      Promise.resolve(
        mountpoint === '/srv' ? null : { bsize: 10, blocks: 9, bfree: 8, bavail: 7, files: 6, ffree: 5 },
      ),
    uname: () => ({ sysname: 'Linux', release: '6.1', version: '#1', machine: 'x86_64', nodename: 'box' }),
    now: () => 5_000,
  };
}

const sampleLines = (text: string): string[] =>
  text.split('\n').filter((line) => line !== '' && !line.startsWith('#'));

describe('host metrics', () => {
  it('carry the names, labels and types of node_exporter', async () => {
    const text = hostText(await collectHost(reader()));
    const lines = sampleLines(text);
    for (const line of [
      'node_cpu_seconds_total{cpu="0",mode="user"} 895.06',
      'node_cpu_seconds_total{cpu="0",mode="steal"} 1.16',
      'node_cpu_guest_seconds_total{cpu="0",mode="nice"} 0.04',
      'node_intr_total 4082433',
      'node_context_switches_total 10515256',
      'node_boot_time_seconds 1795174279',
      'node_forks_total 49236',
      'node_procs_running 43',
      'node_procs_blocked 1',
      'node_load1 31.85',
      'node_load15 12.67',
      'node_memory_MemTotal_bytes 25276502016',
      'node_memory_Active_anon_bytes 1789952',
      'node_memory_HugePages_Total 7',
      'node_disk_read_bytes_total{device="vda"} 4895167488',
      'node_disk_read_time_seconds_total{device="vda"} 101.599',
      'node_disk_io_now{device="vda"} 2',
      'node_disk_discarded_sectors_total{device="vda"} 11579672',
      'node_disk_flush_requests_time_seconds_total{device="vda"} 1.032',
      'node_disk_io_time_weighted_seconds_total{device="sdb"} 0.011',
      'node_network_receive_bytes_total{device="eth0"} 803607035',
      'node_network_transmit_compressed_total{device="eth0"} 12',
      'node_network_receive_bytes_total{device="eth0:1"} 5',
      'node_filefd_allocated 1691',
      'node_filefd_maximum 2466170',
      'node_pressure_cpu_waiting_seconds_total 832.414103',
      'node_pressure_io_stalled_seconds_total 1',
      'node_vmstat_oom_kill 1',
      'node_vmstat_pgfault 6',
      'node_filesystem_size_bytes{device="/dev/vda",fstype="ext4",mountpoint="/"} 90',
      'node_filesystem_avail_bytes{device="/dev/vda",fstype="ext4",mountpoint="/"} 70',
      'node_filesystem_readonly{device="tmpfs",fstype="tmpfs",mountpoint="/mnt/a b"} 1',
      'node_filesystem_device_error{device="nfs:/x",fstype="nfs",mountpoint="/srv"} 1',
      'node_uname_info{domainname="(none)",machine="x86_64",nodename="box",release="6.1",sysname="Linux",version="#1"} 1',
      'node_time_seconds 5',
    ]) {
      expect(lines).toContain(line);
    }
    expect(text).not.toMatch(/loop0|sda1|nr_dirty|docker|size_bytes\{device="nfs/);
    expect(text).toContain('# TYPE node_cpu_seconds_total counter\n');
    expect(text).toContain('# TYPE node_vmstat_pgfault untyped\n');
    expect(text).toContain('# TYPE node_boot_time_seconds gauge\n');
  });

  it('leave out what the kernel does not tell', async () => {
    const lines = sampleLines(hostText(await collectHost(reader({}))));
    expect(lines.map((line) => line.replace(/[{ ].*/, ''))).toEqual(['node_uname_info', 'node_time_seconds']);
  });

  it('never fail on any text', async () => {
    const text = fc.oneof(
      fc.string(),
      fc
        .array(fc.constantFrom('cpu0', ' ', '1', '-', '\n', ':', 'kB', '__proto__', '/', '\\040', 'ext4'))
        .map((p) => p.join('')),
    );
    await fc.assert(
      fc.asyncProperty(text, async (garbage) => {
        const files = Object.fromEntries(Object.keys(FILES).map((path) => [path, garbage]));
        hostText(await collectHost(reader(files)));
        parseMounts(garbage);
      }),
    );
  });
});

describe('HostMetricsService', () => {
  function setup(host: HostReader | null, log: Log = silentLog) {
    const clock = new ManualClock();
    const sink = new MemorySink();
    const service = new HostMetricsService({
      clock,
      random: seededRandom(1),
      sink,
      metadata: sink,
      telemetry: createTelemetry(),
      log,
      tenant: 'default',
      reader: host,
    });
    return { clock, sink, service };
  }

  it('stores every 15 s, and ends the series of a device that is gone', async () => {
    let files = FILES;
    const { clock, sink, service } = setup({
      ...reader(),
      read: (path) => Promise.resolve(files[path] ?? null),
    });
    service.start();
    await vi.waitFor(() => expect(sink.of('node_load1')).toHaveLength(1), { timeout: 30_000 });
    expect(sink.samples[0]?.labels.get('instance')).toBe('box');
    expect(sink.samples[0]?.labels.get('job')).toBe('node');
    files = { ...FILES, '/proc/net/dev': '' };
    await clock.advance(15_000);
    await vi.waitFor(() => expect(sink.of('node_load1')).toHaveLength(2), { timeout: 30_000 });
    expect(
      sink.of('node_network_receive_bytes_total').filter((line) => line.startsWith('stale')),
    ).toHaveLength(2);
    await service.stop();
  });

  it('says once that another platform has none', () => {
    const info = vi.fn();
    const { service } = setup(createHostReader(new ManualClock(), 'darwin'), { ...silentLog, info });
    service.start();
    expect(info).toHaveBeenCalledExactlyOnceWith(
      { platform: process.platform },
      expect.stringContaining('Linux only'),
    );
  });
});
