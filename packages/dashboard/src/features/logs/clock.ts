import { formatDate, type Zone } from '../../ui/format.ts';

/** `14:03:22.481`, with the day where the range has several. */
export function clockOf(at: number, zone: Zone, withDay: boolean): string {
  const clock = `${formatDate(at, 'seconds', zone)}.${String(at % 1000).padStart(3, '0')}`;
  return withDay ? `${formatDate(at, 'day', zone)} ${clock}` : clock;
}
