import type { ReadyGroup } from './ready-group.ts';

/** Systems that hold no data of their own, or cannot be written to, never fill up. */
const FILE_SYSTEMS = '{fstype!~"tmpfs|devtmpfs|ramfs|overlay|squashfs|iso9660|fuse.*|nsfs"}';
const AVAILABLE = `node_filesystem_avail_bytes${FILE_SYSTEMS}`;
const SHARE = `${AVAILABLE} / node_filesystem_size_bytes${FILE_SYSTEMS}`;
const WRITABLE = `unless node_filesystem_readonly${FILE_SYSTEMS} == 1`;

export const disk: ReadyGroup = {
  interval: '5m',
  alerts: [
    {
      alert: 'DiskFullSoon',
      severity: 'warning',
      expr: `predict_linear(${AVAILABLE}[6h], 24 * 3600) < 0 and ${SHARE} < 0.4 ${WRITABLE}`,
      for: '1h',
      summary: '{{ $labels.mountpoint }} on {{ $labels.instance }} will be full within a day',
      description: 'At the pace of the last six hours nothing is left within twenty-four hours.',
    },
    {
      alert: 'DiskFull',
      severity: 'critical',
      expr: `${SHARE} < 0.05 ${WRITABLE}`,
      for: '10m',
      summary:
        '{{ $labels.mountpoint }} on {{ $labels.instance }} has {{ $value | humanizePercentage }} left',
      description: 'What writes to it will fail soon.',
    },
  ],
  runbook: {
    title: 'A disk fills up',
    means: 'A file system has little space left, or will have none within a day at its present pace.',
    look: [
      'Its curve: a steady slope is data, a step is a file that somebody left.',
      'Which directory grew, on the machine itself.',
    ],
    act: [
      'Remove what is not needed, such as old logs and images.',
      'Shorten what is kept, or enlarge the disk.',
    ],
    tune: 'Disks that are filled and emptied in turns, such as those for backups, want a rule of their own.',
  },
};
