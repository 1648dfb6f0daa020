import { useMemo } from 'react';
import { colorSlots, slotColor } from '../../ui/chart/colors.ts';
import styles from './traces.module.css';

/** A CSS colour per service, the same on every page. */
export function serviceColors(services: readonly string[]): readonly string[] {
  return colorSlots(services).map(slotColor);
}

interface ServiceMarkProps {
  readonly service: string;
  /** All services that stand beside it, so that each has a colour of its own as long as there are enough. */
  readonly among: readonly string[];
}

/** A service by its name, with a mark in its colour. */
export function ServiceMark({ service, among }: ServiceMarkProps) {
  const color = useMemo(() => serviceColors(among)[among.indexOf(service)], [among, service]);
  return (
    <span className={styles['service']}>
      <i style={{ background: color ?? 'var(--ink-3)' }} aria-hidden />
      {service}
    </span>
  );
}
