import { Link, type RegisteredRouter } from '@tanstack/react-router';
import { type ReactNode, useLayoutEffect, useRef } from 'react';
import page from './page.module.css';
import styles from './section-head.module.css';
import { useSection } from './use-section.ts';

/** The path of a page that needs nothing else to be opened. */
type PlainPath = Exclude<keyof RegisteredRouter['routesByPath'], `${string}$${string}`>;

/** Pages that stand beside each other, each with the words of its tab. */
export type SectionPages = readonly { readonly to: PlainPath; readonly label: string }[];

export interface SectionHeadProps {
  readonly title: string;
  readonly pages: SectionPages;
  /** What the row of tabs is called: "Pages of alerts". */
  readonly label: string;
  /** What stands beside the title: a sentence, filters. */
  readonly children?: ReactNode;
  /** Buttons, at the end of the line. */
  readonly actions?: ReactNode;
}

/** The time range alone goes along: filters of one list mean nothing to the others. */
const ACTIVE = { exact: true, includeSearch: false };

/** Where the row of tabs scrolls, as on a phone, the tab of this page stands in its middle as far as that goes. */
function useTabInSight(section: string | undefined) {
  const row = useRef<HTMLElement>(null);
  useLayoutEffect(() => {
    const tab = row.current?.querySelector<HTMLElement>('[aria-current="page"]');
    if (row.current === null || tab == null) return;
    const { offsetLeft, clientWidth } = row.current;
    row.current.scrollLeft = tab.offsetLeft - offsetLeft - (clientWidth - tab.offsetWidth) / 2;
  }, [section]);
  return row;
}

/** The title of one of several pages about one thing, and the way to the others. */
export function SectionHead({ title, pages, label, children, actions }: SectionHeadProps) {
  const section = useSection(pages.map(({ to }) => to));
  const row = useTabInSight(section);
  return (
    <header className={styles['head']}>
      <div className={page['pageHead']}>
        <h1>{title}</h1>
        {children}
        {actions !== undefined && <div className={styles['actions']}>{actions}</div>}
      </div>
      <nav ref={row} className={styles['tabs']} aria-label={label}>
        {pages.map(({ to, label: word }) => (
          <Link
            key={to}
            to={to}
            search={{}}
            activeOptions={ACTIVE}
            {...(to === section && { 'aria-current': 'page' as const })}
          >
            {word}
          </Link>
        ))}
      </nav>
    </header>
  );
}
