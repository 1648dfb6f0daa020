import { Link, useSearch } from '@tanstack/react-router';
import page from '../../ui/page.module.css';
import { ArchivesView } from './archives-view.tsx';
import styles from './events.module.css';
import { RulesView } from './rules-view.tsx';
import { VIEWS } from './search.ts';
import { StreamView } from './stream-view.tsx';

const WORDS = { rules: 'Rules', archives: 'Archives' } as const;

/** A part is open when the address names it, or names none. */
const ACTIVE = { includeSearch: true, explicitUndefined: true };

/** What services said they did, and what was decided about it; the rules behind it; what was put away. */
export function EventsPage() {
  const { view } = useSearch({ from: '/events' });
  return (
    <>
      <div className={page['pageHead']}>
        <h1>Events</h1>
        <nav className={styles['views']} aria-label="Parts of this page">
          {([undefined, ...VIEWS] as const).map((one) => (
            <Link key={one ?? ''} to="/events" search={{ view: one }} activeOptions={ACTIVE}>
              {one === undefined ? 'Stream' : WORDS[one]}
            </Link>
          ))}
        </nav>
      </div>
      {view === undefined && <StreamView />}
      {view === 'rules' && <RulesView />}
      {view === 'archives' && <ArchivesView />}
    </>
  );
}
