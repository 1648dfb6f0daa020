import type { Clock } from '../../kernel/clock.ts';
import type { HostReader } from './collect.ts';
import { createLinuxReader } from './linux.ts';

export { HostMetricsService } from './service.ts';

/** The reader of this platform; null where there is none. */
export function createHostReader(
  clock: Clock,
  platform: NodeJS.Platform = process.platform,
): HostReader | null {
  return platform === 'linux' ? createLinuxReader(clock) : null;
}
