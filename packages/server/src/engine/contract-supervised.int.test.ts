import { engineContract } from './testing/contract.ts';
import { openTestEngine } from './testing/open.ts';

engineContract('supervised', (tables) => openTestEngine(tables));
