import type { DashboardInput } from '../model.ts';
import {
  alarm,
  choice,
  curves,
  dial,
  EVENTS,
  figure,
  type Group,
  place,
  rows,
  SHARE,
  STACKED,
} from './build.ts';

const I = 'instance=~"$instance"';
const DISK = 'fstype!~"tmpfs|overlay|squashfs|ramfs|rootfs"';
const busy = `1 - avg by (instance) (rate(node_cpu_seconds_total{${I},mode="idle"}[$__rate_interval]))`;
const used = `1 - node_memory_MemAvailable_bytes{${I}} / node_memory_MemTotal_bytes{${I}}`;
const full = `1 - node_filesystem_avail_bytes{${I},${DISK}} / node_filesystem_size_bytes{${I},${DISK}}`;

const GROUPS: readonly Group[] = [
  {
    title: 'Now',
    panels: [
      dial('CPU busy', `max(${busy})`, {
        unit: 'percentunit',
        field: { ...alarm(0.8, 0.95), min: 0, max: 1 },
      }),
      dial('Memory used', `max(${used})`, {
        unit: 'percentunit',
        field: { ...alarm(0.8, 0.95), min: 0, max: 1 },
      }),
      dial('Fullest disk', `max(${full})`, {
        unit: 'percentunit',
        field: { ...alarm(0.8, 0.9), min: 0, max: 1 },
      }),
      figure('Machines', `count(node_load1{${I}})`, { h: 6 }),
      figure('Shortest uptime', `min(time() - node_boot_time_seconds{${I}})`, { unit: 's', h: 6 }),
      figure(
        'Load per CPU',
        `max(node_load1{${I}} / on (instance) count by (instance) (node_cpu_seconds_total{${I},mode="idle"}))`,
        { h: 6, field: alarm(1, 2) },
      ),
    ],
  },
  {
    title: 'CPU and memory',
    panels: [
      curves('CPU busy', { '{{instance}}': busy }, { unit: 'percentunit', field: SHARE }),
      curves(
        'CPU by mode',
        {
          '{{mode}}': `sum by (mode) (rate(node_cpu_seconds_total{${I},mode!="idle"}[$__rate_interval]))`,
        },
        { unit: 'short', field: STACKED },
      ),
      curves('Load', {
        '1 min, {{instance}}': `node_load1{${I}}`,
        '15 min, {{instance}}': `node_load15{${I}}`,
      }),
      curves('Memory used', { '{{instance}}': used }, { unit: 'percentunit', field: SHARE }),
      curves(
        'Memory by use',
        {
          'in use': `sum(node_memory_MemTotal_bytes{${I}} - node_memory_MemFree_bytes{${I}} - node_memory_Cached_bytes{${I}} - node_memory_Buffers_bytes{${I}})`,
          cached: `sum(node_memory_Cached_bytes{${I}})`,
          buffers: `sum(node_memory_Buffers_bytes{${I}})`,
          free: `sum(node_memory_MemFree_bytes{${I}})`,
        },
        { unit: 'bytes', field: STACKED },
      ),
      curves(
        'Tasks that waited',
        {
          'CPU, {{instance}}': `rate(node_pressure_cpu_waiting_seconds_total{${I}}[$__rate_interval])`,
          'I/O, {{instance}}': `rate(node_pressure_io_waiting_seconds_total{${I}}[$__rate_interval])`,
          'memory, {{instance}}': `rate(node_pressure_memory_waiting_seconds_total{${I}}[$__rate_interval])`,
        },
        {
          unit: 'percentunit',
          description: 'Share of the time in which some task waited for the resource (Linux PSI).',
        },
      ),
    ],
  },
  {
    title: 'Disks',
    panels: [
      rows(
        'Space',
        {
          Used: { expr: full, unit: 'percentunit' },
          Free: { expr: `node_filesystem_avail_bytes{${I},${DISK}}`, unit: 'bytes' },
          Size: { expr: `node_filesystem_size_bytes{${I},${DISK}}`, unit: 'bytes' },
        },
        { hide: ['job', '__name__', 'fstype'] },
      ),
      curves(
        'Time the disk was busy',
        { '{{instance}} {{device}}': `rate(node_disk_io_time_seconds_total{${I}}[$__rate_interval])` },
        { unit: 'percentunit', w: 12, h: 9 },
      ),
      curves(
        'Read',
        { '{{instance}} {{device}}': `rate(node_disk_read_bytes_total{${I}}[$__rate_interval])` },
        { unit: 'Bps' },
      ),
      curves(
        'Written',
        { '{{instance}} {{device}}': `rate(node_disk_written_bytes_total{${I}}[$__rate_interval])` },
        { unit: 'Bps' },
      ),
      curves(
        'Operations',
        {
          'reads, {{device}}': `rate(node_disk_reads_completed_total{${I}}[$__rate_interval])`,
          'writes, {{device}}': `rate(node_disk_writes_completed_total{${I}}[$__rate_interval])`,
        },
        { unit: 'iops' },
      ),
    ],
  },
  {
    title: 'Network',
    panels: [
      curves(
        'Received',
        {
          '{{instance}} {{device}}': `rate(node_network_receive_bytes_total{${I},device!="lo"}[$__rate_interval])`,
        },
        { unit: 'Bps' },
      ),
      curves(
        'Sent',
        {
          '{{instance}} {{device}}': `rate(node_network_transmit_bytes_total{${I},device!="lo"}[$__rate_interval])`,
        },
        { unit: 'Bps' },
      ),
      curves(
        'Errors and drops',
        {
          'errors, {{device}}': `rate(node_network_receive_errs_total{${I}}[$__rate_interval]) + rate(node_network_transmit_errs_total{${I}}[$__rate_interval])`,
          'drops, {{device}}': `rate(node_network_receive_drop_total{${I}}[$__rate_interval]) + rate(node_network_transmit_drop_total{${I}}[$__rate_interval])`,
        },
        { unit: 'pps' },
      ),
    ],
  },
];

/** Machines, as node_exporter and Pharos' own host metrics tell of them. */
export function host(): DashboardInput {
  return {
    uid: 'pharos-infrastructure-hosts',
    title: 'Infrastructure: hosts',
    description:
      "CPU, memory, disks and network of every machine, from node_exporter or Pharos' own host metrics.",
    tags: ['pharos', 'infrastructure', 'node'],
    folder: 'Ready made',
    time: { range: '1h' },
    annotations: EVENTS,
    variables: [choice('instance', 'Machine', 'label_values(node_load1, instance)')],
    panels: place(GROUPS),
  };
}
