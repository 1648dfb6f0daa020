import { formatClock, type Zone } from '../../ui/format.ts';
import { weeklyInWords } from '../../ui/forms/opening-times.ts';
import type { MaintenanceWindow, ProbeList, ProbeRow, ProbeType } from './contracts.ts';

const DAY_MS = 86_400_000;

export const TYPE_WORD: Readonly<Record<ProbeType, string>> = {
  http: 'HTTP',
  tcp: 'TCP',
  dns: 'DNS',
  tls: 'TLS',
  icmp: 'Ping',
  heartbeat: 'Heartbeat',
};

/** Days until a certificate expires; null when none was seen. */
export function certificateDays({ certificateExpiry }: Pick<ProbeRow, 'certificateExpiry'>, now: number) {
  return certificateExpiry === null ? null : Math.floor((certificateExpiry - now) / DAY_MS);
}

/** "2 of 14 fail", or that all is well. */
export function verdict({ all, healthy, degraded, unhealthy, unknown, paused }: ProbeList['counts']): string {
  const parts = [
    unhealthy > 0 ? `${unhealthy.toLocaleString('en')} of ${all.toLocaleString('en')} fail` : '',
    degraded > 0 ? `${degraded.toLocaleString('en')} warn` : '',
    unknown > 0 ? `${unknown.toLocaleString('en')} not known yet` : '',
    paused > 0 ? `${paused.toLocaleString('en')} paused` : '',
  ].filter((part) => part !== '');
  if (unhealthy === 0 && degraded === 0 && healthy > 0)
    return [
      `all ${healthy.toLocaleString('en')} ${parts.length > 0 ? 'others are' : 'are'} well`,
      ...parts,
    ].join('; ');
  return parts.join('; ');
}

/** "3 of the last 30 looks failed". */
export function recentInWords(recent: readonly (number | null)[]): string {
  if (recent.length === 0) return 'no look yet';
  const failed = recent.filter((value) => value === null).length;
  return failed === 0
    ? `all of the last ${recent.length} looks succeeded`
    : `${failed} of the last ${recent.length} looks failed`;
}

/** What a row says beside its state: why it is unwell, or that it is about to be. */
export function remark({ reason, failing, maintenance }: ProbeRow): string {
  const words = [
    maintenance ? 'in maintenance' : '',
    reason,
    failing > 0 ? `${failing} failed ${failing === 1 ? 'look' : 'looks'} so far` : '',
  ];
  return words.filter((word) => word !== '').join('; ');
}

/** "Sun at 02:00 for 30m, Europe/Berlin"; of a single one its two ends: "22 Nov, 23:30 to 23 Nov, 01:00". */
export function whenInWords(window: MaintenanceWindow, now: number, zone: Zone): string {
  if ('from' in window) return `${momentOf(window.from, now, zone)} to ${momentOf(window.to, now, zone)}`;
  return weeklyInWords(window);
}

/** As it was written where that is no time. */
function momentOf(written: string, now: number, zone: Zone): string {
  const at = Date.parse(written);
  return Number.isNaN(at) ? written : formatClock(at, now, zone);
}

export function whomInWords({ probes, tags }: MaintenanceWindow): string {
  if (probes.length === 0 && tags.length === 0) return 'all probes';
  return [...probes, ...tags.map((tag) => `tagged ${tag}`)].join(', ');
}
