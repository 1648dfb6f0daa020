import { type HostCollector, linesOf, numberOf } from '../family.ts';

const PATH = '/proc/diskstats';
/** RAM disks, loops, floppies and partitions: their work is counted at the whole disk. */
const IGNORED = /^(?:ram|loop|fd|(?:h|s|v|xv)d[a-z]|nvme\d+n\d+p)\d+$/;
/** The kernel counts sectors of 512 bytes whatever the device's own are. */
const SECTOR = 512;
const MILLISECOND = 0.001;

type Field = readonly [name: string, type: 'counter' | 'gauge', factor: number, help: string];

/** The columns after the device name, in the kernel's order (Documentation/admin-guide/iostats.rst). */
const FIELDS: readonly Field[] = [
  ['reads_completed_total', 'counter', 1, 'Reads completed.'],
  ['reads_merged_total', 'counter', 1, 'Reads merged into others.'],
  ['read_bytes_total', 'counter', SECTOR, 'Bytes read.'],
  ['read_time_seconds_total', 'counter', MILLISECOND, 'Seconds spent by all reads together.'],
  ['writes_completed_total', 'counter', 1, 'Writes completed.'],
  ['writes_merged_total', 'counter', 1, 'Writes merged into others.'],
  ['written_bytes_total', 'counter', SECTOR, 'Bytes written.'],
  ['write_time_seconds_total', 'counter', MILLISECOND, 'Seconds spent by all writes together.'],
  ['io_now', 'gauge', 1, 'Requests in flight.'],
  ['io_time_seconds_total', 'counter', MILLISECOND, 'Seconds with at least one request in flight.'],
  ['io_time_weighted_seconds_total', 'counter', MILLISECOND, 'Seconds of all requests in flight, summed.'],
  ['discards_completed_total', 'counter', 1, 'Discards completed.'],
  ['discards_merged_total', 'counter', 1, 'Discards merged into others.'],
  ['discarded_sectors_total', 'counter', 1, 'Sectors discarded.'],
  ['discard_time_seconds_total', 'counter', MILLISECOND, 'Seconds spent by all discards together.'],
  ['flush_requests_total', 'counter', 1, 'Flushes completed.'],
  ['flush_requests_time_seconds_total', 'counter', MILLISECOND, 'Seconds spent by all flushes together.'],
];

/** Work of each whole disk. */
export const diskstats: HostCollector = {
  files: [PATH],
  collect(files) {
    const disks = linesOf(files, PATH)
      .map((line) => line.trim().split(/\s+/))
      .filter(([, , device = '']) => device !== '' && !IGNORED.test(device));
    return FIELDS.map(([name, type, factor, help], i) => ({
      name: `node_disk_${name}`,
      type,
      help,
      samples: disks.flatMap((words) => {
        const value = numberOf(words[i + 3]);
        return value === null
          ? []
          : [{ labels: [['device', words[2] ?? ''] as const], value: scaled(value, factor) }];
      }),
    }));
  },
};

/** Dividing by 1000 keeps decimal milliseconds exact where multiplying by 0.001 does not. */
function scaled(value: number, factor: number): number {
  return factor < 1 ? value / (1 / factor) : value * factor;
}
