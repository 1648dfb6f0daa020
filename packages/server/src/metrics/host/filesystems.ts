import { type HostFamily, type HostSample } from './family.ts';

/** One mounted filesystem. */
export interface Mount {
  readonly device: string;
  readonly mountpoint: string;
  readonly fstype: string;
  readonly readonly: boolean;
}

/** What statfs tells; null when it failed or did not answer. */
export interface FilesystemSize {
  readonly bsize: number;
  readonly blocks: number;
  readonly bfree: number;
  readonly bavail: number;
  readonly files: number;
  readonly ffree: number;
}

/** Virtual filesystems and mounts of containers have no size that matters. */
const IGNORED_TYPES =
  /^(?:autofs|binfmt_misc|bpf|cgroup2?|configfs|debugfs|devpts|devtmpfs|fusectl|hugetlbfs|iso9660|mqueue|nsfs|overlay|proc|procfs|pstore|rpc_pipefs|securityfs|selinuxfs|squashfs|sysfs|tracefs)$/;
const IGNORED_MOUNTS =
  /^\/(?:dev|proc|run\/credentials\/.+|sys|var\/lib\/docker\/.+|var\/lib\/containers\/storage\/.+)(?:$|\/)/;

/** The mounts worth measuring, from the text of /proc/1/mounts; a mount point mounted over counts once, as its last mount. */
export function parseMounts(text: string): Mount[] {
  const mounts = new Map<string, Mount>();
  for (const line of text.split('\n')) {
    const [device, mountpoint, fstype, options] = line.split(' ');
    if (device === undefined || mountpoint === undefined || fstype === undefined || options === undefined) {
      continue;
    }
    const path = unescapeMount(mountpoint);
    if (IGNORED_TYPES.test(fstype) || IGNORED_MOUNTS.test(path)) continue;
    mounts.set(path, {
      device: unescapeMount(device),
      mountpoint: path,
      fstype,
      readonly: options.split(',').includes('ro'),
    });
  }
  return [...mounts.values()];
}

/** The kernel writes blanks, tabs, newlines and backslashes as octal. */
function unescapeMount(text: string): string {
  return text.replace(/\\([0-7]{3})/g, (_, octal: string) => String.fromCharCode(Number.parseInt(octal, 8)));
}

type Value = (size: FilesystemSize) => number;

const SIZES: readonly (readonly [name: string, help: string, value: Value])[] = [
  ['size_bytes', 'Size in bytes.', (s) => s.blocks * s.bsize],
  ['free_bytes', 'Free bytes.', (s) => s.bfree * s.bsize],
  ['avail_bytes', 'Bytes that users other than root may use.', (s) => s.bavail * s.bsize],
  ['files', 'File nodes.', (s) => s.files],
  ['files_free', 'Free file nodes.', (s) => s.ffree],
];

/** Sizes of the mounts, in order; a mount whose size is unknown shows as an error. */
export function filesystemFamilies(
  mounts: readonly Mount[],
  sizes: readonly (FilesystemSize | null)[],
): HostFamily[] {
  const labels = ({ device, fstype, mountpoint }: Mount): HostSample['labels'] => [
    ['device', device],
    ['fstype', fstype],
    ['mountpoint', mountpoint],
  ];
  const gauge = (
    name: string,
    help: string,
    value: (mount: Mount, i: number) => number | null,
  ): HostFamily => ({
    name: `node_filesystem_${name}`,
    type: 'gauge',
    help,
    samples: mounts.flatMap((mount, i) => {
      const number = value(mount, i);
      return number === null ? [] : [{ labels: labels(mount), value: number }];
    }),
  });
  const known = (i: number): FilesystemSize | null => sizes[i] ?? null;
  return [
    ...SIZES.map(([name, help, value]) =>
      gauge(name, help, (_, i) => {
        const size = known(i);
        return size === null ? null : value(size);
      }),
    ),
    gauge('readonly', 'Whether it is mounted read-only.', (mount, i) =>
      known(i) === null ? null : Number(mount.readonly),
    ),
    gauge('device_error', 'Whether its size could not be had.', (_, i) => Number(known(i) === null)),
  ];
}
