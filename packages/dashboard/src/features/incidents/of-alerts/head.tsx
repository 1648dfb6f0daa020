import type { ReactNode } from 'react';
import { SectionHead, type SectionPages } from '../../../ui/section-head.tsx';

const PAGES: SectionPages = [
  { to: '/incidents', label: 'Incidents' },
  { to: '/incidents/health', label: 'Health over time' },
];

/** The title of a page of incidents, and the way to the other: what alerts said, and how services were. */
export function Head({ title, children }: { readonly title: string; readonly children?: ReactNode }) {
  return (
    <SectionHead title={title} pages={PAGES} label="Pages of incidents">
      {children}
    </SectionHead>
  );
}
