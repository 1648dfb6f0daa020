import { familyHead, sampleLine } from '../ingest/exposition/render.ts';
import { diskstats } from './collectors/diskstats.ts';
import { filefd } from './collectors/filefd.ts';
import { loadavg } from './collectors/loadavg.ts';
import { meminfo } from './collectors/meminfo.ts';
import { netdev } from './collectors/netdev.ts';
import { pressure } from './collectors/pressure.ts';
import { stat } from './collectors/stat.ts';
import { vmstat } from './collectors/vmstat.ts';
import { type HostCollector, type HostFamily, type HostSample, single } from './family.ts';
import { type FilesystemSize, filesystemFamilies, parseMounts } from './filesystems.ts';

/** What the host metrics need from the host. */
export interface HostReader {
  /** The text of a file; null when it cannot be read. */
  read(path: string): Promise<string | null>;
  /** The size of the filesystem at a mount point; null when it cannot be had in time. */
  size(mountpoint: string): Promise<FilesystemSize | null>;
  /** What uname tells. */
  uname(): {
    readonly sysname: string;
    readonly release: string;
    readonly version: string;
    readonly machine: string;
    readonly nodename: string;
  };
  /** Wall-clock milliseconds. */
  now(): number;
}

/** One entry per group of /proc files; a new group is one file and one entry. */
const COLLECTORS = {
  diskstats,
  filefd,
  loadavg,
  meminfo,
  netdev,
  pressure,
  stat,
  vmstat,
} as const satisfies Readonly<Record<string, HostCollector>>;

/** The host's mounts as its first process sees them; our own view where that is not allowed. */
const MOUNTS = ['/proc/1/mounts', '/proc/self/mounts'] as const;
const DOMAIN = '/proc/sys/kernel/domainname';

/** Metrics of the host under the names, types and labels of node_exporter 1.5. */
export async function collectHost(host: HostReader): Promise<HostFamily[]> {
  const files = await readAll(host, [
    ...Object.values(COLLECTORS).flatMap((c) => c.files),
    ...MOUNTS,
    DOMAIN,
  ]);
  const mounts = parseMounts(files.get(MOUNTS[0]) ?? files.get(MOUNTS[1]) ?? '');
  const sizes = await Promise.all(mounts.map((mount) => host.size(mount.mountpoint)));
  return [
    ...Object.values(COLLECTORS).flatMap((collector) => collector.collect(files)),
    ...filesystemFamilies(mounts, sizes),
    unameFamily(host, files.get(DOMAIN)?.trim() ?? '(none)'),
    single('node_time_seconds', 'gauge', 'The time of the host, Unix time.', host.now() / 1000),
  ].filter((family) => family.samples.length > 0);
}

async function readAll(host: HostReader, paths: readonly string[]): Promise<Map<string, string>> {
  const texts = await Promise.all(paths.map((path) => host.read(path)));
  const files = new Map<string, string>();
  paths.forEach((path, i) => {
    const text = texts[i];
    if (text != null) files.set(path, text);
  });
  return files;
}

function unameFamily(host: HostReader, domainname: string): HostFamily {
  const labels: HostSample['labels'] = Object.entries({ domainname, ...host.uname() })
    .map(([name, value]) => [name, value] as const)
    .sort(([a], [b]) => (a < b ? -1 : 1));
  return {
    name: 'node_uname_info',
    type: 'gauge',
    help: 'The operating system, as uname tells it.',
    samples: [{ labels, value: 1 }],
  };
}

/** The families as Prometheus text 0.0.4. */
export function hostText(families: readonly HostFamily[]): string {
  return families
    .map(
      (family) =>
        familyHead(family.name, family) +
        family.samples.map(({ labels, value }) => sampleLine(family.name, labels, value)).join(''),
    )
    .join('');
}
